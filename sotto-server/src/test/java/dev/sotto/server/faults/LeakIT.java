package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.media.AudioClip;
import dev.sotto.media.TwilioSignature;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.server.faults.Phone.Line;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.up.RunningNode;
import dev.sotto.store.Acting;
import dev.sotto.store.NewSlot;
import dev.sotto.store.NewSubject;
import dev.sotto.store.Role;
import dev.sotto.testkit.LeakScan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Nothing protected and no secret is in any file, log line, metric or error of a node: a node that ran, runs, or
/// was killed.
class LeakIT {
    private static final String NAME = "Zephyrine Quackenbush-Thorvald";
    private static final String PHONE = "+15550169041";
    private static final String PROVIDER = "Dr. Vexillary Thornquist";
    private static final String REASON = "sesquipedalian tremor";
    private static final String SOCIAL_SECURITY = "536902147";
    private static final String CARD = "4929713358024671";
    private static final String EMAIL = "quillfeather.zymurgy@canary.example";
    private static final String PASSWORD = "obsidian walrus trampoline";
    private static final List<String> CALLERS =
            List.of("+15557340192", "+15557340283", "+15557340374", "+15557340465", "+15557340556");
    private static final KeyTiming LISTENING =
            new KeyTiming(Duration.ofMillis(900), Duration.ofSeconds(6), Duration.ofMillis(70), Duration.ofSeconds(20));
    private static final Duration VOICE = Duration.ofSeconds(24);
    private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"([^\"]+)\"");
    private static final int WINDOW = 64;
    private static final int WINDOWS = 6;
    private static final int LIVELY = 16;

    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, byte[]> bytes = new LinkedHashMap<>();
    private Home home;
    private Path seen;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.make("leak");
        seen = Files.createDirectory(home.folder().resolve("seen"));
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    @Test
    void search_findsEachFormPlantedInACopyOfADataDirectory() throws Exception {
        provide();
        known();
        bytes.put("caller", Arrays.copyOf(Sound.speech(1, VOICE).toByteArray(), WINDOW));
        LeakScan scan = scan(texts, bytes);
        assertThat(scan.search(home.data())).isEmpty();
        var random = new SplittableRandom(5);
        Path planted = Files.createDirectories(home.data().resolve("postgres/data/base/planted"));
        int number = 0;
        for (var form : scan.forms().entrySet()) {
            byte[] noise = new byte[random.nextInt(1, 300)];
            random.nextBytes(noise);
            byte[] content = new byte[2 * noise.length + form.getValue().length];
            System.arraycopy(noise, 0, content, 0, noise.length);
            System.arraycopy(form.getValue(), 0, content, noise.length, form.getValue().length);
            System.arraycopy(noise, 0, content, noise.length + form.getValue().length, noise.length);
            Path file = planted.resolve(String.valueOf(number++));
            Files.write(file, content);
            assertThat(scan.search(planted))
                    .as(form.getKey())
                    .anySatisfy(hit ->
                            assertThat(hit.canary() + " as " + hit.form()).isEqualTo(form.getKey()))
                    .anySatisfy(hit -> assertThat(hit.offset()).isEqualTo(noise.length));
            Files.delete(file);
        }
    }

    @Test
    void node_leavesNothingInClear() throws Exception {
        provide();
        known();
        Path config = Files.writeString(home.folder().resolve("node.conf"), "server.log-level = debug\n");
        TenantId tenant;
        String[] options = {"--config", config.toString()};
        try (NodeProcess node = NodeProcess.start(home, options)) {
            tenant = Paper.of(home).tenant();
            staff(node);
            calls();
            secrets(node, tenant);
            errors(node);
            keep(node, "first");
            clean("while it runs");
        }
        clean("after it stopped");
        try (NodeProcess node = NodeProcess.start(home, options);
                var phone = Phone.at(home)) {
            AudioClip voice = Sound.speech(25, VOICE);
            Line line = phone.call(CALLERS.getLast(), voice, "19570723#9041#", false);
            Await.until("the appointment is read", () -> line.heard("appointment.next"));
            bytes.putAll(keys(tenant));
            keep(node, "second");
            node.kill();
            line.await();
            windows("fifth caller", voice.toByteArray(), 12);
            windows("fifth answer", line.heard(), line.heard().length / 8_000);
            clean("after it was killed");
        }
    }

    /// A subject, a time and a booking that only canaries tell of.
    private void provide() {
        var options = new RunningNode.Options(
                home.places(),
                NodeConfig.defaults().withPort(0),
                true,
                new PassphraseSource(Optional.empty()),
                Optional.empty());
        try (RunningNode node = RunningNode.start(options)) {
            var store = node.core().services().store();
            TenantId tenant = node.core().demo().orElseThrow().tenant();
            var acting = Acting.as(new ActorId(ActorId.Kind.NODE, "test"));
            var subject = store.subjects()
                    .create(
                            tenant,
                            new NewSubject(SensitiveText.of(NAME), LocalDate.of(1957, 7, 23), SensitiveText.of(PHONE)),
                            acting);
            Instant soon = Instant.now().plus(Duration.ofDays(3));
            var slot = store.appointments()
                    .addSlot(tenant, new NewSlot(soon, Duration.ofMinutes(30), SensitiveText.of(PROVIDER)), acting);
            store.appointments().book(tenant, subject, slot, SensitiveText.of(REASON), acting);
        }
    }

    /// What is known from the start.
    private void known() throws Exception {
        texts.put("name", NAME);
        texts.put("first name", "Zephyrine");
        texts.put("birth date", "1957-07-23");
        texts.put("keyed birth date", "19570723");
        texts.put("phone", PHONE.substring(2));
        texts.put("provider", "Vexillary");
        texts.put("reason", REASON);
        texts.put("social security", SOCIAL_SECURITY);
        texts.put("card", CARD);
        texts.put("e-mail", EMAIL);
        texts.put("password", PASSWORD);
        CALLERS.forEach(caller -> texts.put("caller " + caller, caller.substring(2)));
        texts.put("passphrase", home.passphrase());
        texts.put(
                "twilio token",
                Files.readString(home.state("insecure-demo-twilio-token")).strip());
        for (Role role : Role.values()) {
            texts.put("password of " + role, Database.password(home, role));
        }
        texts.put("password of the authority", Database.derived(home, "authority"));
    }

    private void staff(NodeProcess node) throws Exception {
        URI link = node.setupLink();
        texts.put("setup token", link.getQuery().substring("token=".length()));
        try (var browser = browser(node)) {
            browser.setUp(link, EMAIL, PASSWORD);
            texts.put("session", browser.session().orElseThrow());
        }
        try (var browser = browser(node)) {
            browser.signIn(EMAIL, PASSWORD);
            texts.put("second session", browser.session().orElseThrow());
        }
    }

    /// Verified and booking, failing, leaving a message, and stopping the recording: all at once.
    private void calls() throws Exception {
        try (var phone = Phone.at(home)) {
            List<AudioClip> voices = new ArrayList<>();
            List<Line> lines = new ArrayList<>();
            String to = phone.target().to();
            List<String> keys = List.of(
                    "19570723#9041# 3 1", SOCIAL_SECURITY + "#0000#" + CARD + "#1111#", "*1", "*9 19570723#9041#");
            for (int i = 0; i < keys.size(); i++) {
                voices.add(Sound.speech(20 + i, VOICE));
                lines.add(phone.call(
                        CALLERS.get(i), to, voices.get(i), keys.get(i), i == 0 ? LISTENING : Phone.HURRIED, true));
            }
            for (int i = 0; i < lines.size(); i++) {
                lines.get(i).await();
                windows("caller " + i, voices.get(i).toByteArray(), VOICE.toSeconds());
                windows("answer " + i, lines.get(i).heard(), lines.get(i).heard().length / 8_000);
            }
            var paper = Paper.of(home);
            List<String> done = List.of("appointment.booked", "identity.failed", "message.sealed", "recording.stopped");
            for (int i = 0; i < lines.size(); i++) {
                assertThat(paper.entries(lines.get(i).id(), done.get(i)))
                        .as(done.get(i))
                        .isNotEmpty();
            }
        }
    }

    /// Pieces of audio from several places, as it is carried and as linear samples.
    private void windows(String name, byte[] mulaw, long seconds) {
        int found = 0;
        for (int at = 4_000; at + WINDOW <= mulaw.length && found < WINDOWS; at += 240) {
            byte[] window = Arrays.copyOfRange(mulaw, at, at + WINDOW);
            if (new String(window, ISO_8859_1).chars().distinct().count() >= LIVELY) {
                String piece = name + " at " + at;
                bytes.put(piece, window);
                bytes.put(piece + " linear le", Sound.pcm(window, ByteOrder.LITTLE_ENDIAN));
                bytes.put(piece + " linear be", Sound.pcm(window, ByteOrder.BIG_ENDIAN));
                found++;
                at += (int) (seconds * 8_000 / WINDOWS);
            }
        }
        assertThat(found).as(name).isGreaterThan(2);
    }

    /// What only a running node shows.
    private void secrets(NodeProcess node, TenantId tenant) throws Exception {
        texts.put(
                "operator token", Files.readString(home.state("operator-token")).strip());
        texts.put("stream token", streamToken());
        bytes.putAll(keys(tenant));
        assertThat(bytes).hasSizeGreaterThan(60);
        assertThat(node.isAlive()).isTrue();
    }

    private Map<String, byte[]> keys(TenantId tenant) throws Exception {
        return ExposedKeys.of(home, List.of(TenantId.OPERATOR, tenant));
    }

    /// The one-time token of a call that is answered and never connects.
    private String streamToken() throws Exception {
        try (var phone = Phone.at(home);
                var carrier = new Browser(home, phone.target().voiceUrl())) {
            var account = phone.target().account();
            Map<String, String> form = Map.of(
                    "AccountSid", account.sid(),
                    "CallSid", "CA" + "7".repeat(32),
                    "From", CALLERS.getFirst(),
                    "To", phone.target().to());
            String url = phone.target().voiceUrl().toString();
            Map<String, List<String>> signed = new LinkedHashMap<>();
            form.forEach((name, value) -> signed.put(name, List.of(value)));
            Browser.Answer answer = carrier.send(carrier.request("/twilio/voice")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header(TwilioSignature.HEADER, TwilioSignature.sign(account.authToken(), url, signed))
                    .POST(HttpRequest.BodyPublishers.ofString(Browser.form(form))));
            Matcher token = TOKEN.matcher(answer.body());
            assertThat(token.find()).as(answer.everything()).isTrue();
            return token.group(1);
        }
    }

    /// Asks in every wrong way, with canaries in what is asked.
    private void errors(NodeProcess node) throws Exception {
        var answers = new StringBuilder();
        try (var browser = browser(node)) {
            answers.append(browser.submit("/sign-in", "/sign-in", Map.of("email", EMAIL, "password", CARD + "wrong"))
                    .everything());
            answers.append(browser.get("/setup?token=" + CARD).everything());
            browser.signIn(EMAIL, PASSWORD);
            texts.put("third session", browser.session().orElseThrow());
            for (String path : List.of(
                    "/api/v1/calls/" + CARD,
                    "/api/v1/calls/" + CARD + "/recording",
                    "/api/v1/calls?limit=" + SOCIAL_SECURITY,
                    "/api/v1/calls?before=" + CARD,
                    "/calls/" + SOCIAL_SECURITY,
                    "/nowhere/" + CARD)) {
                var answer = browser.get(path);
                assertThat(answer.status()).as(path).isGreaterThanOrEqualTo(400);
                answers.append(withoutCookies(answer));
            }
        }
        try (var phone = Phone.at(home);
                var carrier = new Browser(home, phone.target().voiceUrl())) {
            String form = Browser.form(Map.of("From", PHONE, "To", CARD, "AccountSid", NAME, "CallSid", CARD));
            answers.append(carrier.send(carrier.request("/twilio/voice")
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .header(TwilioSignature.HEADER, CARD)
                            .POST(HttpRequest.BodyPublishers.ofString(form)))
                    .everything());
            answers.append(
                    carrier.get("/twilio/" + CARD + "?from=" + SOCIAL_SECURITY).everything());
        }
        Files.writeString(seen.resolve("answers"), answers);
    }

    private static String withoutCookies(Browser.Answer answer) {
        return answer.status() + " " + answer.body();
    }

    /// Keeps what the node has told so far where it is searched too. The setup link is meant to be told.
    private void keep(NodeProcess node, String name) throws Exception {
        Files.writeString(seen.resolve(name + ".out"), node.out().replace(texts.get("setup token"), ""));
        assertThat(node.err()).as("it logs at debug").contains("\"level\":\"debug\"");
        Files.writeString(seen.resolve(name + ".err"), node.err());
        Files.writeString(seen.resolve(name + ".metrics"), node.client().text("/metrics"), UTF_8);
    }

    private void clean(String when) throws IOException {
        LeakScan everything = scan(texts, bytes);
        assertThat(everything.search(home.data())).as("data " + when).isEmpty();
        assertThat(everything.search(seen))
                .as("logs, metrics and errors " + when)
                .isEmpty();
        assertThat(everything.search(home.temporary()))
                .as("temporary files " + when)
                .isEmpty();
        Map<String, String> others = new LinkedHashMap<>(texts);
        // These three are what the state directory of a demo is for.
        others.keySet().removeAll(List.of("passphrase", "twilio token", "operator token"));
        assertThat(scan(others, bytes).search(home.stateBase()))
                .as("state " + when)
                .isEmpty();
    }

    private static LeakScan scan(Map<String, String> texts, Map<String, byte[]> bytes) {
        var scan = new LeakScan();
        texts.forEach(scan::text);
        bytes.forEach(scan::bytes);
        return scan;
    }

    private Browser browser(NodeProcess node) {
        return new Browser(home, URI.create(node.client().node().dashboard()));
    }
}
