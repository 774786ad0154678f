package dev.sotto.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeakScanTest {
    private static final String CANARY = "Canary Quillfeather 4111111111111111";

    @TempDir
    Path folder;

    @Test
    void search_canaryInEachForm_isFoundAtItsOffset() throws IOException {
        var scan = new LeakScan().text("name", CANARY).bytes("key", noise(5, 32));
        for (var form : scan.forms().entrySet()) {
            Path file = folder.resolve("planted");
            var content = new ByteArrayOutputStream();
            content.writeBytes(noise(1, 1_001));
            content.writeBytes(form.getValue());
            content.writeBytes(noise(2, 77));
            Files.write(file, content.toByteArray());

            assertThat(scan.search(folder))
                    .as(form.getKey())
                    .anyMatch(
                            hit -> hit.offset() == 1_001 && (hit.canary() + " as " + hit.form()).equals(form.getKey()));
        }
    }

    @Test
    void search_canaryInsideBase64OfMore_isFoundAtAnyAlignment() throws IOException {
        for (int before = 0; before < 6; before++) {
            byte[] around = ("x".repeat(before) + CANARY + "tail").getBytes(UTF_8);
            Files.write(folder.resolve("f"), Base64.getEncoder().encode(around));

            assertThat(new LeakScan().text("name", CANARY).search(folder))
                    .as("before %d", before)
                    .isNotEmpty();
        }
    }

    @Test
    void search_canaryAsOthersWriteIt_isFound() throws IOException {
        var scan = new LeakScan().words("name", "Canary Quillfeather").number("card", "4929713358024671", 4, 4, 4, 4);
        for (String written : List.of(
                "\\u0043\\u0061\\u006e\\u0061\\u0072\\u0079\\u0020\\u0051\\u0075\\u0069\\u006c\\u006c\\u0066\\u0065"
                        + "\\u0061\\u0074\\u0068\\u0065\\u0072",
                "q=Canary+Quillfeather",
                "q=Canary%20Quillfeather",
                "CANARY QUILLFEATHER",
                "4929-7133-5802-4671",
                "4929 7133 5802 4671",
                "4 9 2 9 7 1 3 3 5 8 0 2 4 6 7 1",
                "four nine two nine seven one three three five eight oh two four six seven one",
                "four nine two nine seven one three three five eight zero two four six seven one")) {
            Files.writeString(folder.resolve("f"), "before " + written + " behind");

            assertThat(scan.search(folder)).as(written).isNotEmpty();
        }
    }

    @Test
    void search_canaryAcrossABlockEdge_isFound() throws IOException {
        for (int shift = -40; shift <= 40; shift += 7) {
            var content = new ByteArrayOutputStream();
            content.writeBytes(new byte[(1 << 22) + shift]);
            content.writeBytes(CANARY.getBytes(UTF_8));
            content.writeBytes(new byte[100]);
            Files.write(folder.resolve("f"), content.toByteArray());

            assertThat(new LeakScan().text("name", CANARY).search(folder))
                    .as("shift %d", shift)
                    .isNotEmpty();
        }
    }

    @Test
    void search_cleanFolder_findsNothing() throws IOException {
        Files.write(folder.resolve("clean"), noise(3, 100_000));

        assertThat(new LeakScan().text("name", CANARY).search(folder)).isEmpty();
    }

    private static byte[] noise(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }
}
