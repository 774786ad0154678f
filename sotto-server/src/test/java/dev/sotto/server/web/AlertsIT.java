package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.sotto.audit.AuditQuery;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewNotice;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Notices;
import dev.sotto.store.StaffRole;
import dev.sotto.store.Store;
import dev.sotto.store.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Notices over the API and as a page. Nobody sends to the endpoint of this test, so deliveries stay as they are put.
@ExtendWith(SharedNode.class)
class AlertsIT {
    private static final Duration LIFE = Duration.ofDays(3);

    private final SharedNode.Running node;
    private final Store store;
    private TenantId tenant;
    private CallId call;
    private String endpoint;

    AlertsIT(SharedNode.Running node) {
        this.node = node;
        store = node.services().store();
    }

    @BeforeEach
    void prepare() {
        tenant = Visit.tenant(node);
        call = Visit.call(node, tenant);
        endpoint = "webhook." + tenant.toString().toLowerCase(Locale.ROOT);
        audience(List.of(new Subscription(endpoint, tenant, Set.of(NoticeType.values()))));
    }

    @AfterEach
    void forget() {
        audience(List.of());
    }

    private void audience(List<Subscription> subscriptions) {
        store.notices().tell(new Notices.Audience(subscriptions, LIFE, _ -> {}, () -> {}));
    }

    private void raise(int count) {
        for (int i = 0; i < count; i++) {
            store.notices()
                    .raise(new NewNotice(
                            tenant,
                            NoticeType.DISCLOSURE_DENIED,
                            Optional.of(call),
                            Instant.now(),
                            i + 1,
                            Map.of("rule", "no-rule", "destination", "model-a")));
        }
    }

    private void giveUpAll() {
        store.outbox()
                .due(endpoint, Instant.now(), 200)
                .forEach(due -> store.outbox()
                        .claim(
                                due,
                                endpoint,
                                "a-test",
                                Instant.now(),
                                Instant.now().plusSeconds(60))
                        .ifPresent(claimed -> store.outbox().giveUp(claimed, false, "NOT_TAKEN 500")));
    }

    private static JsonNode json(String body) {
        return JsonMapper.shared().readTree(body);
    }

    @Test
    void list_goesPageByPage_andShowsHowFarEachHasCome() throws Exception {
        raise(5);
        giveUpAll();
        raise(1);
        var visit = Visit.signedIn(node, tenant);
        var ids = new ArrayList<String>();
        String before = "";
        do {
            JsonNode page = json(visit.get("/api/v1/notices?limit=4" + before).body());
            page.path("notices").forEach(notice -> ids.add(notice.path("id").asString()));
            before = page.has("next") ? "&before=" + page.path("next").asString() : "";
        } while (!before.isEmpty());

        assertThat(ids).hasSize(6).doesNotHaveDuplicates();
        JsonNode waiting =
                json(visit.get("/api/v1/notices?state=waiting").body()).path("notices");
        assertThat(waiting).hasSize(1);
        JsonNode failed = json(visit.get("/api/v1/notices?state=failed&limit=1").body())
                .path("notices")
                .get(0);
        assertThat(failed.path("type").asString()).isEqualTo("disclosure.denied");
        assertThat(failed.path("call").asString()).isEqualTo(call.toString());
        assertThat(failed.path("details").path("rule").asString()).isEqualTo("no-rule");
        JsonNode delivery = failed.path("deliveries").get(0);
        assertThat(delivery.path("state").asString()).isEqualTo("failed");
        assertThat(delivery.path("lastError").asString()).isEqualTo("NOT_TAKEN 500");
        assertThat(delivery.path("attempts").asInt()).isEqualTo(1);
        assertThat(visit.get("/api/v1/notices?limit=0").statusCode()).isEqualTo(400);
        assertThat(visit.get("/api/v1/notices?state=lost").statusCode()).isEqualTo(400);
    }

    @Test
    void sendAgain_needsTheFormToken_isOnce_andAudited() throws Exception {
        raise(1);
        giveUpAll();
        var visit = Visit.signedIn(node, tenant);
        String id = json(visit.get("/api/v1/notices").body())
                .path("notices")
                .get(0)
                .path("id")
                .asString();
        String path = "/api/v1/notices/" + id + "/again";

        assertThat(visit.post(path, Map.of()).statusCode()).as("no form token").isEqualTo(403);
        var done = visit.write("/alerts", path, "Idempotency-Key", "k1");
        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(json(done.body()).path("deliveries").get(0).path("state").asString())
                .isEqualTo("waiting");
        assertThat(visit.write("/alerts", path, "Idempotency-Key", "k1").statusCode())
                .isEqualTo(409);
        assertThat(visit.write("/alerts", path).statusCode())
                .as("nothing to do")
                .isEqualTo(200);
        assertThat(node.services()
                        .audit()
                        .entries(AuditQuery.first(AuditQuery.LARGEST_LIMIT)
                                .tenant(tenant)
                                .type("notice.sent_again")))
                .hasSize(1);
        assertThat(visit.write("/alerts", "/api/v1/notices/nonsense/again").statusCode())
                .isEqualTo(404);
    }

    @Test
    void othersNotices_areNotThere_andAuditorsOnlyLook() throws Exception {
        raise(1);
        giveUpAll();
        String id = store.notices()
                .list(tenant, Optional.empty(), Optional.empty(), 1)
                .getFirst()
                .id()
                .toString();
        var stranger = Visit.signedIn(node, Visit.tenant(node));
        assertThat(json(stranger.get("/api/v1/notices").body()).path("notices")).isEmpty();
        assertThat(stranger.get("/alerts").body()).contains("Nothing was told yet");
        assertThat(stranger.write("/alerts", "/api/v1/notices/" + id + "/again").statusCode())
                .isEqualTo(404);

        var auditor = new Visit(node);
        auditor.signIn(Visit.member(node, tenant, StaffRole.AUDITOR), Visit.PASSWORD);
        assertThat(auditor.get("/alerts").body())
                .contains("Disclosure denied")
                .contains("given up")
                .doesNotContain("Send again");
        assertThat(auditor.write("/alerts", "/api/v1/notices/" + id + "/again").statusCode())
                .isEqualTo(403);
        assertThat(new Visit(node).get("/api/v1/notices").statusCode()).isEqualTo(401);
    }

    /// With `-Dsotto.shots=FOLDER` also as pictures.
    @ParameterizedTest
    @CsvSource({"1280, LIGHT", "1280, DARK", "390, LIGHT", "390, DARK"})
    void page_inEveryLook_isReadable_andItsButtonWorks(int width, ColorScheme scheme) throws Exception {
        raise(3);
        giveUpAll();
        raise(1);
        store.calls().setOutcome(tenant, call, CallOutcome.TRANSFERRED, Instant.now());
        try (Chromium chromium = Chromium.start()) {
            Page page = chromium.page(new Browser.NewContextOptions()
                    .setViewportSize(width, 800)
                    .setColorScheme(scheme)
                    .setReducedMotion(ReducedMotion.REDUCE));
            page.navigate(node.node().dashboard().resolve("/sign-in").toString());
            page.getByLabel("E-mail address").fill(Visit.admin(node, tenant));
            page.getByLabel("Password").fill(Visit.PASSWORD);
            page.locator("button.primary").click();
            page.locator("nav a[href='/alerts']").click();
            page.waitForURL("**/alerts"); // a click does not wait, and a page without its style fits nothing
            BrowserIT.assertReadable(page, "/alerts");
            String shots = System.getProperty("sotto.shots");
            if (shots != null) {
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(Path.of(shots, "alerts-%d-%s.png".formatted(width, scheme))));
            }

            int failed = page.locator(".pill.wrong", new Page.LocatorOptions().setHasText("given up"))
                    .count();
            page.locator(".told button").first().click();
            page.waitForCondition(() -> page.locator(".pill.wrong", new Page.LocatorOptions().setHasText("given up"))
                            .count()
                    == failed - 1);
            assertThat(page.url()).endsWith("/alerts");
            chromium.assertNoComplaint();
        }
    }

    @Test
    void page_showsAndSendsAgain() throws Exception {
        raise(1);
        giveUpAll();
        var visit = Visit.signedIn(node, tenant);
        String page = visit.get("/alerts").body();
        assertThat(page).contains("1 not sent").contains("NOT_TAKEN 500").contains("/calls/" + call);
        String action = page.replaceAll("(?s).*action=\"(/alerts/[^\"]+/again)\".*", "$1");

        assertThat(visit.submit("/alerts", action, Map.of("endpoint", endpoint)).statusCode())
                .isEqualTo(302);
        assertThat(visit.get("/alerts").body()).contains("1 waiting").doesNotContain("not sent");
        assertThat(visit.get("/alerts?state=failed").body()).contains("No notice has a delivery in this state");
    }
}
