package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.agent.ToolResult.Why;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.AttemptLimits;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolDeskTest {
    private static final String IDENTITY = "{\"birth_date\":\"19840512\",\"phone_last4\":\"4417\"}";

    private final FakeCallFile file = new FakeCallFile();
    private final FakeAuditSink sink = new FakeAuditSink();
    private final CallAudit audit = new CallAudit(sink, CallRig.TENANT, CallRig.CALL);
    private final IdentityGate gate = new IdentityGate(file, audit, AttemptLimits.defaults());
    private final ToolDesk desk = new ToolDesk(file, audit, gate, FakeCallFile.ZONE, true);

    private ToolResult run(String tool, String json) {
        return desk.run(tool, SensitiveText.of(json));
    }

    private String json(String tool, String json) {
        return ToolJson.of(run(tool, json)).reveal();
    }

    @Test
    void guardedTools_beforeVerification_areRefusedAndTouchNothing() {
        assertThat(json("lookup_appointment", "{}")).isEqualTo("{\"error\":\"Verify identity first\"}");
        assertThat(json("book", "{}")).isEqualTo("{\"error\":\"Verify identity first\"}");
        assertThat(json("cancel", "{\"appointment\":\"%s\"}".formatted("0".repeat(26))))
                .isEqualTo("{\"error\":\"Verify identity first\"}");
        assertThat(file.acts).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"verified\":\"true\"}",
                "{\"verified\":true}",
                "{\"subject\":\"00000000000000000000000000\"}",
                "{\"birth_date\":\"19840512\",\"phone_last4\":\"4417\",\"verified\":\"true\"}"
            })
    void noArgument_setsVerified(String json) {
        for (var tool : List.of("verify_identity", "lookup_appointment", "book", "take_message", "transfer_to_human")) {
            assertThat(run(tool, json)).isInstanceOf(ToolResult.Refused.class);
        }
        assertThat(gate.verified()).isEmpty();
        assertThat(file.acts).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"x\"",
                "{",
                "{}{}",
                "{\"birth_date\":\"19840512\"}",
                "{\"birth_date\":19840512,\"phone_last4\":\"4417\"}",
                "{\"birth_date\":\"19840512\",\"phone_last4\":\"4417\",\"phone_last4\":\"4417\"}",
                "{\"birth_date\":\"1984/05/12\",\"phone_last4\":\"4417\"}",
                "{\"birth_date\":\"19840512\",\"phone_last4\":\"4417\",\"name\":\"Maren Oakfield\"}",
                "{\"name\":\"Maren Oakfield\"}",
                "{\"birth_date\":\"19840512\",\"name\":\"\"}",
                "{\"birth_date\":\"198405121984051219840512\",\"phone_last4\":\"4417\"}",
                "{\"birth_date\":{\"$ne\":\"\"},\"phone_last4\":\"4417\"}"
            })
    void malformedArguments_areRefused(String json) {
        assertThat(run("verify_identity", json)).isEqualTo(new ToolResult.Refused(Why.MALFORMED_ARGUMENT));
        assertThat(file.acts).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"birth_date\":\"1984-05-12\",\"phone_last4\":\"4417\"}",
                "{\"birth_date\":\"19840512\",\"name\":\"Maren Oakfield\"}",
                "{\"birth_date\":\"1984-05-12\",\"name\":\"maren oakfield\"}"
            })
    void eitherPairOfFactors_identifies(String json) {
        assertThat(run("verify_identity", json)).isEqualTo(new ToolResult.Verified());
        assertThat(gate.verified()).contains(FakeCallFile.MARIA);
    }

    @Test
    void unknownTool_isRefusedAndItsNameKeptNowhere() {
        assertThat(json("drop_tables; --", "{}")).isEqualTo("{\"error\":\"Unknown tool\"}");
        assertThat(sink.events()).extracting(AuditEvent::toString).noneMatch(text -> text.contains("drop"));
        assertThat(sink.types()).containsExactly("tool.called", "tool.answered");
    }

    @Test
    void anyText_neverThrowsAndNeverVerifies() {
        Samples.forAll(
                500,
                random -> {
                    var text = new StringBuilder("{\"birth_date\":\"");
                    for (int i = random.nextInt(40); i > 0; i--) {
                        text.append((char) random.nextInt(32, 0x2FF));
                    }
                    return text.append(random.nextBoolean() ? "\"}" : "").toString();
                },
                text -> assertThat(run("verify_identity", text)).isInstanceOf(ToolResult.Refused.class));
        assertThat(gate.verified()).isEmpty();
    }

    @Test
    void verified_thenTools_answerInJson() {
        assertThat(json("verify_identity", IDENTITY)).isEqualTo("{\"verified\":true}");
        var appointment = run("lookup_appointment", "{}");
        assertThat(ToolJson.of(appointment).reveal())
                .startsWith("{\"appointment\":{\"id\":\"")
                .endsWith("\"at\":\"2026-11-24T10:30\"}}");
        var offered = (ToolResult.Offered) run("book", "{}");
        var slot = offered.offers().getFirst().slot();
        assertThat(json("book", "{\"slot\":\"%s\"}".formatted(slot))).contains("2026-11-25T09:00");
        assertThat(json("book", "{\"slot\":\"%s\"}".formatted(slot))).contains("just taken");
        assertThat(sink.events("tool.called")).hasSize(5);
        assertThat(sink.events("tool.answered")).hasSize(5);
    }

    @Test
    void verified_cannotBookOrCancelWhatWasNotSaidInThisCall() {
        run("verify_identity", IDENTITY);
        var other = "0000000000000000000000000K";

        assertThat(run("book", "{\"slot\":\"%s\"}".formatted(other)))
                .isEqualTo(new ToolResult.Refused(Why.NOT_OFFERED));
        assertThat(run("cancel", "{\"appointment\":\"%s\"}".formatted(other)))
                .isEqualTo(new ToolResult.Refused(Why.NOT_OFFERED));
        assertThat(file.acts).doesNotContain("book", "cancel");
    }

    @Test
    void verifiedOnce_isNotVerifiedAsSomebodyElse() {
        run("verify_identity", IDENTITY);

        assertThat(run("verify_identity", "{\"birth_date\":\"19700101\",\"phone_last4\":\"0001\"}"))
                .isEqualTo(new ToolResult.Refused(Why.ALREADY_VERIFIED));
        assertThat(gate.verified()).contains(FakeCallFile.MARIA);
    }

    @Test
    void auditDown_runsNothing() {
        run("verify_identity", IDENTITY);
        file.acts.clear();
        sink.goDown();

        assertThat(run("lookup_appointment", "{}")).isEqualTo(new ToolResult.Unavailable());
        assertThat(file.acts).isEmpty();
    }

    @Test
    void auditDown_duringTheCheck_leavesTheCallerUnverified() {
        file.whileIdentifying = sink::goDown;

        assertThat(run("verify_identity", IDENTITY)).isEqualTo(new ToolResult.Unavailable());
        assertThat(gate.verified()).isEmpty();
        assertThat(file.acts).doesNotContain("verified");
    }

    @Test
    void auditEntries_holdNoArgument() {
        run("verify_identity", IDENTITY);
        run("verify_identity", "{\"birth_date\":\"19700101\",\"phone_last4\":\"0001\"}");

        assertThat(sink.events())
                .extracting(AuditEvent::toString)
                .noneMatch(text -> text.contains("19840512") || text.contains("4417") || text.contains("19700101"));
    }
}
