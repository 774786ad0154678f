package dev.sotto.agent;

import dev.sotto.core.DeniedException;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AllowedMessage;
import dev.sotto.model.AnswerEvent;
import dev.sotto.model.AudioChunk;
import dev.sotto.model.ChatRequest;
import dev.sotto.model.Message;
import dev.sotto.model.ModelError;
import dev.sotto.model.RealtimeEvent;
import dev.sotto.model.RealtimeEvent.Part;
import dev.sotto.model.RealtimeEvent.Status;
import dev.sotto.model.RealtimeSession;
import dev.sotto.model.ToolCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A realtime provider that does what a test says, and remembers what it was told. Thread-safe.
final class FakeRealtime implements GatedModels.Sessions {
    private static final long PATIENCE_SECONDS = 10;
    /// What a letter of an answer sounds like: 75 ms, as people speak.
    static final int LETTER_BYTES = 600;

    private final LinkedBlockingQueue<Session> opened = new LinkedBlockingQueue<>();
    private final AtomicInteger down = new AtomicInteger();
    volatile CountDownLatch opens = new CountDownLatch(0);

    @Override
    public RealtimeSession open(ChatRequest request, Passage passage) {
        try {
            opens.await();
        } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(ModelError.INTERRUPTED, "interrupted");
        }
        if (down.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new UnavailableException(ModelError.CONNECT_FAILED, "down");
        }
        var session = new Session(request, passage);
        opened.add(session);
        return session;
    }

    /// The next sessions cannot be opened.
    void downFor(int sessions) {
        down.set(sessions);
    }

    /// The next session that is opened.
    Session next() throws InterruptedException {
        var session = opened.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (session == null) {
            throw new AssertionError("no session was opened");
        }
        return session;
    }

    boolean none() {
        return opened.isEmpty();
    }

    static String words(Message message) {
        return switch (message) {
            case Message.Caller(SensitiveText text) -> "caller: " + text.reveal();
            case Message.Agent(SensitiveText text, List<ToolCall> calls) ->
                "agent: " + text.reveal()
                        + (calls.isEmpty()
                                ? ""
                                : calls.stream().map(ToolCall::name).toList());
            case Message.ToolResult(String id, SensitiveText result) -> "tool " + id + ": " + result.reveal();
        };
    }

    static final class Session implements RealtimeSession {
        final List<String> conversation = new ArrayList<>();
        final List<AudioChunk> frames = new CopyOnWriteArrayList<>();
        private final Passage passage;
        private final LinkedBlockingQueue<RealtimeEvent> events = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<String> acts = new LinkedBlockingQueue<>();
        private volatile SottoException failure;

        private Session(ChatRequest request, Passage passage) {
            this.passage = passage;
            conversation.add(request.instructions().reveal());
            request.messages().forEach(message -> conversation.add(words(message)));
        }

        Session happens(RealtimeEvent... what) {
            events.addAll(List.of(what));
            return this;
        }

        boolean allTaken() {
            return events.isEmpty();
        }

        void breaks(ErrorCode code) {
            failure = new UnavailableException(code, "broken");
        }

        /// What the provider is told next.
        String told() throws InterruptedException {
            var act = acts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (act == null) {
                throw new AssertionError("the provider was told nothing");
            }
            return act;
        }

        boolean toldNothing() {
            return acts.isEmpty();
        }

        /// An utterance of 600 ms that ended as late in what was sent.
        Session hears(String item, String text) {
            return happens(
                    new RealtimeEvent.SpeechStarted(item, Duration.ofMillis(100)),
                    new RealtimeEvent.SpeechStopped(item, Duration.ofMillis(700)),
                    new RealtimeEvent.Committed(item),
                    new RealtimeEvent.HeardPartly(item, SensitiveText.of("guess")),
                    new RealtimeEvent.Heard(item, 0, SensitiveText.of(text)));
        }

        Session begins(String response) {
            return happens(new RealtimeEvent.ResponseStarted(response));
        }

        static Part part(String response) {
            return new Part(response, "item-" + response, 0, 0);
        }

        static RealtimeEvent sound(String response, int bytes) {
            return new RealtimeEvent.AgentAudio(part(response), AudioChunk.mulaw(new byte[bytes]));
        }

        static RealtimeEvent says(String response, String words) {
            return new RealtimeEvent.AgentWords(part(response), SensitiveText.of(words));
        }

        static RealtimeEvent said(String response, String all) {
            return new RealtimeEvent.AgentWordsEnded(part(response), SensitiveText.of(all));
        }

        static RealtimeEvent soundEnds(String response) {
            return new RealtimeEvent.AgentAudioEnded(part(response));
        }

        static RealtimeEvent ends(String response, Status status) {
            return new RealtimeEvent.ResponseEnded(response, status, new AnswerEvent.Usage(1, 1));
        }

        static RealtimeEvent asks(String response, String id, String tool, String arguments) {
            return new RealtimeEvent.ToolAsked(response, new ToolCall(id, tool, SensitiveText.of(arguments)));
        }

        /// A whole response.
        Session answers(String response, String words) {
            int letters = Math.toIntExact(
                    words.chars().filter(Character::isLetterOrDigit).count());
            return begins(response)
                    .happens(
                            says(response, words),
                            sound(response, letters * LETTER_BYTES),
                            soundEnds(response),
                            said(response, words),
                            ends(response, Status.COMPLETED));
        }

        @Override
        public Optional<RealtimeEvent> next(Duration patience) {
            try {
                var event = events.poll(patience.toNanos() / (failure == null ? 1 : 1_000), TimeUnit.NANOSECONDS);
                if (event == null && failure != null) {
                    throw failure;
                }
                return Optional.ofNullable(event);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }

        @Override
        public Hearing hear(AudioChunk frame) {
            if (failure != null) {
                return Hearing.ENDED;
            }
            if (!passage.open()) {
                failure = new DeniedException(ModelError.PASSAGE_CLOSED, "the passage is not open");
                return Hearing.REFUSED;
            }
            passage.sent(1, frame.sizeBytes());
            frames.add(frame);
            return Hearing.TAKEN;
        }

        @Override
        public void commit() {
            acts.add("commit");
        }

        @Override
        public void forget() {
            acts.add("forget");
        }

        @Override
        public void tell(AllowedMessage message) {
            acts.add("tell " + words(message.message()));
        }

        @Override
        public void replace(String itemId, AllowedMessage message) {
            acts.add("replace " + itemId + " " + words(message.message()));
        }

        @Override
        public void delete(String itemId) {
            acts.add("delete " + itemId);
        }

        @Override
        public void retrieve(String itemId) {
            acts.add("retrieve " + itemId);
        }

        @Override
        public void truncate(String itemId, int contentIndex, Duration heard) {
            acts.add("truncate %s %d %d".formatted(itemId, contentIndex, heard.toMillis()));
        }

        @Override
        public void respond() {
            acts.add("respond");
        }

        @Override
        public void cancel(String responseId) {
            acts.add("cancel " + responseId);
        }

        @Override
        public void clearOutput() {
            acts.add("clear output");
        }

        @Override
        public void instruct(ChatRequest request) {
            acts.add("instruct");
        }

        @Override
        public void close() {
            failure = new UnavailableException(ModelError.CANCELLED, "closed");
        }
    }
}
