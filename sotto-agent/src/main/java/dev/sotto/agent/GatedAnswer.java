package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AllowedMessage;
import dev.sotto.model.AudioChunk;
import dev.sotto.model.Message;
import dev.sotto.model.RealtimeEvent;
import dev.sotto.model.RealtimeEvent.Part;
import dev.sotto.model.ToolCall;
import dev.sotto.model.TurnDraft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

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
    private final AnswerSpeech speech;
    // Guarded by this.
    private List<ToolCall> calls = new ArrayList<>();
    private boolean failing;
    private boolean over;

    GatedAnswer(GatedTalk.Shared shared, long generation) {
        this.shared = shared;
        this.generation = generation;
        this.speech = new AnswerSpeech(
                piece -> shared.loop().accept(new CallEvent.Voiced(generation, piece)), shared.meter());
    }

    AnswerSpeech speech() {
        return speech;
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
        speech.silence();
        steps.add(new Step.Over());
        shared.responding().cancel(this);
    }

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
            case Step.Whole(Part part) -> speech.allPassed(part) || blocked();
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
        }
        speech.begin();
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
                .decide(VOICE, DataClass.TRANSCRIPT, Mouth.PURPOSE, List.of(words))
                .filter(allowed -> allowed.pieces().getFirst().equals(words))
                .isPresent();
        if (!unchanged) {
            return false;
        }
        var shown = shared.guard().said(words);
        speech.passed(part, shared.history().saying(sentence), shown, sentence);
        return true;
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
        if (speech.wordless()) {
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

    void audio(Part part, AudioChunk chunk) {
        if (!speech.audio(part, chunk)) {
            failed(Dialogue.tooLong());
        }
    }

    void words(Part part, SensitiveText more) {
        judge(part, speech.words(part, more));
    }

    void wordsEnded(Part part, SensitiveText all) {
        judge(part, speech.wordsEnded(part, all));
        steps.add(new Step.Whole(part));
    }

    private void judge(Part part, List<SensitiveText> whole) {
        if (speech.tooLong()) {
            failed(Dialogue.tooLong());
        } else {
            whole.forEach(sentence -> steps.add(new Step.Sentence(part, sentence)));
        }
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
    void broken() {
        steps.removeIf(step -> !(step instanceof Step.Over));
        speech.drop();
    }

    /// There is another session.
    void reopened(long number) {
        steps.add(new Step.Reopened(number));
    }
}
