package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.Mulaw;
import dev.sotto.model.AllowedMessage;
import dev.sotto.model.AudioChunk;
import dev.sotto.model.Message;
import dev.sotto.model.RealtimeEvent;
import dev.sotto.model.RealtimeEvent.Part;
import dev.sotto.model.RealtimeSession;
import dev.sotto.model.ToolCall;
import dev.sotto.model.TurnDraft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One answer of a realtime model: what is new goes through the guard, a response is asked for, its words are judged
/// sentence by sentence while its sound waits, and the tools it asks for are run. [#run] reads like the answer goes;
/// everything else is called while it runs and waits for nothing. Thread-safe.
final class GatedAnswer {
    /// What a caller is to hear, as a destination and a purpose.
    static final String VOICE = "local-voice";

    private static final long LOOK_MILLIS = 200;

    private sealed interface Step {
        /// A sentence is to be judged.
        record Sentence(Part part, SensitiveText text) implements Step {}

        /// All words of a part were sent to be judged.
        record Whole(Part part) implements Step {}

        /// The response is over.
        record Ended(RealtimeEvent.Status status, List<ToolCall> calls) implements Step {}

        /// Another session is there; what was asked in an older one is lost.
        record Reopened(long session) implements Step {}

        /// Nothing more is of interest.
        record Over() implements Step {}

        /// It cannot go on.
        record Failed(SottoException why) implements Step {}
    }

    private final GatedTalk.Shared shared;
    private final long generation;
    private final long began = System.nanoTime();
    private final LinkedBlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    // Of the thread that runs it.
    private int requests;
    private int toolCalls;
    private long session;
    // Guarded by this.
    private final Map<Part, HeldSpeech> parts = new LinkedHashMap<>();
    private final Map<Long, HeldSpeech> spoken = new HashMap<>();
    private List<ToolCall> calls = new ArrayList<>();
    private int sentences;
    private long characters;
    private @Nullable Long firstSound;
    private @Nullable Long firstWhole;
    private @Nullable Long firstSentence;
    private boolean measured;
    private boolean failing;
    private boolean over;

    GatedAnswer(GatedTalk.Shared shared, long generation) {
        this.shared = shared;
        this.generation = generation;
    }

    /// Whether nothing of it is wanted any more.
    synchronized boolean over() {
        return over;
    }

    /// Nothing of it is wanted any more.
    void cancel() {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        steps.add(new Step.Over());
        shared.responding().cancel(this);
    }

    // ---- its course

    /// Answers what is new. Blocks until it is over.
    ///
    /// @throws SottoException if it cannot go on
    void run() throws InterruptedException {
        try {
            boolean on = ask(false);
            while (on && !over()) {
                var step = steps.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                on = step == null || take(step);
            }
        } finally {
            shared.history().answered(List.of());
        }
    }

    private boolean take(Step step) throws InterruptedException {
        return switch (step) {
            case Step.Sentence(Part part, SensitiveText text) -> passed(part, text) || blocked();
            case Step.Whole(Part part) -> wholePassed(part) || blocked();
            case Step.Ended(RealtimeEvent.Status status, List<ToolCall> asked) -> ended(status, asked);
            case Step.Reopened(long now) -> now <= session || ask(true);
            case Step.Over _ -> false;
            case Step.Failed(SottoException why) -> throw why;
        };
    }

    /// Asks for a response, as one disclosure with what is new.
    ///
    /// @param again whether what was asked before was answered in part only
    private boolean ask(boolean again) throws InterruptedException {
        if (over()) {
            return false;
        }
        var fresh = shared.words().take();
        if (fresh.isEmpty() && !again && !shared.history().unanswered()) {
            return finished(new AnswerEnd.Said());
        }
        var draft = new TurnDraft(
                fresh.isEmpty()
                        ? List.of(shared.history().messages().getLast())
                        : fresh.stream().map(CallerWords.New::message).toList());
        var verdict = shared.guard()
                .decide(shared.models().destination(), DataClass.TURN_CONTEXT, GatedLine.PURPOSE, draft.pieces());
        var open = shared.line().await();
        session = open.number();
        shared.cutUnheard(this);
        if (verdict.isEmpty()) {
            fresh.stream()
                    .filter(one -> !one.item().isEmpty() && one.session() == session)
                    .forEach(one -> open.session().delete(one.item()));
            return finished(new AnswerEnd.Blocked());
        }
        var allowed = draft.allowed(verdict.get());
        for (int i = 0; i < fresh.size(); i++) {
            if (fresh.get(i).message() instanceof Message.Caller(SensitiveText text)) {
                shared.history().caller(text);
            }
            tell(fresh.get(i), allowed.get(i), open);
        }
        requests++;
        synchronized (this) {
            calls = new ArrayList<>();
            sentences = 0;
            characters = 0;
            firstSound = null;
            firstWhole = null;
            firstSentence = null;
            measured = false;
        }
        shared.history().answering();
        if (requests == 1) {
            shared.meter().time("agent.gated.before_response", Duration.ofNanos(System.nanoTime() - began));
        }
        shared.responding().ask(this, open.session());
        return true;
    }

    /// What the provider heard stays as it heard it, unless the guard changed it: then the words stand in its place.
    private static void tell(CallerWords.New fresh, AllowedMessage allowed, GatedLine.Open open) {
        boolean heard = !fresh.item().isEmpty() && fresh.session() == open.number();
        if (!heard) {
            open.session().tell(allowed);
        } else if (!allowed.message().equals(fresh.message())) {
            open.session().replace(fresh.item(), allowed);
        }
    }

    /// Judges a sentence. It is played as it is or not at all: nobody can change a word in it.
    private boolean passed(Part part, SensitiveText sentence) {
        var words = SensitiveText.of(sentence.reveal().strip());
        if (words.isEmpty()) {
            return true;
        }
        boolean unchanged = shared.guard()
                .decide(VOICE, DataClass.TRANSCRIPT, SpeechMouth.PURPOSE, List.of(words))
                .filter(allowed -> allowed.pieces().getFirst().equals(words))
                .isPresent();
        if (!unchanged) {
            return false;
        }
        var shown = shared.guard().said(words);
        long number = shared.history().saying(sentence);
        synchronized (this) {
            var held = held(part);
            spoken.put(number, held);
            firstSentence = firstSentence == null ? Long.valueOf(number) : firstSentence;
            held.passed(number, shown, sentence);
            release(held);
        }
        return true;
    }

    private synchronized boolean wholePassed(Part part) {
        var held = held(part);
        if (held.wordless()) {
            return false;
        }
        held.allPassed();
        release(held);
        return true;
    }

    private synchronized boolean wordless() {
        return parts.values().stream().anyMatch(HeldSpeech::wordless);
    }

    private synchronized void release(HeldSpeech held) {
        var since = held.waitingSince();
        var pieces = over ? List.<Spoken>of() : held.take();
        if (pieces.isEmpty()) {
            return;
        }
        since.ifPresent(arrived ->
                shared.meter().time("agent.gated.hold", Duration.ofNanos(Math.max(0, System.nanoTime() - arrived))));
        pieces.forEach(piece -> shared.loop().accept(new CallEvent.Voiced(generation, piece)));
    }

    /// Nothing more of it is said, and the model is stopped.
    private boolean blocked() {
        shared.meter().count("agent.gated.blocked");
        finished(new AnswerEnd.Blocked());
        cancel();
        return false;
    }

    private boolean ended(RealtimeEvent.Status status, List<ToolCall> asked) throws InterruptedException {
        if (status == RealtimeEvent.Status.FAILED || status == RealtimeEvent.Status.OTHER) {
            throw new UnavailableException(AgentError.ANSWER_FAILED, "the model ended its answer as failed");
        }
        if (wordless()) {
            return blocked();
        }
        // An answer that was cut at its length asks for nothing.
        var wanted = status == RealtimeEvent.Status.COMPLETED ? asked : List.<ToolCall>of();
        shared.history().answered(wanted);
        if (wanted.isEmpty()) {
            return finished(new AnswerEnd.Said());
        }
        Optional<AnswerEnd> moved = Optional.empty();
        for (ToolCall call : wanted) {
            // Every call has its answer, also those that came to nothing.
            var result = moved.isPresent() || ++toolCalls > Dialogue.MAX_TOOL_CALLS
                    ? new ToolResult.Refused(ToolResult.Why.TOO_MANY_AT_ONCE)
                    : shared.tools()
                            .run(
                                    call,
                                    (name, done, took) ->
                                            shared.loop().accept(new CallEvent.ToolRan(name, done, took)));
            var json = ToolJson.of(result);
            shared.history().result(call.id(), json);
            shared.words().result(call.id(), json);
            if (GuardedTools.moves(result)) {
                moved = Optional.of(new AnswerEnd.Moved(result));
            }
        }
        if (moved.isPresent()) {
            return finished(moved.get());
        }
        return requests < Dialogue.MAX_REQUESTS ? ask(false) : finished(new AnswerEnd.Said());
    }

    private boolean finished(AnswerEnd end) {
        if (!over()) {
            shared.loop().accept(new CallEvent.Answered(generation, end));
        }
        return false;
    }

    // ---- what the provider and the call tell of it

    synchronized void audio(Part part, AudioChunk chunk) {
        if (over) {
            return;
        }
        long now = System.nanoTime();
        firstSound = firstSound == null ? Long.valueOf(now) : firstSound;
        byte[] mulaw = chunk.encoding() == AudioChunk.Encoding.MULAW ? chunk.bytes() : Mulaw.encode(chunk.samples());
        var held = held(part);
        if (held.audio(mulaw, now)) {
            release(held);
        } else {
            failed(Dialogue.tooLong());
        }
    }

    synchronized void audioEnded(Part part) {
        var held = held(part);
        held.audioEnded();
        release(held);
    }

    synchronized void words(Part part, SensitiveText more) {
        characters += more.length();
        if (characters > Dialogue.MAX_CHARACTERS) {
            failed(Dialogue.tooLong());
            return;
        }
        judge(part, held(part).words(more));
    }

    synchronized void wordsEnded(Part part, SensitiveText all) {
        judge(part, held(part).wordsEnded(all));
        steps.add(new Step.Whole(part));
    }

    private void judge(Part part, List<SensitiveText> whole) {
        for (var sentence : whole) {
            firstWhole = firstWhole == null ? Long.valueOf(System.nanoTime()) : firstWhole;
            if (++sentences > Dialogue.MAX_SENTENCES) {
                failed(Dialogue.tooLong());
                return;
            }
            steps.add(new Step.Sentence(part, sentence));
        }
    }

    private HeldSpeech held(Part part) {
        return parts.computeIfAbsent(part, _ -> new HeldSpeech());
    }

    synchronized void asked(ToolCall call) {
        calls.add(call);
    }

    synchronized void ended(RealtimeEvent.Status status) {
        steps.add(new Step.Ended(status, List.copyOf(calls)));
    }

    synchronized void failed(SottoException why) {
        if (!failing) {
            failing = true;
            steps.add(new Step.Failed(why));
        }
    }

    /// The session broke: what of it is not judged by now is lost.
    synchronized void broken() {
        steps.removeIf(step -> !(step instanceof Step.Over));
        parts.values().forEach(HeldSpeech::drop);
    }

    void reopened(long number) {
        steps.add(new Step.Reopened(number));
    }

    /// The first frame of a sentence was written to the socket.
    synchronized void begun(long sentence, long nanos) {
        if (!measured
                && firstSound != null
                && firstWhole != null
                && Long.valueOf(sentence).equals(firstSentence)) {
            measured = true;
            long there = Math.max(firstSound, firstWhole);
            shared.meter().time("agent.gated.audio_to_frame", Duration.ofNanos(Math.max(0, nanos - there)));
        }
    }

    /// The caller heard so much of a sentence.
    synchronized void heard(long sentence, Duration length) {
        var held = spoken.get(sentence);
        if (held != null) {
            held.heard(length);
        }
    }

    /// Tells the provider what of it was not heard.
    synchronized void cut(RealtimeSession open) {
        parts.forEach((part, held) -> held.cut().ifPresent(heard -> {
            if (heard.isZero()) {
                open.delete(part.itemId());
            } else {
                open.truncate(part.itemId(), part.contentIndex(), heard);
            }
        }));
    }

    /// Whether sound has waited longer for its words than it may.
    synchronized boolean heldTooLong(Duration longest) {
        long now = System.nanoTime();
        return !over
                && parts.values().stream()
                        .flatMap(held -> held.waitingSince().stream())
                        .anyMatch(since -> now - since > longest.toNanos());
    }
}
