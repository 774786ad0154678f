package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.GuardView;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.NodeServices;
import dev.sotto.server.node.PolicyView;
import dev.sotto.server.node.RegisterView;
import dev.sotto.server.up.SharedNode;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the pages show of a guard: of none, as a node starts, and of one whose state is given here.
@ExtendWith(SharedNode.class)
class GuardPagesIT {
    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

    private final SharedNode.Running node;
    private final TenantId tenant;

    GuardPagesIT(SharedNode.Running node) {
        this.node = node;
        this.tenant = Visit.tenant(node);
    }

    private static RegisterView.Processor processor(String id, Optional<LocalDate> until) {
        return new RegisterView.Processor(
                id,
                "Model <b>" + id + "</b>",
                List.of("transcript", "turn-context"),
                List.of("conversation"),
                "us-east",
                "30 days",
                until.isEmpty()
                        ? RegisterView.Agreement.none()
                        : new RegisterView.Agreement(Optional.of("BAA"), Optional.of(TODAY.minusYears(1)), until));
    }

    private GuardView guard() {
        return new GuardView() {
            @Override
            public PolicyView policy(TenantId of) {
                return new PolicyView(
                        of.equals(tenant),
                        Optional.of("4f1c2d"),
                        Optional.of(Instant.parse("2026-11-21T10:00:00Z")),
                        List.of(
                                new PolicyView.Rule(
                                        "r1",
                                        "transcript",
                                        "DATE_OF_BIRTH",
                                        "model-a",
                                        "conversation",
                                        "tokenise",
                                        Optional.of("call.verified")),
                                new PolicyView.Rule("r2", "*", "CARD_NUMBER", "*", "*", "deny", Optional.empty())));
            }

            @Override
            public RegisterView register(TenantId of) {
                return new RegisterView(
                        of.equals(tenant),
                        List.of(
                                processor("a", Optional.of(TODAY.plusYears(1))),
                                processor("b", Optional.of(TODAY.plusDays(12))),
                                processor("c", Optional.of(TODAY.minusDays(3))),
                                processor("d", Optional.empty())));
            }
        };
    }

    private interface Look {
        void at(Visit visit) throws Exception;
    }

    /// Opens a second listener over the same node, whose guard is the given one.
    private void withGuard(Look look) throws Exception {
        NodeServices real = node.services();
        var services = new NodeServices(
                real.actor(),
                real.store(),
                real.audit(),
                real.keys(),
                real.edge(),
                real.trustedKeys(),
                real.auditReader(),
                real.checkpoints(),
                guard());
        var gate = new NodeGate() {
            @Override
            public NodeServices services() {
                return services;
            }

            @Override
            public Map<String, Boolean> health() {
                return Map.of("node", true);
            }
        };
        NodeConfig config = NodeConfig.defaults().withPort(0);
        try (var metrics = new MicrometerMeter();
                var web = WebServer.start(new WebParts(
                        config.server(),
                        config.sessions(),
                        node.node().foundation().identityFor(config.server(), "Sotto"),
                        gate,
                        "none",
                        metrics,
                        Clock.systemUTC(),
                        new SecureRandom()))) {
            var visit = new Visit(node, URI.create("https://localhost:%d/".formatted(web.port())));
            assertThat(visit.signIn(Visit.admin(node, tenant), Visit.PASSWORD).statusCode())
                    .isEqualTo(302);
            look.at(visit);
        }
    }

    @Test
    void pages_withoutAGuard_sayThatEverythingIsDenied() throws Exception {
        Visit visit = Visit.signedIn(node, tenant);

        assertThat(visit.get("/policy").body()).contains("No guard is installed, so every disclosure is denied.");
        assertThat(visit.get("/register").body()).contains("No guard is installed, so nobody receives anything.");
        assertThat(visit.get("/api/v1/policy").body()).isEqualTo("{\"installed\":false,\"rules\":[]}");
        assertThat(visit.get("/api/v1/register").body()).isEqualTo("{\"installed\":false,\"processors\":[]}");
    }

    @Test
    void policy_ofAGuard_isATableOfItsRules() throws Exception {
        withGuard(visit -> {
            String page = visit.get("/policy").body();

            assertThat(page)
                    .contains(
                            "id=\"rule-r1\"",
                            ">transcript<",
                            ">DATE_OF_BIRTH<",
                            ">tokenise<",
                            ">model-a<",
                            "if call.verified")
                    .contains("id=\"rule-r2\"", ">CARD_NUMBER<", "anyone in the register", "any purpose", "no rule met")
                    .contains("version 4f1c2d", "loaded 21 Nov 2026, 10:00:00")
                    .doesNotContain("No guard");
            assertThat(visit.get("/api/v1/policy").body())
                    .contains("\"id\":\"r1\"", "\"condition\":\"call.verified\"", "\"operator\":\"deny\"");
        });
    }

    @Test
    void register_ofAGuard_showsWhereEachAgreementStands() throws Exception {
        withGuard(visit -> {
            String page = visit.get("/register").body();

            assertThat(page)
                    .contains(">active<", ">expires in 12 days<", ">expired on " + TODAY.minusDays(3), ">none<")
                    .contains("transcript, turn-context", "us-east", "30 days")
                    .contains("Model &lt;b&gt;a&lt;/b&gt;")
                    .doesNotContain("<b>a</b>");
            assertThat(visit.get("/api/v1/register").body())
                    .contains("\"standing\":\"active\"", "\"standing\":\"ending\"", "\"standing\":\"expired\"")
                    .contains("\"standing\":\"missing\"");
        });
    }

    @Test
    void callPage_tellsToWhomWhatAndWhyEachDisclosureWas() throws Exception {
        CallId call = Visit.call(node, tenant);
        for (String decision : List.of("allowed", "denied")) {
            node.services()
                    .audit()
                    .append(AuditEvent.of(
                                    "disclosure." + decision, node.services().actor())
                            .tenant(tenant)
                            .resource("call", call)
                            .detail("destination", "model-" + decision)
                            .detail("data_class", "transcript")
                            .detail("purpose", "conversation")
                            .detail("rule", "r1")
                            .detail("tokenised", 3)
                            .build());
        }
        node.services().audit().checkpointNow();

        String page = Visit.signedIn(node, tenant).get("/calls/" + call).body();

        assertThat(page)
                .contains(">model-allowed<", ">model-denied<", ">allowed<", ">denied<", ">r1<", "tokenised 3")
                .contains(">transcript</span> for <span>conversation</span>")
                .doesNotContain("The log has no entry that anything", "not signed yet");
    }
}
