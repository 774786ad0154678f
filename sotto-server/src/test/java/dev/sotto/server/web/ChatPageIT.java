package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sotto.server.up.SharedNode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The page of a visitor in Chromium, with the receptionist behind it.
@ExtendWith(SharedNode.class)
class ChatPageIT {
    private static final double READABLE = 4.5; // WCAG 2.2, 1.4.3

    private final SharedNode.Running node;
    private Chromium chromium;

    ChatPageIT(SharedNode.Running node) {
        this.node = node;
    }

    @BeforeEach
    void start() {
        chromium = Chromium.start();
    }

    @AfterEach
    void stop() {
        chromium.close();
    }

    private Page begun(Browser.NewContextOptions options) {
        Page page = chromium.page(options);
        page.navigate(node.node().core().mediaUrl().resolve("/chat").toString());
        assertThat(page.locator(".pill").first().textContent()).isEqualTo("Automated assistant");
        assertThat(page.locator("#scripted").isVisible())
                .as("no model, no script")
                .isFalse();
        page.locator("#start").focus();
        page.keyboard().press("Enter");
        said(page, "date of birth");
        return page;
    }

    private static void said(Page page, String words) {
        page.locator("#log li.agent", new Page.LocatorOptions().setHasText(words))
                .last()
                .waitFor();
    }

    /// By keyboard alone.
    private static void write(Page page, String words) {
        page.locator("#text").focus();
        page.keyboard().type(words);
        page.keyboard().press("Enter");
    }

    @Test
    void visitor_byKeyboard_isVerifiedAndHearsOfTheAppointment_andNothingIsComplainedOf() {
        Page page = begun(new Browser.NewContextOptions());
        assertThat(page.locator("#log").getAttribute("role")).isEqualTo("log");
        assertThat(page.title()).isEqualTo("Lakeside Clinic");
        write(page, "1984-05-12");
        said(page, "last four digits");
        write(page, "4417");
        said(page, "Your next appointment is on");
        page.waitForCondition(() ->
                page.locator("#log li.visitor small").allTextContents().stream().allMatch("Received"::equals));
        assertThat((List<?>) page.evaluate(PageChecks.UNNAMED)).isEmpty();
        assertThat(page.evaluate("sessionStorage.length + localStorage.length")).isEqualTo(0);
        write(page, "bye");
        page.locator("#over").waitFor();
        assertThat(page.locator("#over-text").textContent()).contains("Thank you for writing.");
        chromium.assertNoComplaint();
    }

    @Test
    void page_inDarkAndOnAPhone_isReadableAndFits() {
        Page page =
                begun(new Browser.NewContextOptions().setViewportSize(360, 640).setColorScheme(ColorScheme.DARK));
        write(page, "<b>not</b> a date");
        said(page, "did not understand");
        assertThat(page.locator("#log li.visitor").textContent()).startsWith("<b>not</b> a date");
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        assertThat((List<?>) page.evaluate(PageChecks.PALE, READABLE)).isEmpty();
        page.locator("#end").click();
        page.locator("#over").waitFor();
        chromium.assertNoComplaint();
    }
}
