package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditQuery;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.NodeServices;
import dev.sotto.server.up.SharedNode;
import dev.sotto.testkit.ManualClock;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedNode.class)
class StaffAccessIT {
    private final SharedNode.Running node;
    private final TenantId tenant;
    private final Visit visit;

    StaffAccessIT(SharedNode.Running node) {
        this.node = node;
        this.tenant = Visit.tenant(node);
        this.visit = new Visit(node);
    }

    private String offerSetup(Instant expires) {
        String token = Tokens.fresh(new SecureRandom());
        node.services()
                .store()
                .staff()
                .offerSetup(tenant, Tokens.hash(token), expires, node.services().actor());
        return token;
    }

    private Map<String, String> form(String token, String email, String password) {
        return Map.of("token", token, "email", email, "password", password, "repeated", password);
    }

    private List<String> audited() {
        return node.services().audit().entries(AuditQuery.first(1_000).tenant(tenant)).stream()
                .map(AuditEntry::type)
                .toList();
    }

    @Test
    void setupLink_makesOneAdminAndWorksOnce() throws Exception {
        String token = offerSetup(Instant.now().plusSeconds(600));
        String page = "/setup?token=" + token;

        HttpResponse<String> made = visit.submit(page, "/setup", form(token, tenant + "@one.example", Visit.PASSWORD));

        assertThat(made.statusCode()).isEqualTo(302);
        assertThat(made.headers().firstValue("Location"))
                .hasValueSatisfying(to -> assertThat(to).endsWith("/calls"));
        assertThat(visit.get("/calls").statusCode()).isEqualTo(200);
        assertThat(audited()).contains("staff.setup_offered", "staff.created", "staff.session_started");

        var second = new Visit(node);
        assertThat(second.get(page).statusCode()).isEqualTo(404);
        assertThat(second.submit("/sign-in", "/setup", form(token, "b@one.example", Visit.PASSWORD))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void setupForm_withAFault_saysWhyRepeatsNothingAndStaysOpen() throws Exception {
        String token = offerSetup(Instant.now().plusSeconds(600));
        String page = "/setup?token=" + token;

        HttpResponse<String> shortOne = visit.submit(page, "/setup", form(token, "a@two.example", "canary-pw"));
        HttpResponse<String> noEmail = visit.submit(page, "/setup", form(token, "canary-mail", Visit.PASSWORD));
        HttpResponse<String> differ = visit.submit(
                page,
                "/setup",
                Map.of(
                        "token",
                        token,
                        "email",
                        "a@two.example",
                        "password",
                        Visit.PASSWORD,
                        "repeated",
                        "canary-other"));

        assertThat(List.of(shortOne, noEmail, differ)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("role=\"alert\"").doesNotContain("canary");
        });
        assertThat(visit.get(page).statusCode()).isEqualTo(200);
    }

    @Test
    void setupLink_afterItsTime_isClosed() throws Exception {
        var clock = new ManualClock(Instant.now());
        var door = new SetupDoor(parts(clock), new Passwords());
        String token = offerSetup(clock.instant().plus(SetupLink.LIFE));
        assertThat(door.isOpen(token)).isTrue();

        clock.advance(SetupLink.LIFE);

        assertThat(door.isOpen(token)).isFalse();
        var password = SensitiveText.of(Visit.PASSWORD);
        assertThat(door.complete(token, SensitiveText.of("a@three.example"), password, password))
                .isInstanceOf(SetupDoor.Step.LinkInvalid.class);
        assertThat(visit.get("/setup?token=never").statusCode()).isEqualTo(404);
    }

    @Test
    void post_withoutItsToken_isForbidden() throws Exception {
        String email = Visit.admin(node, tenant);
        visit.get("/sign-in");

        HttpResponse<String> none = visit.post("/sign-in", Map.of("email", email, "password", Visit.PASSWORD));
        HttpResponse<String> foreign = visit.post(
                "/sign-in",
                Map.of("email", email, "password", Visit.PASSWORD, "_csrf", Tokens.fresh(new SecureRandom())));

        assertThat(none.statusCode()).isEqualTo(403);
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(visit.cookie("__Host-sotto")).isEmpty();
    }

    @Test
    void session_cookie_isBoundToThisHostAndHidden() throws Exception {
        HttpResponse<String> signedIn = visit.signIn(Visit.admin(node, tenant), Visit.PASSWORD);

        assertThat(signedIn.headers().allValues("Set-Cookie"))
                .filteredOn(cookie -> cookie.startsWith("__Host-sotto="))
                .singleElement()
                .asString()
                .contains("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200")
                .doesNotContain("Domain");
    }

    @Test
    void signIn_wrongPasswordAndUnknownAddress_answerAlike() throws Exception {
        HttpResponse<String> wrong = visit.signIn(Visit.admin(node, tenant), "not the right words");
        HttpResponse<String> unknown = new Visit(node).signIn("canary@nowhere.example", "not the right words");

        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(bare(unknown)).isEqualTo(bare(wrong)).doesNotContain("canary");
        assertThat(audited()).contains("staff.sign_in_refused");
    }

    private static String bare(HttpResponse<String> page) {
        return page.body().replaceAll("(nonce|value)=\"[^\"]*\"", "");
    }

    @Test
    void signIn_tooOften_isThrottledEvenWithTheRightPassword() throws Exception {
        String email = Visit.admin(node, tenant);
        for (int i = 0; i < 10; i++) {
            assertThat(visit.signIn(email, "not the right words").statusCode()).isEqualTo(401);
        }

        assertThat(visit.signIn(email, Visit.PASSWORD).statusCode()).isEqualTo(429);
    }

    @Test
    void signOut_endsTheSessionEverywhere() throws Exception {
        visit.signIn(Visit.admin(node, tenant), Visit.PASSWORD);
        String token = visit.cookie("__Host-sotto").orElseThrow();

        assertThat(visit.submit("/calls", "/sign-out", Map.of()).statusCode()).isEqualTo(302);

        assertThat(visit.cookie("__Host-sotto")).isEmpty();
        visit.setCookie("__Host-sotto", token);
        assertThat(visit.get("/calls").statusCode()).isEqualTo(303);
        assertThat(audited()).contains("staff.session_ended");
    }

    @Test
    void session_unused_endsAfterItsIdleTime() throws Exception {
        visit.signIn(Visit.admin(node, tenant), Visit.PASSWORD);
        byte[] hash = Tokens.hash(visit.cookie("__Host-sotto").orElseThrow());
        var staff = node.services().store().staff();

        assertThat(staff.session(hash, Instant.now().plus(Duration.ofMinutes(29))))
                .isPresent();
        assertThat(staff.session(hash, Instant.now().plus(Duration.ofMinutes(61))))
                .isEmpty();
    }

    @Test
    void signIn_whereASecondFactorIsNeeded_doesNotSignIn() {
        var door = new SignInDoor(parts(new ManualClock(Instant.now())), new Passwords(), _ -> true);
        var email = SensitiveText.of(Visit.admin(node, tenant));

        assertThat(door.signIn(email, SensitiveText.of(Visit.PASSWORD), "192.0.2.1"))
                .isInstanceOf(SignInDoor.Step.NeedsSecondFactor.class);
    }

    private WebParts parts(ManualClock clock) {
        var gate = new NodeGate() {
            @Override
            public NodeServices services() {
                return node.services();
            }

            @Override
            public Map<String, Boolean> health() {
                return Map.of();
            }
        };
        var config = NodeConfig.defaults();
        return new WebParts(
                config.server(),
                config.sessions(),
                node.node().foundation().identityFor(config.server(), "test"),
                gate,
                "token",
                new MicrometerMeter(),
                clock,
                new SecureRandom());
    }
}
