package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MulawTest {
    /// ITU-T G.711 table 2a: the largest magnitude of each segment in 14 bits, its code as on the wire, and the
    /// value decoded.
    private static final int[][] SEGMENT_ENDS = {
        {8158, 0x80, 8031},
        {4062, 0x90, 3999},
        {2014, 0xA0, 1983},
        {990, 0xB0, 975},
        {478, 0xC0, 471},
        {222, 0xD0, 219},
        {94, 0xE0, 93},
        {30, 0xF0, 30},
        {0, 0xFF, 0},
    };

    @Test
    void encode_atTheSegmentsOfTheStandard_givesItsCodes() {
        for (int[] row : SEGMENT_ENDS) {
            assertThat(Mulaw.encode((short) (row[0] << 2)) & 0xFF)
                    .as("of %d", row[0])
                    .isEqualTo(row[1]);
            assertThat(Mulaw.decode((byte) row[1]) >> 2).as("of 0x%x", row[1]).isEqualTo(row[2]);
            if (row[0] != 0) {
                assertThat(Mulaw.encode((short) -(row[0] << 2)) & 0xFF).isEqualTo(row[1] & 0x7F);
                assertThat(-Mulaw.decode((byte) (row[1] & 0x7F)) >> 2).isEqualTo(row[2]);
            }
        }
    }

    @Test
    void decode_ofEachCode_matchesTheFormulaOfTheStandard() {
        for (int code = 0; code < 256; code++) {
            int bits = code ^ 0xFF;
            double magnitude = (Math.pow(2, (bits >> 4) & 7) * (2 * (bits & 15) + 33) - 33) * 4; // 14 bits to 16
            assertThat((double) Mulaw.decode((byte) code)).isEqualTo((bits & 0x80) == 0 ? magnitude : -magnitude);
        }
    }

    @Test
    void encode_ofEverySample_isMonotonicAndNearest() {
        short before = Mulaw.decode(Mulaw.encode(Short.MIN_VALUE));
        for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
            short back = Mulaw.decode(Mulaw.encode((short) sample));
            assertThat(back).isGreaterThanOrEqualTo(before);
            int step = Math.max(4, (Math.abs((int) back) + 132) / 16);
            if (Math.abs(sample) <= 32_124) {
                assertThat(Math.abs(back - sample)).isLessThanOrEqualTo(step);
            }
            before = back;
        }
    }

    @Test
    void encode_ofADecodedCode_isThatCode() {
        for (int code = 0; code < 256; code++) {
            if (code != 0x7F) { // minus zero, which is sent as zero
                assertThat(Mulaw.encode(Mulaw.decode((byte) code))).isEqualTo((byte) code);
            }
        }
        assertThat(Mulaw.encode((short) 0)).isEqualTo(Mulaw.SILENCE);
    }

    @Test
    void decode_ofEachCode_agreesWithSox(@TempDir Path folder) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/sox")), "sox is not installed");
        var codes = new byte[256];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) i;
        }
        Path in = Files.write(folder.resolve("in.ul"), codes);
        Path out = folder.resolve("out.raw");
        var sox = new ProcessBuilder(
                        "/usr/bin/sox",
                        "-t",
                        "ul",
                        "-r",
                        "8000",
                        "-c",
                        "1",
                        in.toString(),
                        "-t",
                        "raw",
                        "-e",
                        "signed",
                        "-b",
                        "16",
                        "-L",
                        out.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(sox.waitFor(10, TimeUnit.SECONDS)).isTrue();
        var samples = new short[256];
        ByteBuffer.wrap(Files.readAllBytes(out))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples);
        assertThat(Mulaw.decode(codes)).isEqualTo(samples);
    }
}
