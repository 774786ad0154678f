package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CallScriptTest {
    private final StringWriter paper = new StringWriter();

    private static NodeApi.Turn turn(
            int ordinal, String speaker, String kind, long at, long length, NodeApi.Part... parts) {
        return new NodeApi.Turn(ordinal, speaker, kind, at, length, List.of(parts));
    }

    private static NodeApi.Part words(String text) {
        return new NodeApi.Part(text, null);
    }

    private static NodeApi.Part pill(String label) {
        return new NodeApi.Part(null, label);
    }

    private List<String> print(boolean colour, NodeApi.Turn... turns) {
        new CallScript(new PrintWriter(paper), colour).print(List.of(turns));
        return paper.toString().lines().toList();
    }

    @Test
    void print_eachKindOfTurn() {
        assertThat(print(
                        false,
                        turn(1, "agent", "prompt", 150, 7_470, words("Hello.")),
                        turn(2, "caller", "keypad", 2_650, 1_400, pill("DATE OF BIRTH")),
                        turn(3, "caller", "keypad", 4_000, 0, words("pressed 1")),
                        turn(4, "system", "tool", 12_345, 612, words("verify_identity: verified")),
                        turn(5, "agent", "prompt", 13_000, 4_000, words("It is on "), pill("DATE"), words("."))))
                .containsExactly(
                        "     0.2 s  agent   Hello. · 7.5 s",
                        "     2.7 s  caller  keyed [DATE OF BIRTH]",
                        "     4.0 s  caller  pressed 1",
                        "    12.3 s  tool    verify_identity: verified · 612 ms",
                        "    13.0 s  agent   It is on [DATE]. · 4.0 s");
    }

    @Test
    void print_again_addsWhatIsNew() {
        var script = new CallScript(new PrintWriter(paper), false);
        var first = turn(1, "agent", "prompt", 0, 1_000, words("a"));
        var second = turn(2, "agent", "prompt", 1_000, 1_000, words("b"));

        script.print(List.of(first));
        assertThat(script.print(List.of(first, second))).containsExactly(second);

        assertThat(paper.toString().lines()).hasSize(2);
        assertThat(script.printed()).isEqualTo(2);
    }

    @Test
    void print_toATerminal_showsPillsInverse() {
        assertThat(print(true, turn(1, "caller", "keypad", 0, 0, pill("PHONE"))))
                .containsExactly("     0.0 s  caller  keyed \u001b[7m[PHONE]\u001b[0m");
    }

    @Test
    void print_whatSteersTerminals_isLeftOut() {
        assertThat(print(false, turn(1, "agent", "prompt", 0, 0, words("a\u001b[2Jb\u202ec\nd"), pill("\u0007X"))))
                .containsExactly("     0.0 s  agent   a[2Jbcd[X] · 0.0 s");
    }
}
