package dev.sotto.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.server.call.ScriptedDesk;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes wrong with `sotto call`, each as one clear line, a hint and its exit status.
final class CallCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private Path wav;

    /// A tenth of a second of mu-law silence, RIFF WAVE.
    @BeforeEach
    void writeWav() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var data = new DataOutputStream(bytes);
        data.writeBytes("RIFF");
        data.writeInt(Integer.reverseBytes(36 + 800));
        data.writeBytes("WAVEfmt ");
        data.writeInt(Integer.reverseBytes(16));
        data.writeShort(Short.reverseBytes((short) 7));
        data.writeShort(Short.reverseBytes((short) 1));
        data.writeInt(Integer.reverseBytes(8_000));
        data.writeInt(Integer.reverseBytes(8_000));
        data.writeShort(Short.reverseBytes((short) 1));
        data.writeShort(Short.reverseBytes((short) 8));
        data.writeBytes("data");
        data.writeInt(Integer.reverseBytes(800));
        for (int i = 0; i < 800; i++) {
            data.writeByte(0xFF);
        }
        wav = Files.write(folder.resolve("silence.wav"), bytes.toByteArray());
    }

    private int call(String... args) {
        List<String> line = new ArrayList<>(List.of("call"));
        line.addAll(List.of(args));
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(line.toArray(String[]::new));
    }

    private void assertComplaint(String message, String hint) {
        assertThat(err.toString().lines()).hasSize(2);
        assertThat(err.toString().lines().toList().getFirst())
                .startsWith("sotto: ")
                .contains(message);
        assertThat(err.toString().lines().toList().getLast())
                .startsWith("hint: ")
                .contains(hint);
    }

    @Test
    void wav_thatIsNotThere_isWrongUse() {
        assertThat(call("--wav", folder.resolve("no.wav").toString())).isEqualTo(2);
        assertComplaint("--wav (" + folder.resolve("no.wav") + ") is no file", "");
    }

    @Test
    void wav_thatIsNone_isUnusableInput() throws IOException {
        Path text = Files.writeString(folder.resolve("text.wav"), "this is no wave file, only some words in a row\n");

        assertThat(call("--wav", text.toString())).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(2);
        assertThat(err.toString()).startsWith("sotto: ").doesNotContain("unexpected failure");
    }

    @Test
    void dtmf_withAnotherCharacter_isWrongUse() {
        assertThat(call("--wav", wav.toString(), "--dtmf", "12x")).isEqualTo(2);
        assertComplaint("dtmf (character 3) is no key", "0 to 9");
    }

    @Test
    void node_thatDoesNotRun_isNotAvailableNow() {
        assertThat(call(
                        "--wav",
                        wav.toString(),
                        "--data",
                        folder.resolve("none").toString()))
                .isEqualTo(3);
        assertComplaint("no node runs on " + folder.resolve("none"), "./sotto up --demo");
    }

    @Test
    void url_withoutAnAccount_isWrongUse() {
        assertThat(call(
                        "--wav",
                        wav.toString(),
                        "--url",
                        "https://voice.example.org",
                        "--data",
                        folder.resolve("none").toString()))
                .isEqualTo(2);
        assertComplaint("there is no account to call from", "--account, --token-file and --to");
    }

    @Test
    void url_withoutTls_isWrongUse() throws IOException {
        assertThat(callElsewhere("http://voice.example.org")).isEqualTo(2);
        assertComplaint("url (http://voice.example.org) must be https", "");
    }

    @Test
    void url_whereNobodyListens_isNotAvailableNow() throws IOException {
        assertThat(callElsewhere("https://localhost:" + ScriptedDesk.freePort()))
                .isEqualTo(3);
        assertComplaint("nothing answers at localhost:", "./sotto up");
    }

    @Test
    void url_ofAServerThatIsNotTrusted_isRefused() throws IOException {
        try (var desk = new ScriptedDesk()) {
            assertThat(callElsewhere(desk.url().toString())).isEqualTo(1);
            assertComplaint("the certificate of localhost:", "--data DIR");
            assertThat(desk.answered()).isEmpty();
        }
    }

    private int callElsewhere(String url) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "secret\n");
        return call(
                "--wav",
                wav.toString(),
                "--url",
                url,
                "--account",
                "AC" + "0".repeat(32),
                "--token-file",
                token.toString(),
                "--to",
                "+15550100100",
                "--data",
                folder.resolve("none").toString());
    }
}
