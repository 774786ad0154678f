package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Passage;
import dev.sotto.core.SottoException;
import dev.sotto.testkit.FakePassage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AudioTest {
    private final ModelServer server = new ModelServer();
    private final FakePassage passage = RealtimeSessionTest.passage();

    @AfterEach
    void stop() {
        server.close();
    }

    private static SpeechRequest request() {
        var draft = new SpeechDraft(text("Good day."));
        return draft.allowed(new Verdict.Allowed(draft.pieces(), "test"));
    }

    private static AudioChunk utterance() {
        var samples = new short[8_000];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (i * 7);
        }
        return AudioChunk.pcm16(samples, 8_000);
    }

    private SottoException failure(boolean wav) {
        try (var endpoint = server.endpoint();
                var stream =
                        (wav ? endpoint.wavSynthesizer("m", "v") : endpoint.synthesizer("m", "v")).speak(request())) {
            return catchThrowableOfType(SottoException.class, () -> all(stream));
        }
    }

    private static List<SpeechEvent> all(SpeechStream stream) {
        var events = new ArrayList<SpeechEvent>();
        while (events.isEmpty() || !(events.getLast() instanceof SpeechEvent.Finished)) {
            events.add(stream.next(ModelServer.PATIENCE).orElseThrow());
        }
        return events;
    }

    @Test
    void transcription_sendsAWavFileThatOthersReadAndGivesItsText() throws Exception {
        server.then(
                ModelServer.whole(200, "application/json", "{\"text\":\" Grüß Gott. \",\"usage\":{}}".getBytes(UTF_8)));
        try (var endpoint = server.endpoint()) {
            assertThat(endpoint.transcriber("whisper-1", "de").transcribe(utterance(), passage))
                    .isEqualTo(text("Grüß Gott."));
        }

        var request = server.request();
        assertThat(request.target()).isEqualTo("/v1/audio/transcriptions");
        String boundary = request.contentType().substring("multipart/form-data; boundary=".length());
        String[] parts = request.body().split("--" + boundary, -1);
        assertThat(parts).hasSize(6);
        assertThat(parts[1]).isEqualTo("\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n");
        assertThat(parts[2]).contains("name=\"response_format\"\r\n\r\njson\r\n");
        assertThat(parts[3]).contains("name=\"language\"\r\n\r\nde\r\n");
        assertThat(parts[5]).isEqualTo("--\r\n");
        String file = parts[4].substring(parts[4].indexOf("\r\n\r\n") + 4, parts[4].length() - 2);
        try (var wav = AudioSystem.getAudioInputStream(new ByteArrayInputStream(file.getBytes(ISO_8859_1)))) {
            assertThat(wav.getFormat().getSampleRate()).isEqualTo(8_000);
            assertThat(wav.getFormat().getChannels()).isOne();
            assertThat(wav.readAllBytes()).isEqualTo(utterance().bytes());
        }
        assertThat(passage.units()).isEqualTo(50);
        assertThat(passage.bytes()).isEqualTo(16_000);
        assertThat(passage.closed()).isFalse();
    }

    @Test
    void transcription_underAPassageThatIsNotOpen_sendsNothing() {
        passage.shut();
        try (var endpoint = server.endpoint()) {
            var refused = catchThrowableOfType(
                    SottoException.class, () -> endpoint.transcriber("m", "").transcribe(utterance(), passage));
            assertThat(refused.code()).isEqualTo(ModelError.PASSAGE_CLOSED);
        }
        assertThat(server.waitingRequests()).isZero();
        assertThat(passage.units()).isZero();
    }

    @Test
    void transcription_whosePassageClosesOnTheWay_sendsNoMoreAudio() {
        server.then(exchange -> server.hang());
        var frames = new AtomicInteger();
        var closing = new Passage() {
            @Override
            public boolean open() {
                return frames.get() < 10;
            }

            @Override
            public void sent(long units, long bytes) {
                frames.addAndGet((int) units);
            }

            @Override
            public void close() {}
        };
        try (var endpoint = server.endpoint()) {
            var refused = catchThrowableOfType(
                    SottoException.class, () -> endpoint.transcriber("m", "").transcribe(utterance(), closing));
            assertThat(refused.code()).isEqualTo(ModelError.PASSAGE_CLOSED);
            assertThat(endpoint.health()).isEqualTo(Health.GOOD);
        }
        assertThat(frames).hasValue(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "{\"text\":7}", "[\"canary\"]", "canary"})
    void transcription_thatIsNone_isBrokenAndNotQuoted(String body) {
        server.then(ModelServer.whole(200, "application/json", body.getBytes(UTF_8)));
        try (var endpoint = server.endpoint()) {
            var broken = catchThrowableOfType(
                    SottoException.class, () -> endpoint.transcriber("m", "").transcribe(utterance(), passage));
            assertThat(broken.code()).isEqualTo(ModelError.ANSWER_BROKEN);
            assertThat(broken).hasMessageNotContaining("canary").hasNoCause();
        }
    }

    @Test
    void transcription_ofWhatIsNoUtterance_isRefused() {
        try (var endpoint = server.endpoint()) {
            var transcriber = endpoint.transcriber("m", "");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> transcriber.transcribe(AudioChunk.mulaw(new byte[160]), passage));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> transcriber.transcribe(AudioChunk.pcm16(new short[8_000 * 121], 8_000), passage));
        }
    }

    @Test
    void speech_inBarePcm_isFramesOf8KilohertzAndItsLength() {
        byte[] pcm = AudioChunk.pcm16(new short[24_000], 24_000).bytes();
        server.then(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "audio/pcm");
            exchange.sendResponseHeaders(200, 0);
            for (int at = 0; at < pcm.length; ) { // samples are cut in two
                int size = Math.min(777, pcm.length - at);
                exchange.getResponseBody().write(pcm, at, size);
                exchange.getResponseBody().flush();
                at += size;
            }
        });
        try (var endpoint = server.endpoint();
                var stream = endpoint.synthesizer("tts-1", "alloy").speak(request())) {
            var events = all(stream);
            assertThat(events).hasSize(51);
            assertThat(events.subList(0, 50))
                    .allSatisfy(event -> assertThat(event)
                            .isEqualTo(new SpeechEvent.Frame(AudioChunk.pcm16(new short[160], 8_000))));
            assertThat(events.getLast()).isEqualTo(new SpeechEvent.Finished(Duration.ofSeconds(1)));
        }
        var request = server.request();
        assertThat(request.target()).isEqualTo("/v1/audio/speech");
        assertThat(WireJson.MAPPER.readTree(request.text()))
                .isEqualTo(
                        WireJson.MAPPER.readTree(
                                "{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"Good day.\",\"response_format\":\"pcm\"}"));
    }

    private static byte[] wav(int rate, int size, byte[] samples) {
        var file = new ByteArrayOutputStream();
        byte[] header = WavHeader.of(rate, size);
        file.write(header, 0, 36);
        file.writeBytes(new byte[] {'L', 'I', 'S', 'T', 3, 0, 0, 0, 'a', 'b', 'c', 0}); // an odd chunk that is skipped
        file.write(header, 36, 8);
        file.writeBytes(samples);
        return file.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 32_000})
    void speech_inWavWithOrWithoutATrueSize_isTheSame(int size) {
        byte[] samples = AudioChunk.pcm16(new short[16_000], 16_000).bytes();
        server.then(ModelServer.whole(200, "audio/wav", wav(16_000, size, samples)));
        try (var endpoint = server.endpoint();
                var stream = endpoint.wavSynthesizer("tts-1", "alloy").speak(request())) {
            assertThat(all(stream).getLast()).isEqualTo(new SpeechEvent.Finished(Duration.ofSeconds(1)));
        }
    }

    @Test
    void wav_cutAnywhere_isReadTheSame() {
        byte[] file = wav(8_000, 640, AudioChunk.pcm16(new short[320], 8_000).bytes());
        for (int cut = 0; cut <= file.length; cut++) {
            var reader = PcmReader.wav();
            int samples = reader.feed(Arrays.copyOf(file, cut)).length
                    + reader.feed(Arrays.copyOfRange(file, cut, file.length)).length
                    + reader.finish().length;
            assertThat(samples).isEqualTo(320);
        }
    }

    @Test
    void speech_inAFormatThatIsNotTaken_isRefused() {
        byte[] stereo = wav(8_000, 4, new byte[4]);
        stereo[22] = 2;
        for (byte[] body :
                List.of(wav(22_050, 4, new byte[4]), wav(0, 4, new byte[4]), stereo, "ID3 nonsense".getBytes(UTF_8))) {
            server.then(ModelServer.whole(200, "audio/wav", body));
        }
        for (int i = 0; i < 4; i++) {
            assertThat(failure(true).code()).isEqualTo(ModelError.AUDIO_FORMAT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/json", "audio/mpeg"})
    void speech_thatIsNoSound_isNotPlayed(String type) {
        server.then(ModelServer.whole(200, type, new byte[4_800]));

        assertThat(failure(false).code()).isEqualTo(ModelError.AUDIO_FORMAT);
    }

    @Test
    void speech_thatIsCutOrEmpty_fails() {
        server.then(ModelServer.whole(200, "audio/pcm", new byte[0]));
        assertThat(failure(false).code()).isEqualTo(ModelError.ANSWER_CUT);
        server.then(ModelServer.whole(200, "audio/pcm", new byte[481]));
        server.then(ModelServer.whole(200, "audio/pcm", new byte[481]));
        assertThat(failure(false).code()).isEqualTo(ModelError.ANSWER_CUT);
    }

    @Test
    void audio_printsNothingOfItself() {
        assertThat(utterance()).hasToString("AudioChunk[PCM16, PT1S]");
        assertThat(AudioChunk.mulaw(new byte[80]).length()).isEqualTo(Duration.ofMillis(10));
    }
}
