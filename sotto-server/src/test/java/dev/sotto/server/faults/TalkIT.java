package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.media.WavFile;
import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Received;
import dev.sotto.simulator.Scene;
import dev.sotto.testkit.LeakScan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One whole conversation with a provider of the configuration, and every byte the provider got.
class TalkIT {
    private static final List<String> BIRTH_DATE = List.of(
            "twelfth nineteen",
            "nineteen eighty",
            "eighty four",
            "eighty-four",
            "19840512",
            "1984-05-12",
            "1984",
            "12 May",
            "May 12, ",
            "05/12/1984",
            "5/12/84",
            "12.05.1984");

    @TempDir
    private Path folder;

    @Test
    void conversation_withConfiguredProvider_isVerifiedAndNothingProtectedReachesTheModel() throws Exception {
        Scene scene = Scene.shipped("healthcare-conversation");
        try (var node = TalkingNode.start(scene, scene, simulator -> simulator.baseUri("call"));
                var phone = node.phone()) {
            var line = phone.talk(WavFile.read(Path.of("../samples/conversation.wav")), true);
            line.await();
            var paper = node.paper();
            var id = line.id();
            Await.until(
                    "the call is closed", () -> !paper.entries(id, "call.ended").isEmpty());
            told(paper.turns(id));
            recorded(paper.entries(id));
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
            assertThat(paper.healthy()).isTrue();
            sent(node.simulator());
        }
    }

    private static void told(List<Paper.Turn> turns) {
        String all = turns.stream().map(Paper.Turn::text).collect(Collectors.joining("\n"));
        assertThat(all)
                .contains("My name is [NAME], and I was born on [DATE OF BIRTH].")
                .contains("verify_identity: verified")
                .contains("Your next appointment is on ")
                .contains("[DATE]")
                .doesNotContain("Oakfield")
                .doesNotContain("eighty four");
    }

    private static void recorded(List<Paper.Entry> entries) {
        var allowed = entries.stream()
                .filter(entry -> entry.type().equals("disclosure.allowed"))
                .toList();
        var purposes = new TreeSet<String>();
        for (Paper.Entry entry : allowed) {
            purposes.add(entry.details().get("purpose"));
            assertThat(entry.details()).containsKeys("destination", "purpose", "rule", "policy", "data_class");
            assertThat(entry.details()).containsKey(entry.details().containsKey("stream") ? "stream" : "counts");
        }
        assertThat(allowed)
                .extracting(entry -> entry.details().getOrDefault("counts", ""))
                .anyMatch(counts -> counts.contains("PERSON:tokenise=1") && counts.contains("DOB:tokenise=1"));
        assertThat(entries).extracting(Paper.Entry::type).contains("call.verified", "disclosure.ended");
        assertThat(purposes)
                .containsExactlyInAnyOrder("language-model", "speech-synthesis", "tool-arguments", "transcription");
    }

    /// What the simulator got, a file a request, apart by service; then searched.
    private void sent(ModelSimulator simulator) throws IOException {
        assertThat(simulator.received().complete()).isTrue();
        Map<String, Integer> counts = requests(simulator.received());
        assertThat(counts.keySet())
                .containsExactlyInAnyOrder("chat-completions", "audio-transcriptions", "audio-speech");

        var scan = new LeakScan()
                .text("name", "Oakfield")
                .text("subject", "check-up")
                .text("number", "5550110123");
        for (String form : BIRTH_DATE) {
            scan.text("birth date as " + form, form);
        }
        Path planted = Files.createDirectory(folder.resolve("planted"));
        for (Map.Entry<String, byte[]> form : scan.forms().entrySet()) {
            Path file = planted.resolve("form");
            Files.write(file, form.getValue());
            assertThat(scan.search(planted)).as(form.getKey()).isNotEmpty();
        }
        for (String service : counts.keySet()) {
            assertThat(scan.search(folder.resolve("sent").resolve(service)))
                    .as(service)
                    .isEmpty();
        }
    }

    private Map<String, Integer> requests(Received received) throws IOException {
        var counts = new TreeMap<String, Integer>();
        for (Received.Entry entry : received.entries()) {
            assertThat(entry.form()).isEqualTo(Received.Form.HTTP);
            List<String> pieces = new ArrayList<>(List.of(
                    new String(entry.bytes(), ISO_8859_1).split("(?=POST /calls/call/v1/\\S+ HTTP/1\\.1\r\n)")));
            for (String piece : pieces) {
                assertThat(piece).startsWith("POST /calls/call/v1/");
                String service = piece.substring("POST /calls/call/v1/".length(), piece.indexOf(" HTTP/1.1"))
                        .replace('/', '-');
                int number = counts.merge(service, 1, Integer::sum);
                Path sent = Files.createDirectories(folder.resolve("sent").resolve(service));
                Files.write(sent.resolve(number + ".request"), piece.getBytes(ISO_8859_1));
            }
        }
        return counts;
    }
}
