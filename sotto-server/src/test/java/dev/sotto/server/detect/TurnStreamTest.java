package dev.sotto.server.detect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.server.node.ServerError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnStreamTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private interface Command {
        void run(TurnStream stream) throws IOException;
    }

    private String run(Command command, byte[] input) throws IOException {
        out.reset();
        command.run(new TurnStream(new ByteArrayInputStream(input), out));
        return out.toString(UTF_8);
    }

    private String detect(String... lines) throws IOException {
        return run(TurnStream::detect, String.join("\n", lines).getBytes(UTF_8));
    }

    private String redact(String text) throws IOException {
        return run(TurnStream::redactText, text.getBytes(UTF_8));
    }

    @Test
    void detect_ofTurns_answersEachInOrder() throws IOException {
        assertThat(detect(
                        "{\"id\":\"b\",\"text\":\"my cell is 415-555-0123\"}",
                        "",
                        "{\"text\":\"nothing here\",\"id\":7,\"turn\":1,\"speaker\":\"caller\"}"))
                .isEqualTo("""
                        {"id":"b","spans":[{"start":11,"end":23,"type":"PHONE","score":0.95}]}
                        {"id":7,"spans":[]}
                        """);
    }

    @Test
    void detect_behindCharactersOutsideTheBasicPlane_countsCodePoints() throws IOException {
        assertThat(detect("{\"id\":\"1\",\"text\":\"\uD83D\uDE00\uD83D\uDE00 ssn 123-45-6789, e\u0301 415-555-0123\"}"))
                .isEqualTo("""
                        {"id":"1","spans":[{"start":7,"end":18,"type":"SSN","score":0.95},\
                        {"start":23,"end":35,"type":"PHONE","score":0.75}]}
                        """);
    }

    @Test
    void detect_ofACard_isCertain() throws IOException {
        assertThat(detect("{\"id\":\"1\",\"text\":\"4242 4242 4242 4242\"}"))
                .contains("\"type\":\"CREDIT_CARD\",\"score\":1.0");
    }

    @Test
    void detect_ofTurnsOfOneCall_readsThemTogether() throws IOException {
        String question = "{\"id\":\"1\",\"call\":\"a\",\"text\":\"What is your date of birth?\"}";
        String answer = "{\"id\":\"2\",\"call\":\"%s\",\"text\":\"march fourteenth\"}";

        assertThat(detect(question, answer.formatted("a"))).contains("\"type\":\"DOB\"");
        assertThat(detect(question, answer.formatted("b"))).contains("\"type\":\"DATE\"");
    }

    @Test
    void detect_ofMoreCallsThanItRemembers_forgetsTheOldest() throws IOException {
        String question = "{\"id\":\"1\",\"call\":%d,\"text\":\"What is your date of birth?\"}";
        var lines = IntStream.rangeClosed(0, TurnStream.MAX_CALLS)
                .mapToObj(question::formatted)
                .toList();
        String last = "\n{\"id\":\"2\",\"call\":%d,\"text\":\"march fourteenth\"}";

        assertThat(detect(String.join("\n", lines) + last.formatted(0))).contains("DATE");
        assertThat(detect(String.join("\n", lines) + last.formatted(1))).contains("DOB");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jane",
                "[]",
                "\"jane\"",
                "{\"id\":\"1\"}",
                "{\"id\":\"1\",\"text\":7}",
                "{\"id\":null,\"text\":\"jane\"}",
                "{\"id\":[\"jane\"],\"text\":\"jane\"}",
                "{\"id\":\"1\",\"text\":\"jane\"",
                "{\"id\":\"1\",\"text\":\"jane\"} {}",
                "{\"id\":\"1\",\"id\":\"2\",\"text\":\"jane\"}",
                "{\"id\":\"1\",\"call\":{},\"text\":\"jane\"}"
            })
    void detect_ofABadLine_namesItsNumberAndNothingOfIt(String bad) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> detect("{\"id\":\"1\",\"text\":\"hello\"}", bad, "{\"id\":\"3\",\"text\":\"hello\"}"))
                .withMessageStartingWith("line 2 of the input must")
                .withMessageContaining("\nhint: ")
                .withMessageNotContaining("jane")
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(ServerError.INPUT_INVALID))
                .withNoCause();
        assertThat(out.toString(UTF_8)).isEqualTo("{\"id\":\"1\",\"spans\":[]}\n");
    }

    @Test
    void detect_ofALineThatNeverEnds_stopsReading() {
        var endless = new byte[4 * LineReader.MAX_BYTES];
        Arrays.fill(endless, (byte) 'x');
        var in = new ByteArrayInputStream(endless);

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> new TurnStream(in, out).detect())
                .withMessageStartingWith("line 1 of the input must have at most");
        assertThat(in.available()).isGreaterThan(2 * LineReader.MAX_BYTES);
    }

    @Test
    void detect_ofATextThatIsTooLong_isRefused() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> detect("{\"id\":\"1\",\"text\":\"%s\"}".formatted("a".repeat(70_000))))
                .withMessageStartingWith("line 1 of the input must have a text of at most");
    }

    @Test
    void detect_ofBytesThatAreNotUtf8_isRefused() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> run(TurnStream::detect, new byte[] {'\n', (byte) 0xC3, 0x28}))
                .withMessageStartingWith("line 2 of the input must be UTF-8");
    }

    @Test
    void redact_ofText_keepsItsLines() throws IOException {
        assertThat(redact("call 415-555-0123\r\n\nborn March 14, 1984")).isEqualTo("call <PHONE>\r\n\nborn <DOB>");
        assertThat(redact("")).isEmpty();
        assertThat(redact("\n")).isEqualTo("\n");
    }

    @Test
    void redact_ofTurns_leavesOutWhatNobodyLookedAt() throws IOException {
        var input = "{\"id\":\"1\",\"text\":\"my name is jane doe\",\"name\":\"jane doe\"}\n";

        assertThat(run(TurnStream::redactTurns, input.getBytes(UTF_8)))
                .isEqualTo("{\"id\":\"1\",\"text\":\"my name is <PERSON>\"}\n");
    }
}
