package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Received;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a realtime simulator was sent over its sockets.
final class Wire {
    private static final Pattern TRUNCATE =
            Pattern.compile("\"type\":\"conversation\\.item\\.truncate\"[^}]*\"audio_end_ms\":(\\d+)");

    private static final Pattern AUDIO = Pattern.compile("\"audio\":\"([A-Za-z0-9+/=]+)\"");
    private static final int FRAME_BYTES = 160;

    private Wire() {}

    private static String all(ModelSimulator simulator) {
        var all = new StringBuilder();
        for (Received.Entry entry : simulator.received().entries()) {
            if (entry.form() == Received.Form.FRAMES) {
                all.append(new String(entry.bytes(), UTF_8)).append('\n');
            }
        }
        return all.toString();
    }

    /// How many events of `type` came.
    static int count(ModelSimulator simulator, String type) {
        Matcher found =
                Pattern.compile(Pattern.quote("\"type\":\"" + type + "\"")).matcher(all(simulator));
        int count = 0;
        while (found.find()) {
            count++;
        }
        return count;
    }

    /// How many frames of callers came, of mu-law, however many of them in one event.
    static int frames(ModelSimulator simulator) {
        int bytes = 0;
        Matcher sound = AUDIO.matcher(all(simulator));
        while (sound.find()) {
            bytes += Base64.getDecoder().decode(sound.group(1)).length;
        }
        assertThat(bytes % FRAME_BYTES).as("only whole frames are sent").isZero();
        return bytes / FRAME_BYTES;
    }

    /// The sound of callers that came as 16-bit PCM, in the order in which it came.
    static short[] wide(ModelSimulator simulator) {
        var bytes = new ByteArrayOutputStream();
        Matcher sound = AUDIO.matcher(all(simulator));
        while (sound.find()) {
            bytes.writeBytes(Base64.getDecoder().decode(sound.group(1)));
        }
        var samples = new short[bytes.size() / Short.BYTES];
        ByteBuffer.wrap(bytes.toByteArray())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples);
        return samples;
    }

    /// To how many milliseconds each item was cut.
    static List<Integer> cuts(ModelSimulator simulator) {
        List<Integer> cuts = new ArrayList<>();
        Matcher found = TRUNCATE.matcher(all(simulator));
        while (found.find()) {
            cuts.add(Integer.valueOf(found.group(1)));
        }
        return cuts;
    }

    /// Everything but sound.
    static String words(ModelSimulator simulator) {
        return all(simulator).replaceAll("\"audio\":\"[A-Za-z0-9+/=]*\"", "");
    }
}
