package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/audio/transcriptions`, which hears what the scene says is heard next whatever the sound is, and `POST
/// /v1/audio/speech`. Thread-safe.
final class AudioEndpoint {
    /// What an upload may be, as at the real service.
    static final int MOST_UPLOAD_BYTES = 25 << 20;

    private static final int MOST_INPUT = 4_096;
    private static final int MOST_FIELDS = 32;
    private static final int PIECE_MILLISECONDS = 100;
    private static final int PCM_RATE_HERTZ = 24_000;
    private static final String INVALID = "invalid_request_error";

    private final Studio studio;

    AudioEndpoint(Studio studio) {
        this.studio = studio;
    }

    /// The fields of a multipart form, and how large its file is.
    private record Form(Map<String, String> fields, int fileBytes) {
        String field(String name) {
            return fields.getOrDefault(name, "");
        }
    }

    /// @param pathKey the call that the address names, or empty
    void transcribe(Exchange exchange, FullHttpRequest request, String pathKey) {
        var read = form(request);
        if (read.isEmpty()) {
            exchange.error(
                    HttpResponseStatus.BAD_REQUEST, INVALID, "invalid_value", "the body is not a multipart form");
            return;
        }
        Form form = read.get();
        if (form.fileBytes() == 0 || form.field("model").isEmpty()) {
            exchange.error(
                    HttpResponseStatus.BAD_REQUEST,
                    INVALID,
                    "missing_required_parameter",
                    "file and model are required");
            return;
        }
        Fault fault = studio.faults().take(Service.TRANSCRIPTION);
        if (fault != null && HttpFault.refuses(exchange, fault)) {
            return;
        }
        String key = pathKey.isEmpty() ? ChatRequest.key(form.field("user")) : pathKey;
        Scene.Heard heard = studio.hearings().next(studio.scene(form.field("model")), key);
        if (form.field("stream").equals("true")) {
            stream(exchange, heard, fault);
        } else if (fault != null && fault.kind() == Fault.Kind.NEVER_FINAL) {
            HttpFault.whole(exchange, Fault.of(Fault.Kind.STALL), "application/json", new byte[0]);
        } else {
            whole(exchange, heard, form.field("response_format"), fault);
        }
    }

    private static void whole(Exchange exchange, Scene.Heard heard, String format, @Nullable Fault fault) {
        switch (format) {
            case "", "json" -> {
                ObjectNode body = Json.object().put("text", heard.text());
                body.set("usage", usage(heard));
                HttpFault.whole(
                        exchange, fault, "application/json", Json.write(body).getBytes(UTF_8));
            }
            case "text" ->
                HttpFault.whole(exchange, fault, "text/plain; charset=utf-8", (heard.text() + "\n").getBytes(UTF_8));
            case "verbose_json" -> {
                ObjectNode body = Json.object()
                        .put("task", "transcribe")
                        .put("language", "english")
                        .put("duration", heard.text().length() / 15.0)
                        .put("text", heard.text());
                HttpFault.whole(
                        exchange, fault, "application/json", Json.write(body).getBytes(UTF_8));
            }
            default ->
                exchange.error(
                        HttpResponseStatus.BAD_REQUEST,
                        INVALID,
                        "invalid_value",
                        "the simulator gives response_format json, text or verbose_json");
        }
    }

    private void stream(Exchange exchange, Scene.Heard heard, @Nullable Fault fault) {
        exchange.begin("text/event-stream");
        var cues = new ArrayList<Player.Cue>();
        int at = 0;
        for (String word : heard.text().split("(?<=\\s)", -1)) {
            String event = Json.write(
                    Json.object().put("type", "transcript.text.delta").put("delta", word));
            cues.add(new Player.Cue(at, () -> exchange.event(event)));
            at += 20;
        }
        if (fault == null || fault.kind() == Fault.Kind.DELAY) {
            ObjectNode done = Json.object().put("type", "transcript.text.done").put("text", heard.text());
            done.set("usage", usage(heard));
            cues.add(new Player.Cue(at, () -> exchange.event(Json.write(done))));
            cues.add(new Player.Cue(at, exchange::end));
        } else if (fault.kind() == Fault.Kind.CLOSE) {
            cues.add(new Player.Cue(at, exchange::cut));
        } // every other fault leaves it without an end
        new Player(exchange.timers(), studio.pace(), cues.iterator(), exchange::ready)
                .start(fault == null ? Duration.ZERO : fault.delay());
    }

    private static ObjectNode usage(Scene.Heard heard) {
        int out = ChatEndpoint.tokens(heard.text());
        ObjectNode usage = Json.object()
                .put("type", "tokens")
                .put("input_tokens", out)
                .put("output_tokens", out)
                .put("total_tokens", 2 * out);
        usage.putObject("input_token_details").put("text_tokens", 0).put("audio_tokens", out);
        return usage;
    }

    private static Optional<Form> form(FullHttpRequest request) {
        var factory = new DefaultHttpDataFactory(false);
        factory.setMaxLimit(MOST_UPLOAD_BYTES);
        HttpPostRequestDecoder decoder = null;
        try {
            decoder = new HttpPostRequestDecoder(factory, request);
            if (!decoder.isMultipart()) {
                return Optional.empty();
            }
            var fields = new HashMap<String, String>();
            int fileBytes = 0;
            for (InterfaceHttpData data : decoder.getBodyHttpDatas()) {
                if (data instanceof FileUpload upload && upload.getName().equals("file")) {
                    fileBytes = upload.get().length;
                } else if (data instanceof Attribute attribute && fields.size() < MOST_FIELDS) {
                    fields.put(attribute.getName(), attribute.getValue());
                }
            }
            return Optional.of(new Form(fields, fileBytes));
        } catch (HttpPostRequestDecoder.ErrorDataDecoderException
                | HttpPostRequestDecoder.TooManyFormFieldsException
                | HttpPostRequestDecoder.TooLongFormFieldException
                | IllegalArgumentException
                | IOException malformed) {
            return Optional.empty();
        } finally {
            if (decoder != null) {
                decoder.destroy();
            }
        }
    }

    void speak(Exchange exchange, String body) {
        var read = Json.readObject(body);
        String input = read.map(root -> Json.text(root, "input", "")).orElse("");
        if (input.isBlank() || input.length() > MOST_INPUT) {
            exchange.error(
                    HttpResponseStatus.BAD_REQUEST, INVALID, "invalid_value", "input must have 1 to 4096 characters");
            return;
        }
        String format =
                read.map(root -> Json.text(root, "response_format", "mp3")).orElse("");
        if (!format.equals("pcm") && !format.equals("wav")) {
            exchange.error(
                    HttpResponseStatus.BAD_REQUEST,
                    INVALID,
                    "invalid_value",
                    "the simulator gives response_format pcm (24 kHz) or wav");
            return;
        }
        Fault fault = studio.faults().take(Service.SPEECH);
        if (fault != null && HttpFault.refuses(exchange, fault)) {
            return;
        }
        byte[] pcm = studio.voice().say(input).bytes(AudioFormat.PCM);
        boolean wav = format.equals("wav");
        byte[] sound = wav ? wav(pcm) : pcm;
        String type = wav ? "audio/wav" : "audio/pcm";
        if (fault != null) {
            HttpFault.whole(exchange, fault, type, sound);
            return;
        }
        exchange.begin(type);
        new Player(exchange.timers(), studio.pace(), pieces(exchange, sound).iterator(), exchange::ready)
                .start(Duration.ZERO);
    }

    private static List<Player.Cue> pieces(Exchange exchange, byte[] sound) {
        var cues = new ArrayList<Player.Cue>();
        int size = PIECE_MILLISECONDS * AudioFormat.PCM.bytesPerMillisecond();
        long at = 0;
        for (int from = 0; from < sound.length; from += size) {
            byte[] piece = Arrays.copyOfRange(sound, from, Math.min(sound.length, from + size));
            cues.add(new Player.Cue(at, () -> exchange.piece(piece)));
            at += PIECE_MILLISECONDS;
        }
        cues.add(new Player.Cue(at, exchange::end));
        return cues;
    }

    /// A WAV file (RIFF, PCM, 16 bit, one channel, 24 kHz).
    private static byte[] wav(byte[] pcm) {
        var file = ByteBuffer.allocate(44 + pcm.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(UTF_8)).putInt(36 + pcm.length).put("WAVEfmt ".getBytes(UTF_8));
        file.putInt(16).putShort((short) 1).putShort((short) 1);
        file.putInt(PCM_RATE_HERTZ)
                .putInt(2 * PCM_RATE_HERTZ)
                .putShort((short) 2)
                .putShort((short) 16);
        file.put("data".getBytes(UTF_8)).putInt(pcm.length).put(pcm);
        return file.array();
    }
}
