package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.server.faults.NodeProcess.Ended;
import dev.sotto.store.Role;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One body of the log in the hands of its tables' owner: whoever shows the call says which entry it is, and does not
/// show what it says now.
class ProofIT {
    private static final Path WAV =
            Path.of("../samples/appointment.wav").toAbsolutePath().normalize();
    private static final Pattern CALL = Pattern.compile("(?m)^call ([0-9A-Z]{26})$");

    private static Home home;
    private static NodeProcess node;
    private static Browser browser;
    private static Database owner;

    @BeforeAll
    static void start() throws Exception {
        home = Home.make("proof");
        node = NodeProcess.start(home);
        browser = new Browser(home, node.setupLink());
        browser.setUp(node.setupLink(), "owner@lakeside.example", "harbour mosaic lantern");
        owner = Database.open(home, Role.OWNER);
    }

    @AfterAll
    static void stop() throws Exception {
        try (Home _ = home;
                NodeProcess _ = node;
                Browser _ = browser;
                Database _ = owner) {
            assertThat(node.isAlive()).isTrue();
        }
    }

    private static Ended call() throws Exception {
        return NodeProcess.command(home, "call", "--wav", WAV.toString(), "--longest", "3");
    }

    private static CallId id(Ended called) {
        Matcher line = CALL.matcher(called.out());
        assertThat(line.find()).as(called.out() + called.err()).isTrue();
        return CallId.parse(line.group(1));
    }

    private static JsonNode audit(CallId call) throws Exception {
        return JsonMapper.shared()
                .readTree(browser.get("/api/v1/calls/" + call + "/audit").body());
    }

    private static JsonNode entry(CallId call, String field, String value) throws Exception {
        return audit(call)
                .path("entries")
                .valueStream()
                .filter(entry -> entry.path(field).asString("").equals(value))
                .findFirst()
                .orElseThrow();
    }

    private static void unprotected(String change, Object... values) throws Exception {
        owner.run("alter table audit.entry disable trigger user");
        try {
            assertThat(owner.run(change, values)).isEqualTo(1);
        } finally {
            owner.run("alter table audit.entry enable trigger user");
        }
    }

    @Test
    void untouchedCall_isProvenEverywhere() throws Exception {
        Ended called = call();
        CallId call = id(called);

        assertThat(called.out()).contains(" · verified");
        assertThat(called.status()).isZero();
        Await.until(
                "the page shows the proof",
                () -> browser.get("/calls/" + call).body().contains("✓ proven in the log"));
        assertThat(audit(call).path("entries").valueStream())
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.path("state").asString()).isIn("proven", "unsigned"));
    }

    @Test
    void bodyEditedInTheDatabase_isNamedByPageAndApi() throws Exception {
        CallId call = id(call());
        Await.until(
                "the end is signed",
                () -> entry(call, "type", "call.ended").path("state").asString().equals("proven"));
        long sequence = entry(call, "type", "call.ended").path("sequence").asLong();
        String edit = "update audit.entry set body = convert_to(replace(convert_from(body, 'UTF8'), ?, ?), 'UTF8')"
                + " where sequence = ?";

        unprotected(edit, "HUNG_UP", "VOICEMAIL", sequence);

        JsonNode broken = entry(call, "state", "broken");
        assertThat(broken.path("sequence").asLong()).isEqualTo(sequence);
        assertThat(broken.path("fault").asString()).isEqualTo("body_altered");
        assertThat(broken.has("type") || broken.has("details"))
                .as("what it says is not told")
                .isFalse();
        assertThat(audit(call)
                        .path("entries")
                        .valueStream()
                        .filter(entry -> entry.path("state").asString().equals("broken")))
                .hasSize(1);
        assertThat(JsonMapper.shared()
                        .readTree(browser.get("/api/v1/calls/" + call).body())
                        .path("audit")
                        .path("broken")
                        .valueStream()
                        .map(JsonNode::asLong))
                .containsExactly(sequence);
        assertThat(browser.get("/calls/" + call).body())
                .contains(
                        "Entry %d must not be believed: its body is not the one that was recorded.".formatted(sequence))
                .contains("proof broken")
                .doesNotContain("✓ proven in the log", "VOICEMAIL");

        unprotected(edit, "VOICEMAIL", "HUNG_UP", sequence);
        assertThat(entry(call, "type", "call.ended").path("state").asString()).isEqualTo("proven");
    }

    @Test
    void entryFiledUnderAnotherCall_isNotShownAsThatCalls() throws Exception {
        CallId one = id(call());
        CallId two = id(call());
        long sequence = entry(one, "type", "call.announced").path("sequence").asLong();
        String file = "update audit.entry set resource = ? where sequence = ?";

        unprotected(file, "call/" + two, sequence);

        assertThat(entry(two, "state", "broken").path("fault").asString()).isEqualTo("elsewhere");
        assertThat(browser.get("/calls/" + two).body())
                .contains("Entry %d must not be believed: its bytes are about something else.".formatted(sequence));
        unprotected(file, "call/" + one, sequence);
    }

    /// The database writes something else than it was given.
    @Test
    void bodyEditedWhileItIsWritten_isNamedByTheCaller() throws Exception {
        owner.run("create function audit.edit() returns trigger language plpgsql as $$ begin new.body ="
                + " convert_to(replace(convert_from(new.body, 'UTF8'), 'HUNG_UP', 'VOICEMAIL'), 'UTF8');"
                + " return new; end $$");
        owner.run("create trigger edit before insert on audit.entry for each row"
                + " when (new.type = 'call.ended') execute function audit.edit()");
        Ended called;
        try {
            called = call();
        } finally {
            owner.run("drop trigger edit on audit.entry");
            owner.run("drop function audit.edit()");
        }

        long sequence = entry(id(called), "state", "broken").path("sequence").asLong();
        assertThat(called.out())
                .contains("not verified: entry %d has a body that is not the recorded one".formatted(sequence));
        assertThat(called.status()).isEqualTo(1);
    }
}
