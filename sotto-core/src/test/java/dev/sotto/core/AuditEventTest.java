package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class AuditEventTest {
    private static final ActorId NODE = new ActorId(ActorId.Kind.NODE, "n1");

    @Test
    void build_ordersDetailsByName() {
        var event = AuditEvent.of("call.started", NODE)
                .resource("call", "x")
                .detail("b", 2)
                .detail("a", 1)
                .build();

        assertThat(event.details().keySet()).containsExactly("a", "b");
        assertThat(event.actor()).hasToString("node:n1");
    }

    @Test
    void build_overLimits_isRefusedWithoutTheValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuditEvent.of("Call", NODE).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuditEvent.of("call.started", NODE)
                        .detail("name", "jane".repeat(200))
                        .build())
                .withMessageNotContaining("jane");
    }
}
