package dev.sotto.agent;

import static dev.sotto.agent.FakeModel.done;
import static dev.sotto.agent.FakeModel.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.guard.Guard;
import dev.sotto.guard.GuardParts;
import dev.sotto.guard.GuardRules;
import dev.sotto.guard.HashKey;
import dev.sotto.store.CallInsights;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewCall;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Speaker;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import dev.sotto.store.WrapUpState;
import dev.sotto.store.WrapUps;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The work after a call, over a real database and the real guard with the shipped rules.
class WrapUpDeskTest {
    private static final ActorId READER = new ActorId(ActorId.Kind.USER, "reader");
    private static final AtomicInteger SEEDS = new AtomicInteger(1);
    private static final String SCORES = "{\"sentiment\":0.5,\"lead_score\":70}";

    @TempDir
    Path objects;

    private DeskRig rig;
    private final FakeModel model = new FakeModel();
    private volatile boolean usable = true;
    private volatile GuardRules rules = GuardRules.shipped();

    @BeforeEach
    void open() {
        rig = new DeskRig(objects, true, Optional.empty());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private WrapUpDesk desk(boolean withModel) {
        return desk(withModel, true);
    }

    private WrapUpDesk desk(boolean withModel, boolean wanted) {
        var config = new WrapUpConfig("n1", wanted, wanted, Duration.ofSeconds(1), Duration.ofSeconds(5));
        var parts = GuardParts.of(
                new ActorId(ActorId.Kind.NODE, "n1"),
                HashKey.of(new byte[32]),
                "healthcare",
                rig.meter,
                rig.timers.clock());
        var models = new WrapUpModels(
                new Guard(() -> rules, rig.keys.audit, parts),
                model,
                "simulator",
                "some/model",
                () -> usable,
                Duration.ofSeconds(2));
        return WrapUpDesk.idle(
                config,
                rig.store,
                withModel ? Optional.of(models) : Optional.empty(),
                rig.timers.clock(),
                new SecureRandom(),
                rig.meter);
    }

    /// A call in which Maren Oakfield gave her name, keyed her birth date, and booked.
    private CallId ended() {
        byte[] token = new byte[32];
        Arrays.fill(token, (byte) SEEDS.incrementAndGet());
        var now = rig.timers.clock().instant();
        var call = rig.ids.callId();
        rig.store
                .calls()
                .offer(NewCall.receptionist(
                        rig.id(), call, DeskRig.sid(), SensitiveText.of("+15550104417"), token, now.plusSeconds(60)));
        assertThat(rig.store.calls().connect(rig.id(), call, token, "n1", now)).isPresent();
        turn(call, Speaker.AGENT, TurnKind.SPEECH, new Part.Clear("How can I help?"));
        turn(
                call,
                Speaker.CALLER,
                TurnKind.SPEECH,
                new Part.Clear("Hi, "),
                new Part.Protected("NAME", SensitiveText.of("Maren Oakfield")),
                new Part.Clear(" here, that would be wonderful."));
        turn(call, Speaker.CALLER, TurnKind.KEYPAD, new Part.Protected("DATE OF BIRTH", SensitiveText.of("05121984")));
        turn(call, Speaker.SYSTEM, TurnKind.TOOL, new Part.Clear("book: booked"));
        rig.store.calls().setOutcome(rig.id(), call, CallOutcome.COMPLETED, now);
        return call;
    }

    private void turn(CallId call, Speaker speaker, TurnKind kind, Part... parts) {
        rig.store
                .turns()
                .append(
                        rig.id(),
                        call,
                        new NewTurn(rig.ids.turnId(), speaker, kind, Duration.ZERO, Duration.ZERO, TurnText.of(parts)));
    }

    /// Lets a desk look once, and waits until it is done.
    private CallInsights after(WrapUpDesk desk, CallId call) {
        try (desk) {
            desk.look();
        }
        return rig.store.insights().open(rig.id(), call, READER);
    }

    private WrapUps.View state(CallId call) {
        return rig.store.wrapUps().find(rig.id(), call).orElseThrow();
    }

    private java.util.List<AuditEvent> sent() {
        return rig.keys.audit.events("disclosure.allowed");
    }

    @Test
    void withoutAModel_rulesDoItAndSaySo() {
        var call = ended();

        var made = after(desk(false), call);

        assertThat(made.summary().orElseThrow().maker().by()).isEqualTo("rules-1");
        assertThat(made.summary().orElseThrow().maker().reason()).isEqualTo("no_model");
        assertThat(made.summary().orElseThrow().text().redacted())
                .isEqualTo("An appointment was booked. The call came to its end.");
        assertThat(made.analytics().orElseThrow().leadScore()).isEqualTo(70);
        assertThat(made.analytics().orElseThrow().sentiment()).hasValue(0.33);
        assertThat(state(call).state()).isEqualTo(WrapUpState.DONE);
        assertThat(sent()).isEmpty();
    }

    @Test
    void withAModel_itWritesWithTokensAndWhatIsKeptHasValuesBehindLabels() {
        var call = ended();
        model.answers(text("{\"summary\":\"<PERSON_1> booked an appointment.\"}"), done())
                .answers(text(SCORES), done());

        var made = after(desk(true), call);

        String told = model.told(0).getFirst();
        assertThat(told)
                .contains("Caller: Hi, <PERSON_1> here")
                .contains("Caller: [DATE OF BIRTH]")
                .contains("Tool: book: booked")
                .doesNotContain("Maren", "Oakfield", "1984");
        assertThat(model.told(1).getFirst()).contains("<PERSON> here").doesNotContain("Maren", "1984");
        var summary = made.summary().orElseThrow();
        assertThat(summary.maker().by()).isEqualTo("model some/model");
        assertThat(summary.text().parts())
                .containsExactly(
                        new Part.Protected("NAME", SensitiveText.of("Maren Oakfield")),
                        new Part.Clear(" booked an appointment."));
        assertThat(made.analytics().orElseThrow().leadScore()).isEqualTo(70);
        assertThat(sent().stream()
                        .map(event -> event.details().get("destination") + " "
                                + event.details().get("purpose"))
                        .collect(Collectors.joining(", ")))
                .isEqualTo("simulator summary, local-records summary, simulator analytics");
        assertThat(rig.keys.audit.types()).containsSubsequence("disclosure.allowed", "call.summarised", "call.scored");
    }

    @Test
    void tokens_stayLabelsIfThePolicyDoesNotRestoreThem() {
        rules = GuardRules.parse(
                GuardRules.shippedPolicy()
                        .replace(
                                "    restore: as-said\n    entities:\n      CREDIT_CARD: replace\n      CVV: replace\n      \"*\": keep",
                                "    entities:\n      CREDIT_CARD: replace\n      CVV: replace\n      \"*\": keep"),
                GuardRules.shippedRegister());
        var call = ended();
        model.answers(text("{\"summary\":\"<PERSON_1> and <PERSON> talked.\"}"), done())
                .answers(text(SCORES), done());

        var made = after(desk(true), call);

        assertThat(made.summary().orElseThrow().text()).isEqualTo(TurnText.clear("[NAME] and [NAME] talked."));
    }

    @Test
    void brokenAnswer_isAskedForOnceMore_thenRulesDoIt() {
        var call = ended();
        model.answers(text("Sure! The caller booked."), done())
                .answers(text("{\"summary\":\"Booked.\"}"), done())
                .answers(text("{\"sentiment\":7,\"lead_score\":70}"), done())
                .answers(text("null"), done());

        var made = after(desk(true), call);

        assertThat(made.summary().orElseThrow().text()).isEqualTo(TurnText.clear("Booked."));
        assertThat(made.analytics().orElseThrow().maker().by()).isEqualTo("rules-1");
        assertThat(made.analytics().orElseThrow().maker().reason()).isEqualTo("broken_answer");
        assertThat(model.asked()).hasSize(4);
        assertThat(state(call).state()).isEqualTo(WrapUpState.DONE);
    }

    @Test
    void deny_makesRulesDoItAndIsInTheLog() {
        rules = GuardRules.parse(
                GuardRules.shippedPolicy().replace("    purposes: summary\n", "    purposes: nothing\n"),
                GuardRules.shippedRegister());
        var call = ended();
        model.answers(text(SCORES), done());

        var made = after(desk(true), call);

        assertThat(made.summary().orElseThrow().maker().by()).isEqualTo("rules-1");
        assertThat(made.summary().orElseThrow().maker().reason()).isEqualTo("out_of_policy");
        assertThat(made.analytics().orElseThrow().maker().by()).isEqualTo("model some/model");
        assertThat(rig.keys.audit.events("disclosure.denied"))
                .singleElement()
                .satisfies(event -> assertThat(event.resource()).isEqualTo("call/" + call));
        assertThat(model.asked()).hasSize(1);
    }

    @Test
    void policyWithoutARuleForRecords_switchesItOff() {
        rules = GuardRules.parse(
                GuardRules.shippedPolicy()
                        .replace("    destinations: local-records\n", "    destinations: local-voice\n"),
                GuardRules.shippedRegister());
        var call = ended();

        var made = after(desk(true), call);

        assertThat(made.summary()).isEmpty();
        assertThat(made.analytics()).isEmpty();
        assertThat(state(call).state()).isEqualTo(WrapUpState.OFF);
        assertThat(rig.keys.audit.events("call.wrap_up_off")).hasSize(1);
        assertThat(model.asked()).isEmpty();
    }

    @Test
    void configuration_switchesItOff() {
        var call = ended();

        assertThat(after(desk(false, false), call).summary()).isEmpty();
        assertThat(state(call).state()).isEqualTo(WrapUpState.OFF);
    }

    @Test
    void providerThatIsDown_isAskedAgainLater_andRulesDoItInTheEnd() {
        var call = ended();
        usable = false;

        assertThat(after(desk(true), call).summary()).isEmpty();
        assertThat(state(call)).isEqualTo(new WrapUps.View(WrapUpState.PENDING, 1));
        assertThat(after(desk(true), call).summary()).as("not before its time").isEmpty();
        assertThat(state(call).attempts()).isEqualTo(1);
        rig.timers.advance(Duration.ofSeconds(7));
        usable = true;
        model.answers(FakeModel.BREAK).answers(text(SCORES), done());
        assertThat(after(desk(true), call).analytics().orElseThrow().maker().by())
                .isEqualTo("model some/model");
        rig.timers.advance(Duration.ofSeconds(20));
        var made = after(desk(true), call);

        assertThat(made.summary().orElseThrow().maker().reason()).isEqualTo("provider_down");
        assertThat(state(call)).isEqualTo(new WrapUps.View(WrapUpState.DONE, 3));
        assertThat(rig.meter.counted("agent.wrapup.retried")).isEqualTo(2);
    }

    @Test
    void auditLogThatIsDown_sendsNothingAndKeepsNothing_untilItIsBack() {
        var call = ended();
        rig.keys.audit.goDown();
        try (var desk = desk(true)) {
            desk.look();
        }
        assertThat(model.asked()).isEmpty();
        assertThat(state(call).state()).isEqualTo(WrapUpState.PENDING);
        rig.keys.audit.comeBack();
        rig.timers.advance(Duration.ofSeconds(7));
        model.answers(text("{\"summary\":\"Booked.\"}"), done()).answers(text(SCORES), done());

        assertThat(after(desk(true), call).summary()).isPresent();
        assertThat(state(call)).isEqualTo(new WrapUps.View(WrapUpState.DONE, 2));
    }

    @Test
    void nodeThatDiesInBetween_losesNothing() {
        var call = ended();
        var now = rig.timers.clock().instant();
        // A node that claimed the work and is gone.
        assertThat(rig.store.wrapUps().claim(new WrapUps.Due(rig.id(), call), "dead", now, now.plusSeconds(240)))
                .isPresent();
        assertThat(after(desk(false), call).summary()).isEmpty();
        rig.timers.advance(Duration.ofSeconds(241));

        assertThat(after(desk(false), call).summary()).isPresent();
        assertThat(state(call)).isEqualTo(new WrapUps.View(WrapUpState.DONE, 2));
    }

    @Test
    void transcriptThatWasAltered_endsTheWorkVisibly() {
        var call = ended();
        tamper(call);

        assertThat(after(desk(false), call).summary()).isEmpty();
        assertThat(state(call).state()).isEqualTo(WrapUpState.FAILED);
        assertThat(rig.keys.audit.events("call.wrap_up_failed")).hasSize(1);
    }

    private void tamper(CallId call) {
        try (var connection = dev.sotto.store.TestPostgres.shared()
                        .dataSource(dev.sotto.store.Role.OWNER)
                        .getConnection();
                var name = connection.prepareStatement("SELECT set_config('app.tenant', ?, false)");
                var change = connection.prepareStatement("UPDATE sotto.turn SET speaker = 'AGENT' WHERE call_id = ?")) {
            name.setString(1, rig.id().value().toString());
            name.execute();
            change.setObject(1, call.value());
            assertThat(change.executeUpdate()).isPositive();
            name.setString(1, "");
            name.execute();
        } catch (java.sql.SQLException failure) {
            throw new AssertionError(failure);
        }
    }
}
