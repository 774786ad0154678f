package dev.sotto.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.net.http.HttpRequest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;

/// `POST {base}/audio/transcriptions` with the utterance as a WAV file. Thread-safe; blocks.
final class HttpTranscriber implements Transcriber {
    private static final int MAX_TEXT_CHARACTERS = 64 << 10;
    private static final int FRAMES_A_SECOND = 50;
    private static final int BOUNDARY_BYTES = 16;

    private final ModelHttp http;
    private final String model;
    private final String language;
    private final String user;
    private final RandomGenerator random;

    HttpTranscriber(ModelHttp http, String model, String language, String user, RandomGenerator random) {
        this.http = http;
        this.model = model;
        this.language = language;
        this.user = user;
        this.random = random;
    }

    @Override
    public SensitiveText transcribe(AudioChunk utterance, Passage passage) {
        if (utterance.encoding() != AudioChunk.Encoding.PCM16
                || utterance.length().compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("utterance must be PCM16 of at most %s".formatted(LONGEST));
        }
        try {
            return asked(utterance, passage);
        } catch (SottoException failure) {
            throw ModelHttp.counted(http.meter(), failure);
        }
    }

    private SensitiveText asked(AudioChunk utterance, Passage passage) {
        requireOpen(passage);
        var random16 = new byte[BOUNDARY_BYTES];
        random.nextBytes(random16);
        String boundary = "sotto-" + HexFormat.of().formatHex(random16);
        byte[] head = head(boundary);
        byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(UTF_8);
        long length = (long) head.length + WavHeader.SIZE_BYTES + utterance.sizeBytes() + tail.length;
        try (var answer = http.send(new ModelHttp.Outgoing(
                "audio/transcriptions",
                "multipart/form-data; boundary=" + boundary,
                "application/json",
                () -> HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofByteArrays(() -> new Parts(head, utterance, tail, passage)),
                        length)))) {
            try {
                var text = text(answer.all());
                answer.succeeded();
                return text;
            } catch (SottoException failure) {
                answer.failed(failure);
                throw failure;
            }
        }
    }

    private byte[] head(String boundary) {
        var head = new StringBuilder();
        field(head, boundary, "model", model);
        field(head, boundary, "response_format", "json");
        if (!language.isEmpty()) {
            field(head, boundary, "language", language);
        }
        if (!user.isEmpty()) {
            field(head, boundary, "user", user);
        }
        head.append("--").append(boundary).append("\r\n");
        head.append("Content-Disposition: form-data; name=\"file\"; filename=\"utterance.wav\"\r\n");
        head.append("Content-Type: audio/wav\r\n\r\n");
        return head.toString().getBytes(UTF_8);
    }

    private static void field(StringBuilder head, String boundary, String name, String value) {
        head.append("--").append(boundary).append("\r\n");
        head.append("Content-Disposition: form-data; name=\"").append(name).append("\"\r\n\r\n");
        head.append(value).append("\r\n");
    }

    private static SensitiveText text(byte[] body) {
        try {
            var answer = WireJson.MAPPER.readTree(body);
            var text = answer.path("text");
            if (text.isString() && text.stringValue().length() <= MAX_TEXT_CHARACTERS) {
                return SensitiveText.of(text.stringValue().strip());
            }
        } catch (JacksonException notJson) {
            // Its message may hold what was said, so it is not passed on.
        }
        throw new UnavailableException(
                ModelError.ANSWER_BROKEN,
                "a transcription must be JSON with a text of at most %d characters".formatted(MAX_TEXT_CHARACTERS));
    }

    static void requireOpen(Passage passage) {
        if (!passage.open()) {
            throw SessionSender.passageClosed();
        }
    }

    /// The body, 20 ms at a time, as long as the passage is open.
    private static final class Parts implements Iterator<byte[]> {
        private final byte[] head;
        private final byte[] header;
        private final byte[] audio;
        private final byte[] tail;
        private final int frameBytes;
        private final Passage passage;
        private int part;
        private int at;

        Parts(byte[] head, AudioChunk utterance, byte[] tail, Passage passage) {
            this.head = head;
            this.header = WavHeader.of(utterance.rateHertz(), utterance.sizeBytes());
            this.audio = utterance.bytes();
            this.tail = tail;
            this.frameBytes = Math.max(1, utterance.rateHertz() / FRAMES_A_SECOND) * Short.BYTES;
            this.passage = passage;
        }

        @Override
        public boolean hasNext() {
            return part < 4;
        }

        @Override
        public byte[] next() {
            return switch (part) {
                case 0 -> {
                    part = 1;
                    yield head;
                }
                case 1 -> {
                    part = audio.length == 0 ? 3 : 2;
                    yield header;
                }
                case 2 -> frame();
                case 3 -> {
                    part = 4;
                    yield tail;
                }
                default -> throw new NoSuchElementException();
            };
        }

        private byte[] frame() {
            requireOpen(passage);
            int size = Math.min(frameBytes, audio.length - at);
            byte[] frame = Arrays.copyOfRange(audio, at, at + size);
            at += size;
            part = at == audio.length ? 3 : 2;
            passage.sent(1, size);
            return frame;
        }
    }
}
