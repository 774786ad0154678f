package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.sotto.audit.AuditQuery;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewTurn;
import dev.sotto.store.RecordingWriter;
import dev.sotto.store.Speaker;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedNode.class)
class BrowserIT {
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());
    private static final int SECOND = 16_000;
    private static final double READABLE = 4.5; // WCAG 2.2, 1.4.3

    private final SharedNode.Running node;
    private final TenantId tenant;
    private Chromium chromium;

    BrowserIT(SharedNode.Running node) {
        this.node = node;
        this.tenant = Visit.tenant(node);
    }

    @BeforeEach
    void start() {
        chromium = Chromium.start();
    }

    @AfterEach
    void stop() {
        chromium.close();
    }

    /// A call with a recording of four seconds, the caller loud in the first half, and three turns.
    private CallId call() {
        CallId id = Visit.call(node, tenant);
        var store = node.services().store();
        byte[] mulaw = new byte[4 * SECOND];
        Arrays.fill(mulaw, (byte) 0xff);
        var random = new SplittableRandom(5);
        for (int at = 0; at < 2 * SECOND; at += 2) {
            mulaw[at] = (byte) random.nextInt(128, 192);
        }
        RecordingWriter writer = store.recordings().start(tenant, id);
        writer.write(ByteBuffer.wrap(mulaw));
        writer.finish();
        turn(
                id,
                Speaker.CALLER,
                TurnKind.KEYPAD,
                0,
                TurnText.of(new TurnText.Part.Protected("DATE OF BIRTH", SensitiveText.of("canary-19840512"))));
        turn(id, Speaker.SYSTEM, TurnKind.TOOL, 1, TurnText.clear("verify_identity: verified"));
        turn(
                id,
                Speaker.AGENT,
                TurnKind.PROMPT,
                2,
                TurnText.of(
                        new TurnText.Part.Clear("Your next appointment is on "),
                        new TurnText.Part.Protected("DATE", SensitiveText.of("canary-tuesday")),
                        new TurnText.Part.Clear(" & that <b>is</b> it.")));
        store.calls().setOutcome(tenant, id, CallOutcome.COMPLETED, Instant.now());
        node.services().audit().checkpointNow();
        return id;
    }

    private void turn(CallId call, Speaker speaker, TurnKind kind, long second, TurnText text) {
        node.services()
                .store()
                .turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(
                                IDS.turnId(), speaker, kind, Duration.ofSeconds(second), Duration.ofSeconds(1), text));
    }

    private static Browser.NewContextOptions options() {
        return new Browser.NewContextOptions();
    }

    private String at(String path) {
        return node.node().dashboard().resolve(path).toString();
    }

    private Page signedIn(Browser.NewContextOptions options) {
        Page page = chromium.page(options);
        page.navigate(at("/calls"));
        assertThat(page.title()).isEqualTo("Sign in · Sotto");
        page.getByLabel("E-mail address").fill(Visit.admin(node, tenant));
        page.getByLabel("Password").fill(Visit.PASSWORD);
        page.locator("button.primary").click();
        assertThat(page.locator("h1").textContent()).isEqualTo("Calls");
        return page;
    }

    private int entries(String type) {
        return node.services()
                .audit()
                .entries(AuditQuery.first(100).tenant(tenant).type(type))
                .size();
    }

    @Test
    void signInListAndCall_tellTheStoryAndPlayIt() {
        CallId call = call();
        Page page = signedIn(options());
        assertThat(page.locator("table.calls tbody tr").count()).isEqualTo(1);

        page.locator("table.calls a").first().click();
        assertThat(page.url()).endsWith("/calls/" + call);
        assertThat(page.locator(".turn .pill.label").allTextContents()).containsExactly("DATE OF BIRTH", "DATE");
        assertThat(page.locator(".turn.agent p").textContent())
                .isEqualTo("Your next appointment is on DATE & that <b>is</b> it.");
        assertThat(page.content()).doesNotContain("canary");
        // The style sheet was let in by the policy.
        assertThat(page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius"))
                .isEqualTo("8px");
        assertThat(page.locator(".verdict").textContent()).matches("(\\d+) of \\1 entries proven");

        page.locator("#wave .bars path.caller").first().waitFor();
        assertThat(page.locator("#wave .lane").count()).isEqualTo(3);
        String drawn = page.locator("#wave .bars:not(.played) path.caller").getAttribute("d");
        assertThat(drawn).startsWith("M").doesNotContain("M75").contains("V");
        assertThat(page.locator("#wave .bars:not(.played) path.agent").getAttribute("d"))
                .as("nothing was heard")
                .isNullOrEmpty();
        page.evaluate("document.querySelector('audio').muted = true");
        page.getByRole(
                        com.microsoft.playwright.options.AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Play from 0:02"))
                .click();
        page.waitForCondition(() -> page.locator(".turn.agent").getAttribute("aria-current") != null
                && (boolean) page.evaluate("document.querySelector('audio').currentTime > 2.1"));
        assertThat(page.locator("#play").textContent()).isEqualTo("Pause");
        page.waitForCondition(() -> page.locator("#play").textContent().equals("Play"));
        chromium.assertNoComplaint();
        assertThat(entries("recording.opened")).as("the outline and the sound").isGreaterThanOrEqualTo(2);

        page.locator("text=Sign out").click();
        assertThat(page.title()).isEqualTo("Sign in · Sotto");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Space", "Enter"})
    void heldLabel_byKeyboard_showsItsValueUntilLetGo(String key) {
        CallId call = call();
        Page page = signedIn(options());
        page.navigate(at("/calls/" + call));
        Locator label = page.locator(".turn.caller .reveal");
        label.focus();

        page.keyboard().down(key);
        page.waitForCondition(() -> label.textContent().equals("canary-19840512"));
        page.keyboard().up(key);

        assertThat(label.textContent()).isEqualTo("DATE OF BIRTH");
        assertThat(page.content()).doesNotContain("canary");
        assertThat(entries("turn.revealed")).isEqualTo(1);
        chromium.assertNoComplaint();
    }

    @Test
    void heldLabel_byPointer_showsItsValueAndATouchTooShortNothing() {
        CallId call = call();
        Page page = signedIn(options());
        page.navigate(at("/calls/" + call));
        Locator label = page.locator(".turn.agent .reveal");
        label.hover();

        page.mouse().down();
        page.mouse().up();
        assertThat(label.textContent()).isEqualTo("DATE");
        page.mouse().down();
        page.waitForCondition(() -> label.textContent().equals("canary-tuesday"));
        page.mouse().move(1, 1);
        page.waitForCondition(() -> label.textContent().equals("DATE"));
        page.mouse().up();

        assertThat(page.content()).doesNotContain("canary");
        assertThat(entries("turn.revealed")).isEqualTo(1);
        chromium.assertNoComplaint();
    }

    /// How a page is looked at.
    enum Look {
        LIGHT(1240, ColorScheme.LIGHT),
        DARK(1240, ColorScheme.DARK),
        PHONE(360, ColorScheme.LIGHT),
        DARK_PHONE(360, ColorScheme.DARK);

        private final int width;
        private final ColorScheme scheme;

        Look(int width, ColorScheme scheme) {
            this.width = width;
            this.scheme = scheme;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyPage_inEveryLook_isReadableAndNamesWhatItHolds(Look look) throws IOException {
        CallId call = call();
        Page page = signedIn(options()
                .setViewportSize(look.width, 800)
                .setColorScheme(look.scheme)
                .setReducedMotion(ReducedMotion.REDUCE));

        for (String path : List.of(
                "/calls", "/calls?outcome=lost", "/calls/" + call, "/policy", "/register", "/reference", "/nothing")) {
            page.navigate(at(path));
            assertReadable(page, path);
        }
        page.locator("text=Sign out")
                .or(page.locator("a[href='/calls']"))
                .first()
                .click();
        page.navigate(at("/setup?token=x"));
        assertReadable(page, "/setup");
        Page stranger = chromium.page(options().setViewportSize(look.width, 800).setColorScheme(look.scheme));
        stranger.navigate(at("/sign-in"));
        assertReadable(stranger, "/sign-in");
        // A page that is not there is an error to the console, and nothing else is.
        chromium.assertOnlyComplaints("404");
    }

    static void assertReadable(Page page, String path) throws IOException {
        assertThat(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .as("%s fits", path)
                .isEqualTo(0);
        assertThat(page.locator("main").count())
                .as("%s has one main part", path)
                .isEqualTo(1);
        assertThat(page.locator("h1").count()).as("%s has one title", path).isEqualTo(1);
        assertThat(page.evaluate("document.documentElement.lang")).isEqualTo("en");
        assertThat(page.evaluate(PageChecks.UNNAMED))
                .as("%s: controls without a name", path)
                .isEqualTo(List.of());
        assertThat(page.evaluate(PageChecks.PALE, READABLE))
                .as("%s: text that is too pale", path)
                .isEqualTo(List.of());
        Optional<Path> axe =
                Optional.ofNullable(System.getProperty("sotto.axe")).map(Path::of);
        if (axe.isPresent()) {
            page.evaluate(Files.readString(axe.get()));
            assertThat(page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ' ' + v.nodes[0].html)"))
                    .as(path)
                    .isEqualTo(List.of());
        }
    }

    @Test
    void keyboard_reachesEverythingInOrder_withFocusThatIsSeen() {
        CallId call = call();
        Page page = signedIn(options());
        page.navigate(at("/calls/" + call));
        page.locator("button.seek").first().waitFor();

        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("To the content");
        assertThat(page.evaluate("document.activeElement.getBoundingClientRect().left >= 0"))
                .isEqualTo(true);
        page.keyboard().press("Enter");
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("Calls");
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.id")).isEqualTo("position");
        page.keyboard().press("ArrowRight");
        page.keyboard().press("ArrowRight");
        assertThat(page.locator("#position").getAttribute("aria-valuetext")).isEqualTo("0:00 of 0:04");
        page.keyboard().press("End");
        assertThat(page.locator("#position").getAttribute("aria-valuetext")).isEqualTo("0:04 of 0:04");
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.id")).isEqualTo("play");
        assertThat(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
                .isEqualTo("solid");
        assertThat(entries("recording.opened")).as("seeking plays nothing").isEqualTo(1);
        chromium.assertNoComplaint();
    }

    @Test
    void list_withACallOnTheLine_marksItAndTellsItsEnd() {
        CallId live = Visit.call(node, tenant);
        Page page = signedIn(options());
        assertThat(page.locator("tr[data-call='" + live + "'] .pill.live").count())
                .isEqualTo(1);
        assertThat(page.locator("tr[data-call='" + live + "'] time").textContent())
                .matches("\\d+:\\d\\d");

        node.services().store().calls().setOutcome(tenant, live, CallOutcome.COMPLETED, Instant.now());
        page.waitForCondition(() -> page.locator(".pill.live").count() == 0);

        assertThat(page.locator("tr[data-call='" + live + "'] .what a").textContent())
                .isEqualTo("Answered");
        page.locator("select[name=outcome]").selectOption("lost");
        page.locator(".search button").click();
        assertThat(page.locator(".empty").textContent()).contains("No call matches.");
        chromium.assertNoComplaint();
    }
}
