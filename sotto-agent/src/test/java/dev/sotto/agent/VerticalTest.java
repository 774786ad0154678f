package dev.sotto.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.BugException;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class VerticalTest {
    private static String healthcare() throws Exception {
        try (var in = Vertical.class.getResourceAsStream("vertical/healthcare-1.json")) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    @Test
    void shipped_fitTheTools() {
        for (var name : Vertical.shipped()) {
            var vertical = Vertical.shipped(name);
            assertThat(vertical.id()).startsWith(name + "-");
            assertThat(vertical.tools()).hasSize(Tool.values().length);
        }
    }

    @Test
    void instructions_nameBusinessAndTime_andTheIdentityRule() {
        var told = Vertical.shipped("healthcare")
                .instructions("Lakeside Clinic", ZonedDateTime.parse("2026-11-27T15:04:00-05:00[America/New_York]"))
                .reveal();
        assertThat(told)
                .contains("Lakeside Clinic", "Friday, November 27, 2026", "3:04 PM", "Identity rule")
                .doesNotContain("{{");
    }

    @Test
    void vertical_thatDoesNotFitTheTools_isRefusedWithEveryProblem() throws Exception {
        var changed = healthcare()
                .replace("\"take_message\"", "\"take_order\"")
                .replace("\"required\": [\"appointment\"]", "\"required\": []")
                .replace("\"phone_last4\": {\"type\": \"string\"", "\"phone\": {\"type\": \"number\"");

        assertThatExceptionOfType(BugException.class)
                .isThrownBy(() -> Vertical.read(changed))
                .withMessageContaining("tool take_order is not known")
                .withMessageContaining("tool take_message is missing")
                .withMessageContaining("required arguments of cancel are []")
                .withMessageContaining("arguments of verify_identity are [birth_date, name, phone]")
                .withMessageContaining("an argument of verify_identity is not a string");
    }
}
