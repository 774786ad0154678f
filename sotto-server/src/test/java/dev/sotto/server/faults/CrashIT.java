package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.faults.Phone.Line;
import dev.sotto.store.Role;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// `kill -9`, of the node and of its database, while somebody is on the line.
class CrashIT {
    private static final String EMAIL = "owner@lakeside.example";
    private static final String PASSWORD = "harbour mosaic lantern";
    private static final String WHO = "19840512#4417#";
    private static final int SAMPLES_PER_SECOND = AudioClip.SAMPLE_RATE_HERTZ;
    private static final int CHUNK = 16 * 1024;
    private static final int CALLER = 0;
    private static final int AGENT = 1;
    private static final Duration MOST_PAUSES = Duration.ofSeconds(1);

    private static Home home;
    private static NodeProcess node;

    @BeforeAll
    static void start() throws Exception {
        home = Home.make("crash");
        node = NodeProcess.start(home);
        try (var browser = browser()) {
            browser.setUp(node.setupLink(), EMAIL, PASSWORD);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        try (Home _ = home;
                NodeProcess _ = node) {
            assertThat(node.isAlive()).isTrue();
        }
    }

    @Test
    void nodeKilledMidCall_recoversByItself() throws Exception {
        Path before = Files.copy(
                home.state("checkpoints").resolve("latest.checkpoint"),
                home.folder().resolve("before.checkpoint"));
        AudioClip voice = Sound.speech(11, Duration.ofSeconds(60));
        Killed killed = callAndKill("+15550133001", voice, 6);
        node = NodeProcess.start(home);

        var paper = Paper.of(home);
        assertThat(node.out()).contains("recovered").contains(killed.call().toString());
        assertThat(paper.call(killed.call()).path("outcome").asString("")).isEqualTo("lost");
        assertThat(paper.turns(killed.call())).containsAll(killed.turns());
        assertThat(killed.turns()).hasSizeGreaterThanOrEqualTo(6);
        assertRecovered(killed.call(), assertRecording(killed, voice));
        assertKeys(killed);
        assertIntact();
        assertIntact("--since", before.toString());
        assertServes("+15550133002");
    }

    @Test
    void databaseKeepsDyingMidCall_callerIsToldAndPassedOn() throws Exception {
        try (var phone = Phone.at(home)) {
            Await.until(
                    "the node is well, whatever was done to it before",
                    () -> Paper.of(home).healthy());
            // The keys come while the announcement runs: they count, and nothing is checked, when it is over.
            AudioClip voice = Sound.speech(12, Duration.ofSeconds(60));
            Line line = phone.call("+15550133003", voice, WHO, false);
            CallId id = line.id();
            Await.until("the announcement is being made", () -> line.heard().length > SAMPLES_PER_SECOND);
            List<Paper.Turn> acknowledged = Paper.of(home).turns(id);
            CallReport report;
            Duration quiet;
            String killing;
            try (var killer = Killer.ofDatabase(home)) {
                report = line.await();
                quiet = line.quiet();
                killing = killer.toString();
            }

            assertThat(line.heard("trouble"))
                    .as("trouble is told: %s, %s, %s, log:%n%s", report, line, killing, node.err())
                    .isTrue();
            assertThat(line.heard("transfer.hold")).isTrue();
            assertThat(report.ending()).isEqualTo(new CallReport.Ending.Transferred("+15550100199"));
            assertThat(quiet).as("the caller is passed on at once").isLessThan(Duration.ofSeconds(3));
            for (String clip :
                    List.of("identity.verified", "identity.failed", "appointment.next", "appointment.none")) {
                assertThat(line.heard(clip)).as(clip).isFalse();
            }
            var paper = Paper.of(home);
            Await.until("the node has its database again", paper::healthy);
            Await.until(
                    "the outcome is kept",
                    () -> paper.call(id).path("outcome").asString("").equals("failed"));
            assertThat(paper.turns(id)).containsAll(acknowledged);
            Await.until(
                    "what was said after the fault is kept too",
                    () -> paper.turns(id).stream().anyMatch(turn -> turn.text().contains("technical problem")));
            assertServes("+15550133004");

            node.close();
            node = NodeProcess.start(home);
            long millis = report.heard().orElseThrow().frames() * 20;
            long bytes = assertRecording(new Killed(id, acknowledged, List.of(), millis), voice);
            assertSealedOrRecovered(id, bytes);
            assertIntact();
        }
    }

    @Test
    void databaseKilledOnceMidCall_callGoesOnOrEndsPolitely() throws Exception {
        try (var phone = Phone.at(home)) {
            Await.until(
                    "the node is well, whatever was done to it before",
                    () -> Paper.of(home).healthy());
            Line line = phone.call("+15550133005", Sound.speech(13, Duration.ofSeconds(40)), WHO, false);
            CallId id = line.id();
            Await.until("the appointment is read", () -> line.heard("appointment.next"));
            var paper = Paper.of(home);
            List<Paper.Turn> acknowledged = paper.turns(id);
            ProcessHandle server = ProcessHandle.of(home.server().orElseThrow()).orElseThrow();
            server.destroyForcibly();
            server.onExit().join();
            Await.until("the node has its database again", paper::healthy);
            line.hangUp();
            CallReport report = line.await();

            assertThat(report.ending())
                    .isInstanceOfAny(CallReport.Ending.HungUp.class, CallReport.Ending.Transferred.class);
            Await.until(
                    "the outcome is kept", () -> !paper.call(id).path("outcome").isMissingNode());
            assertThat(paper.turns(id)).containsAll(acknowledged);
            assertServes("+15550133006");
            assertIntact();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "sotto.long", matches = "true")
    void nodeKilledAtTwentyRandomTimes_losesTwoSecondsAtMost() throws Exception {
        long seed = Long.getLong("sotto.test.seed", System.nanoTime());
        for (int run = 0; run < 20; run++) {
            long each = seed + run;
            var random = new SplittableRandom(each);
            AudioClip voice = Sound.speech(each, Duration.ofSeconds(60));
            try {
                Killed killed = callAndKill(
                        "+1555013%04d".formatted(4000 + run), voice, Duration.ofMillis(random.nextInt(200, 25_000)));
                node = NodeProcess.start(home);
                assertThat(Paper.of(home).call(killed.call()).path("outcome").asString(""))
                        .isEqualTo("lost");
                assertThat(Paper.of(home).turns(killed.call())).containsAll(killed.turns());
                if (!Paper.of(home).call(killed.call()).path("recording").isMissingNode()) {
                    assertRecovered(killed.call(), assertRecording(killed, voice));
                    assertKeys(killed);
                }
                assertIntact();
            } catch (AssertionError failure) {
                throw new AssertionError("replay with -Dsotto.test.seed=" + each, failure);
            }
        }
    }

    /// A call whose node died.
    ///
    /// @param turns that the node had acknowledged
    /// @param keys under which its recording was sealed
    /// @param sentMillis of the caller's voice that had been sent
    private record Killed(CallId call, List<Paper.Turn> turns, List<UUID> keys, long sentMillis) {}

    /// Kills the node once so many turns of the call are durable.
    private static Killed callAndKill(String from, AudioClip voice, int turns) throws Exception {
        try (var phone = Phone.at(home)) {
            Line line = phone.call(from, voice, WHO, false);
            CallId id = line.id();
            var paper = Paper.of(home);
            Await.until(turns + " turns are kept", () -> paper.turns(id).size() >= turns);
            return kill(line, paper.turns(id));
        }
    }

    /// Kills the node so long after the stream began.
    private static Killed callAndKill(String from, AudioClip voice, Duration after) throws Exception {
        try (var phone = Phone.at(home)) {
            Line line = phone.call(from, voice, WHO, false);
            CallId id = line.id();
            long begun = System.nanoTime();
            Await.until("it is time", () -> System.nanoTime() - begun >= after.toNanos());
            return kill(line, Paper.of(home).turns(id));
        }
    }

    private static Killed kill(Line line, List<Paper.Turn> turns) throws Exception {
        CallId id = line.id();
        List<UUID> keys = recordingKeys(Paper.of(home).tenant(), id);
        node.kill();
        CallReport report = line.await();
        assertThat(report.ending()).isInstanceOf(CallReport.Ending.Failed.class);
        long sent = report.heard().orElseThrow().frames() * 20;
        return new Killed(id, turns, keys, sent);
    }

    private static List<UUID> recordingKeys(TenantId tenant, CallId call) throws Exception {
        try (var keys = Database.open(home, Role.KEYS).as(tenant)) {
            return keys
                    .rows(
                            "select id from sotto.erasable_key where data_class = 'recording' and owner = ?",
                            "call/" + call)
                    .stream()
                    .map(row -> (UUID) row.getFirst())
                    .toList();
        }
    }

    /// What opens now is what was sent and heard, sample for sample, up to the last two seconds.
    ///
    /// @return how many bytes of audio open
    private static long assertRecording(Killed killed, AudioClip voice) throws Exception {
        Browser.Answer answer;
        try (var browser = browser()) {
            browser.signIn(EMAIL, PASSWORD);
            answer = browser.get("/api/v1/calls/%s/recording".formatted(killed.call()));
        }
        assertThat(answer.status()).isEqualTo(200);
        byte[] caller = Sound.channel(answer.bytes(), CALLER);
        byte[] sent = normal(voice.toByteArray());
        int first = 0;
        while (first < caller.length && caller[first] == Mulaw.SILENCE) {
            first++;
        }
        assertThat(first)
                .as("recording begins soon after the announcement is logged")
                .isLessThan(5 * SAMPLES_PER_SECOND);
        assertThat(Arrays.mismatch(caller, first, caller.length, sent, first, caller.length))
                .as("the caller's channel is what was sent")
                .isEqualTo(-1);
        long kept = caller.length * 1_000L / SAMPLES_PER_SECOND;
        assertThat(kept).as("milliseconds that open").isGreaterThanOrEqualTo(killed.sentMillis() - 2_000);
        if (kept > 5_000) {
            // The carrier's clock may be ahead of ours, and nothing that may be older than the entry is kept.
            byte[] clip = normal(Sound.shipped("announce.ai"));
            byte[] later = Arrays.copyOfRange(clip, SAMPLES_PER_SECOND, clip.length);
            // On a busy machine a frame may lose its slot, and what the caller hears has a pause there.
            assertThat(Sound.pausesIn(Sound.channel(answer.bytes(), AGENT), later))
                    .as("the agent's channel is what was heard")
                    .hasValueSatisfying(pauses -> assertThat(pauses).isLessThan(MOST_PAUSES));
        }
        return 2L * caller.length;
    }

    private static void assertRecovered(CallId call, long bytes) throws Exception {
        assertThat(Paper.of(home).entries(call, "recording.recovered"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.details())
                        .containsEntry("chunks", String.valueOf(bytes / CHUNK))
                        .containsEntry("old_key", "destroyed"));
    }

    /// A database that is back before the node gives up takes the end of the recording; later, the next start does.
    private static void assertSealedOrRecovered(CallId call, long bytes) throws Exception {
        var sealed = Paper.of(home).entries(call, "recording.sealed");
        if (sealed.isEmpty()) {
            assertRecovered(call, bytes);
        } else {
            assertThat(sealed)
                    .singleElement()
                    .satisfies(
                            entry -> assertThat(entry.details()).containsEntry("audio_bytes", String.valueOf(bytes)));
            assertThat(Paper.of(home).entries(call, "recording.recovered")).isEmpty();
        }
    }

    /// Both codes of zero sound alike, and come back from linear samples as one.
    private static byte[] normal(byte[] mulaw) {
        return Mulaw.encode(Mulaw.decode(mulaw));
    }

    private static void assertKeys(Killed killed) throws Exception {
        assertThat(recordingKeys(Paper.of(home).tenant(), killed.call()))
                .as("the recording is under one fresh key, and the old one is gone")
                .hasSize(1)
                .doesNotContainAnyElementsOf(killed.keys());
    }

    private static void assertIntact(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("audit", "verify"));
        arguments.addAll(List.of(more));
        var verified = NodeProcess.command(home, arguments.toArray(String[]::new));
        assertThat(verified.out() + verified.err()).startsWith("intact, ");
        assertThat(verified.status()).isZero();
    }

    /// A caller who rings now is served as ever.
    private static void assertServes(String from) throws Exception {
        try (var phone = Phone.at(home)) {
            Line line = phone.call(from, AudioClip.empty(), WHO, false);
            Await.until("the appointment is read", () -> line.heard("appointment.next"));
            line.hangUp();
            assertThat(line.await().ending()).isInstanceOf(CallReport.Ending.HungUp.class);
        }
    }

    private static Browser browser() {
        return new Browser(home, URI.create(node.client().node().dashboard()));
    }
}
