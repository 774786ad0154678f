package dev.sotto.model;

import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.Optional;

/// `POST {base}/chat/completions`, streamed. Thread-safe.
final class HttpLanguageModel implements LanguageModel {
    /// Events that wait to be taken; more make the provider wait.
    private static final int WAITING = 64;

    private final ModelHttp http;
    private final String model;
    private final int maxTokens;

    HttpLanguageModel(ModelHttp http, String model, int maxTokens) {
        this.http = http;
        this.model = model;
        this.maxTokens = maxTokens;
    }

    @Override
    public AnswerStream answer(ChatRequest request) {
        byte[] body = ChatWriter.write(request, model, maxTokens);
        var departure = new Departure(http.nanoTime());
        return new Stream(
                Pump.start(http.threads(), WAITING, http.meter(), into -> make(request, body, departure, into)),
                departure);
    }

    private void make(ChatRequest request, byte[] body, Departure departure, Pump<AnswerEvent> into) {
        try (var answer = http.send(new ModelHttp.Outgoing(
                "chat/completions", "application/json", "text/event-stream", () -> departure.body(body)))) {
            try {
                read(answer, new AnswerReader(request), into);
            } catch (SottoException failure) {
                answer.failed(failure);
                throw failure;
            }
        }
    }

    private void read(HttpAnswer answer, AnswerReader reader, Pump<AnswerEvent> into) {
        var events = new SseReader();
        int seen = 0;
        while (!reader.done()) {
            byte[] piece = answer.next();
            if (piece == null) {
                break;
            }
            for (String data : events.feed(piece)) {
                if (++seen > http.provider().limits().answerEvents()) {
                    throw new UnavailableException(
                            ModelError.ANSWER_TOO_LARGE,
                            "events of an answer must be at most %d"
                                    .formatted(http.provider().limits().answerEvents()));
                }
                reader.read(data).ifPresent(text -> into.put(new AnswerEvent.TextDelta(text), answer.leftNanos()));
            }
        }
        var ending = reader.ending();
        answer.succeeded();
        ending.subList(0, ending.size() - 1).forEach(event -> into.put(event, answer.leftNanos()));
        into.putLast(ending.getLast(), answer.leftNanos());
        answer.drain();
    }

    private record Stream(Pump<AnswerEvent> pump, Departure departure) implements AnswerStream {
        @Override
        public Optional<AnswerEvent> next(Duration patience) {
            return pump.next(patience);
        }

        @Override
        public long sentNanos() {
            return departure.nanos();
        }

        @Override
        public void close() {
            pump.close();
        }
    }
}
