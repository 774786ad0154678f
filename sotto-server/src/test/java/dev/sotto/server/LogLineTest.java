package dev.sotto.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogLineTest {
    private static final LoggerContext CONTEXT = new LoggerContext();

    private static JsonNode line(String logger, String message, Throwable thrown, KeyValuePair... pairs) {
        var event = new LoggingEvent(
                LogLineTest.class.getName(), CONTEXT.getLogger(logger), Level.WARN, message, thrown, new Object[0]);
        event.setKeyValuePairs(List.of(pairs));
        String line = new LogLine().doLayout(event);
        assertThat(line).endsWith("}\n").doesNotContain("\r").containsOnlyOnce("\n");
        return JsonMapper.shared().readTree(line);
    }

    @Test
    void doLayout_ownLine_hasItsKeysAndMessage() {
        JsonNode line = line(
                "dev.sotto.server.Main",
                "a \"quoted\"\nline \u2028",
                null,
                new KeyValuePair("event", "server.test.done"),
                new KeyValuePair("call", 7));

        assertThat(line.path("level").asString()).isEqualTo("warn");
        assertThat(line.path("event").asString()).isEqualTo("server.test.done");
        assertThat(line.path("call").asString()).isEqualTo("7");
        assertThat(line.path("message").asString()).isEqualTo("a \"quoted\"\nline \u2028");
    }

    @Test
    void doLayout_foreignLine_leavesItsWordsOut() {
        JsonNode line = line("org.apache.coyote.http11.Http11Processor", "bad target [/x?ssn=078051120]", null);

        assertThat(line.toString()).doesNotContain("078051120");
        assertThat(line.path("logger").asString()).contains("Http11Processor");
    }

    @Test
    void doLayout_foreignFailure_leavesItsMessageOut() {
        var failure = new UnavailableException(
                ServerError.NODE_NOT_READY, "the node is not ready", new IllegalStateException("row (Maren, 1984)"));

        JsonNode line = line("dev.sotto.server.Main", "failed", failure);

        assertThat(line.toString()).doesNotContain("Maren");
        assertThat(line.path("failure").asString()).endsWith("UnavailableException: the node is not ready");
        assertThat(line.path("cause1").asString()).isEqualTo("java.lang.IllegalStateException");
        assertThat(line.path("failure-at").asString()).contains("LogLineTest");
    }
}
