package dev.sotto.model;

import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// `POST {base}/audio/speech`, streamed. Thread-safe.
final class HttpSynthesizer implements Synthesizer {
    /// 2 s of audio wait to be taken; more makes the provider wait.
    private static final int WAITING = 100;
    private static final int FRAME_SAMPLES = FirResampler.NARROW_RATE_HERTZ / 50;
    private static final int FRAME_MILLIS = 20;

    private final ModelHttp http;
    private final String model;
    private final String voice;
    private final boolean wav;

    HttpSynthesizer(ModelHttp http, String model, String voice, boolean wav) {
        this.http = http;
        this.model = model;
        this.voice = voice;
        this.wav = wav;
    }

    @Override
    public SpeechStream speak(SpeechRequest request) {
        byte[] body = body(request);
        var departure = new Departure(http.nanoTime());
        return new Stream(
                Pump.start(http.threads(), WAITING, http.meter(), into -> make(body, departure, into)), departure);
    }

    private byte[] body(SpeechRequest request) {
        var bytes = new ByteArrayOutputStream();
        try (var json = WireJson.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringProperty("model", model);
            json.writeStringProperty("voice", voice);
            json.writeStringProperty("input", request.text().reveal());
            json.writeStringProperty("response_format", wav ? "wav" : "pcm");
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private void make(byte[] body, Departure departure, Pump<SpeechEvent> into) {
        try (var answer = http.send(new ModelHttp.Outgoing(
                "audio/speech",
                "application/json",
                wav ? "audio/wav" : "audio/pcm, application/octet-stream",
                () -> departure.body(body)))) {
            try {
                requireAudio(answer.mediaType());
                read(answer, into);
            } catch (SottoException failure) {
                answer.failed(failure);
                throw failure;
            }
        }
    }

    /// A page or an error is not to be played.
    private static void requireAudio(String mediaType) {
        if (mediaType.startsWith("text/") || mediaType.equals("application/json") || mediaType.equals("audio/mpeg")) {
            throw new UnavailableException(ModelError.AUDIO_FORMAT, "speech must be PCM or WAV");
        }
    }

    private void read(HttpAnswer answer, Pump<SpeechEvent> into) {
        var reader = wav ? PcmReader.wav() : PcmReader.bare();
        var frames = new Frames(answer, into);
        for (byte[] piece = answer.next(); piece != null; piece = answer.next()) {
            frames.add(reader.feed(piece));
        }
        frames.add(reader.finish());
        if (frames.total == 0) {
            throw new UnavailableException(ModelError.ANSWER_CUT, "the speech holds no sound");
        }
        answer.succeeded();
        frames.finish();
    }

    /// Cuts samples into frames.
    private static final class Frames {
        private final HttpAnswer answer;
        private final Pump<SpeechEvent> into;
        private final short[] frame = new short[FRAME_SAMPLES];
        private int filled;
        private long total;

        Frames(HttpAnswer answer, Pump<SpeechEvent> into) {
            this.answer = answer;
            this.into = into;
        }

        void add(short[] samples) {
            total += samples.length;
            for (int at = 0; at < samples.length; ) {
                int some = Math.min(FRAME_SAMPLES - filled, samples.length - at);
                System.arraycopy(samples, at, frame, filled, some);
                at += some;
                filled += some;
                if (filled == FRAME_SAMPLES) {
                    put();
                }
            }
        }

        private void put() {
            var audio = AudioChunk.pcm16(Arrays.copyOf(frame, filled), FirResampler.NARROW_RATE_HERTZ);
            filled = 0;
            into.put(new SpeechEvent.Frame(audio), answer.leftNanos());
        }

        void finish() {
            if (filled > 0) {
                put();
            }
            into.putLast(
                    new SpeechEvent.Finished(Duration.ofMillis(total * FRAME_MILLIS / FRAME_SAMPLES)),
                    answer.leftNanos());
        }
    }

    private record Stream(Pump<SpeechEvent> pump, Departure departure) implements SpeechStream {
        @Override
        public Optional<SpeechEvent> next(Duration patience) {
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
