package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewTurn;
import dev.sotto.store.RecordingWriter;
import dev.sotto.store.Speaker;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedNode.class)
class BrowserIT {
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());
    private static final int SECOND = 16_000;

    private final SharedNode.Running node;
    private final TenantId tenant;

    BrowserIT(SharedNode.Running node) {
        this.node = node;
        this.tenant = Visit.tenant(node);
    }

    private static Optional<Path> chromium() {
        if ("missing".equals(System.getProperty("sotto.chromium"))) {
            return Optional.empty();
        }
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// A call with a recording of two seconds and two turns.
    private CallId call() {
        CallId id = Visit.call(node, tenant);
        var store = node.services().store();
        RecordingWriter writer = store.recordings().start(tenant, id);
        writer.write(ByteBuffer.wrap(new byte[2 * SECOND]));
        writer.finish();
        turn(
                id,
                Speaker.CALLER,
                TurnKind.KEYPAD,
                TurnText.of(new TurnText.Part.Protected("DATE OF BIRTH", SensitiveText.of("canary-19840512"))));
        turn(
                id,
                Speaker.AGENT,
                TurnKind.PROMPT,
                TurnText.of(
                        new TurnText.Part.Clear("Your next appointment is on "),
                        new TurnText.Part.Protected("DATE", SensitiveText.of("canary-tuesday")),
                        new TurnText.Part.Clear(" & that <b>is</b> it.")));
        store.calls().setOutcome(tenant, id, CallOutcome.COMPLETED, Instant.now());
        return id;
    }

    private void turn(CallId call, Speaker speaker, TurnKind kind, TurnText text) {
        node.services()
                .store()
                .turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(new TurnId(IDS.next()), speaker, kind, Duration.ofSeconds(1), Duration.ZERO, text));
    }

    @Test
    void signInAndOneCall_workInABrowserWithoutAnyScript() {
        Optional<Path> chromium = chromium();
        assumeTrue(chromium.isPresent(), "skipped: no chromium on this machine (apt-get install chromium)");
        CallId call = call();
        String email = Visit.admin(node, tenant);
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");

        try (Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
                Browser browser = playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(chromium.get())
                                .setArgs(List.of("--no-sandbox")))) {
            Page page = browser.newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true))
                    .newPage();
            List<String> complaints = new ArrayList<>();
            page.onConsoleMessage(message -> complaints.add(message.text()));
            page.navigate(node.node().dashboard().resolve("/calls").toString());
            assertThat(page.title()).isEqualTo("Sign in · Sotto");

            page.getByLabel("E-mail address").fill(email);
            page.getByLabel("Password").fill(Visit.PASSWORD);
            page.locator("button.primary").click();
            assertThat(page.locator("h1").textContent()).isEqualTo("Calls");
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

            Object played = page.evaluate("async () => { const a = document.querySelector('audio'); a.muted = true;"
                    + " await a.play(); return a.error === null && a.duration > 1.9; }");
            assertThat(played).isEqualTo(true);
            assertThat(complaints).isEmpty();

            page.locator("text=Sign out").click();
            assertThat(page.title()).isEqualTo("Sign in · Sotto");
        }
    }
}
