package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditQuery;
import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.TenantId;
import dev.sotto.server.call.PeerTrust;
import dev.sotto.server.faults.Browser.Answer;
import dev.sotto.server.web.SetupLink;
import dev.sotto.store.Tenant;
import dev.sotto.store.WrapUpState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Two businesses on one node, each with an administrator who came in by the setup link, and each with a call that
/// came in by telephone: what one has, the other cannot tell from what never was.
class TenantIT {
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());
    private static final String PASSWORD = "harbour mosaic lantern";
    private static final String OTHER_NUMBER = "+15550100500";
    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

    private static AttackedNode node;
    private static Party clinic;
    private static Party bakery;

    /// A business, its administrator at the dashboard, and its call.
    private record Party(TenantId tenant, String email, Browser browser, CallId call) {}

    @BeforeAll
    static void start() throws Exception {
        node = AttackedNode.start("tenant");
        var services = node.node().core().services();
        TenantId first = services.store().tenants().all().getFirst().id();
        Browser clinicBrowser = setUp(node.node().setupLink().orElseThrow(), first, "owner@lakeside.example");
        TenantId second = IDS.tenantId();
        services.store()
                .tenants()
                .create(new Tenant(
                        second, "Corner Bakery", "hospitality", ZoneOffset.UTC, true, Optional.empty(), OTHER_NUMBER));
        SetupLink link = SetupLink.offer(services, node.node().dashboard(), Clock.systemUTC(), new SecureRandom())
                .orElseThrow();
        Browser bakeryBrowser = setUp(link, second, "owner@bakery.example");
        clinic = new Party(first, "owner@lakeside.example", clinicBrowser, node.assertServes("+15550145001"));
        bakery = new Party(second, "owner@bakery.example", bakeryBrowser, callOfTheBakery());
        wrappedUp(clinic);
        wrappedUp(bakery);
    }

    /// The node is done with a call: from here on an entry about it has somebody else as its cause.
    private static void wrappedUp(Party party) throws Exception {
        var store = node.node().core().services().store();
        Await.until(
                "the work after the call is done",
                () -> store.wrapUps()
                        .find(party.tenant(), party.call())
                        .filter(view -> view.state() != WrapUpState.PENDING)
                        .isPresent());
    }

    private static Browser setUp(SetupLink link, TenantId tenant, String email) throws Exception {
        assertThat(link.tenant()).isEqualTo(tenant);
        var browser = new Browser(node.home(), node.node().dashboard());
        browser.setUp(link.address(), email, PASSWORD);
        return browser;
    }

    private static CallId callOfTheBakery() throws Exception {
        try (var phone = Phone.at(node.home())) {
            Phone.Line line = phone.call(
                    "+15550145002", OTHER_NUMBER, Sound.speech(5, Duration.ofSeconds(4)), "", Phone.HURRIED, false);
            CallId id = line.id();
            Await.until("the agent is heard for a second", () -> line.heard().length > 8_000);
            line.hangUp();
            line.await();
            return id;
        }
    }

    @AfterAll
    static void stop() throws Exception {
        try (AttackedNode _ = node;
                Browser _ = clinic.browser();
                Browser _ = bakery.browser()) {
            node.assertIntact();
        }
    }

    /// Everything that shows something of a call.
    private static List<String> doors(CallId call) {
        return List.of(
                "/api/v1/calls/" + call,
                "/api/v1/calls/" + call + "/audit",
                "/api/v1/calls/" + call + "/recording",
                "/calls/" + call);
    }

    @Test
    void callOfTheOther_isNotThere_toEither() throws Exception {
        wall(clinic, bakery);
        wall(bakery, clinic);
    }

    private static void wall(Party ours, Party theirs) throws Exception {
        CallId never = IDS.callId();
        long entriesOfTheirs = entries(theirs.tenant()).size();
        int before = refusals(ours).size();

        for (int i = 0; i < doors(never).size(); i++) {
            String door = doors(theirs.call()).get(i);
            Answer foreign = ours.browser().get(door);
            Answer absent = ours.browser().get(doors(never).get(i));
            assertThat(foreign.status()).as(door).isEqualTo(404);
            assertThat(shape(foreign)).as(door).isEqualTo(shape(absent));
            assertThat(foreign.everything())
                    .doesNotContain(theirs.call().toString(), theirs.tenant().toString(), theirs.email());
        }
        String recording = doors(theirs.call()).get(2);
        Answer part = ours.browser().get(recording, "bytes=0-43");
        Answer beyond = ours.browser().get(recording, "bytes=999999999-");
        Answer head = head(ours, recording);
        Answer named = ours.browser().get(doors(theirs.call()).getFirst() + "?tenant=" + theirs.tenant());
        assertThat(List.of(part.status(), beyond.status(), head.status(), named.status()))
                .containsOnly(404);

        assertThat(refusals(ours).stream().skip(before).toList())
                .hasSize(2 * doors(never).size() + 4)
                .allSatisfy(entry -> {
                    assertThat(entry.actor().kind()).isEqualTo(ActorId.Kind.USER);
                    assertThat(entry.actor()).isEqualTo(actor(ours));
                    assertThat(entry.body().orElseThrow().resource()).isIn("call/" + theirs.call(), "call/" + never);
                })
                .filteredOn(entry -> entry.body().orElseThrow().resource().equals("call/" + theirs.call()))
                .hasSize(doors(never).size() + 4);
        // Nobody who was not theirs is in their part of the log, and nothing of theirs was opened.
        assertThat(entries(theirs.tenant())).hasSize((int) entriesOfTheirs);
        assertThat(ours.browser().get("/api/v1/calls").body())
                .contains(ours.call().toString())
                .doesNotContain(theirs.call().toString());
        assertThat(ours.browser().get("/calls").body())
                .doesNotContain(theirs.call().toString());
    }

    /// The answer without what is new in every answer.
    private static String shape(Answer answer) {
        Map<String, String> headers = new TreeMap<>(answer.headers());
        headers.remove("date");
        headers.replaceAll((_, value) -> value.replaceAll("'nonce-[^']+'", "nonce"));
        String body = answer.body().replaceAll("(nonce|value)=\"[^\"]*\"", "");
        return answer.status() + " " + headers + " " + body;
    }

    private static Answer head(Party party, String path) throws IOException, InterruptedException {
        return party.browser().send(party.browser().request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    }

    private static List<AuditEntry> entries(TenantId tenant) {
        return node.node()
                .core()
                .services()
                .audit()
                .entries(AuditQuery.first(AuditQuery.LARGEST_LIMIT).tenant(tenant));
    }

    private static List<AuditEntry> refusals(Party party) {
        return entries(party.tenant()).stream()
                .filter(entry -> entry.type().equals("access.refused"))
                .toList();
    }

    /// Who made the administrator's first session.
    private static ActorId actor(Party party) {
        return entries(party.tenant()).stream()
                .filter(entry -> entry.type().equals("staff.session_started"))
                .map(AuditEntry::actor)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void ownCall_isThereToEach() throws Exception {
        for (Party party : List.of(clinic, bakery)) {
            for (String door : doors(party.call())) {
                assertThat(party.browser().get(door).status()).as(door).isEqualTo(200);
            }
            Answer recording = party.browser().get(doors(party.call()).get(2));
            assertThat(recording.bytes()).startsWith("RIFF".getBytes(US_ASCII));
            assertThat(recording.bytes().length).isGreaterThan(8_000);
            assertThat(entries(party.tenant()))
                    .filteredOn(entry -> entry.type().equals("recording.opened"))
                    .isNotEmpty()
                    .allSatisfy(entry -> assertThat(entry.actor()).isEqualTo(actor(party)));
        }
    }

    @Test
    void withoutASession_nothingIsThere() throws Exception {
        try (var stranger = new Browser(node.home(), node.node().dashboard())) {
            for (CallId call : List.of(clinic.call(), IDS.callId())) {
                for (String door : doors(call)) {
                    assertTurnedAway(stranger.get(door), door);
                    assertTurnedAway(forged(stranger, door), door);
                }
            }
            assertTurnedAway(stranger.get("/calls"), "/calls");
            assertTurnedAway(stranger.get("/api/v1/calls"), "/api/v1/calls");
        }
    }

    private static Answer forged(Browser stranger, String door) throws IOException, InterruptedException {
        return stranger.send(stranger.request(door).header("Cookie", "__Host-sotto=" + "A".repeat(43)));
    }

    private static void assertTurnedAway(Answer answer, String door) {
        if (door.startsWith("/api/")) {
            assertThat(answer.status()).as(door).isEqualTo(401);
            assertThat(answer.body()).as(door).contains("\"code\":\"not_signed_in\"");
        } else {
            assertThat(answer.status()).as(door).isEqualTo(303);
            assertThat(answer.headers()).as(door).containsEntry("location", "/sign-in");
            assertThat(answer.bytes()).as(door).isEmpty();
        }
    }

    @Test
    void formTokenOfAnotherSession_isForbidden() throws Exception {
        var theirs = CSRF.matcher(bakery.browser().get("/calls").body());
        assertThat(theirs.find()).isTrue();
        var browser = clinic.browser();

        for (String body : List.of("", "_csrf=" + theirs.group(1), "_csrf=canary")) {
            Answer answer = browser.send(browser.request("/sign-out")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
            assertThat(answer.status()).as(body).isEqualTo(403);
            assertThat(answer.body()).doesNotContain("canary");
        }

        assertThat(browser.get("/calls").status()).as("the session goes on").isEqualTo(200);
    }

    @Test
    void tlsOlderThan13_isRefusedByTheDashboard() throws Exception {
        URI dashboard = node.node().dashboard();
        SSLContext trust = PeerTrust.withAuthority(node.home().state("ca.pem"))
                .client()
                .build()
                .sslContext();

        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> RawStream.connect(dashboard, trust, "TLSv1.2"));

        try (RawStream modern = RawStream.connect(dashboard, trust, "TLSv1.2", "TLSv1.3")) {
            assertThat(modern.protocol()).isEqualTo("TLSv1.3");
        }
    }
}
