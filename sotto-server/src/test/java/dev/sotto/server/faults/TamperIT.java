package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ArtifactId;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.TenantId;
import dev.sotto.media.AudioClip;
import dev.sotto.server.faults.Phone.Line;
import dev.sotto.store.Role;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Sealed rows and files in the hands of somebody who may write the whole database and disk, and has no keys.
class TamperIT {
    private static final String EMAIL = "owner@lakeside.example";
    private static final String PASSWORD = "harbour mosaic lantern";
    private static final String WHO = "19840512#4417#";
    private static final String PROBLEM =
            "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,\"code\":\"%s\"}";
    private static final String REFUSED = "sotto_keys_open_refused_total";
    private static final String SEALED_DATA_INVALID = "sealed_data_invalid";
    private static final String RECORDING_TAMPERED = "recording_tampered";

    private static Home home;
    private static NodeProcess node;
    private static Browser browser;
    private static Database owner;
    private static TenantId tenant;
    private static CallId call;
    private static CallId otherCall;

    @BeforeAll
    static void start() throws Exception {
        home = Home.make("tamper");
        node = NodeProcess.start(home);
        browser = browser();
        browser.setUp(node.setupLink(), EMAIL, PASSWORD);
        tenant = Paper.of(home).tenant();
        owner = Database.open(home, Role.OWNER).as(tenant);
        try (var phone = Phone.at(home)) {
            Line first = phone.call("+15550134001", Sound.speech(21, Duration.ofSeconds(60)), WHO, false);
            Line second = phone.call("+15550134002", AudioClip.empty(), "", false);
            call = first.id();
            otherCall = second.id();
            var paper = Paper.of(home);
            Await.until(
                    "the other call has a turn", () -> !paper.turns(otherCall).isEmpty());
            second.hangUp();
            Await.until("the appointment is read", () -> first.heard("appointment.next"));
            first.hangUp();
            second.await();
            first.await();
            Await.until(
                    "the recordings are sealed",
                    () -> Stream.of(call, otherCall)
                            .allMatch(id -> paper.call(id)
                                    .path("recording")
                                    .path("state")
                                    .asString("")
                                    .equals("sealed")));
        }
        assertThat(turns(call)).hasSizeGreaterThanOrEqualTo(3);
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

    /// A sealed value of one row.
    private record Cell(String table, String column, UUID id) {
        byte[] read() throws Exception {
            return owner.value(byte[].class, "select %s from sotto.%s where id = ?".formatted(column, table), id);
        }

        void write(byte[] sealed) throws Exception {
            int changed = owner.run("update sotto.%s set %s = ? where id = ?".formatted(table, column), sealed, id);
            assertThat(changed).isEqualTo(1);
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    /// Runs `check` while `into` holds `sealed`, and puts back what it held.
    private static void holding(Cell into, byte[] sealed, Check check) throws Exception {
        byte[] before = into.read();
        into.write(sealed);
        try {
            check.run();
        } finally {
            into.write(before);
        }
    }

    @Test
    void turnInAnotherRowOfTheCall_isRefused() throws Exception {
        List<UUID> turns = turns(call);
        byte[] sealed = text(turns.get(0)).read();

        holding(text(turns.get(1)), sealed, () -> assertRefused(call));

        assertOpens(call);
    }

    @Test
    void turnInAnotherCall_isRefused() throws Exception {
        byte[] sealed = text(turns(call).getFirst()).read();

        holding(text(turns(otherCall).getFirst()), sealed, () -> {
            assertRefused(otherCall);
            assertOpens(call);
        });

        assertOpens(otherCall);
    }

    @Test
    void anotherFieldInATurn_isRefused() throws Exception {
        UUID turn = turns(call).getFirst();
        UUID subject = (UUID) owner.rows("select id from sotto.subject order by id limit 1")
                .getFirst()
                .getFirst();
        for (Cell cell : List.of(
                new Cell("call", "from_sealed", call.value()),
                new Cell("subject", "name_sealed", subject),
                new Cell("subject", "phone_sealed", subject))) {
            holding(text(turn), cell.read(), () -> assertRefused(call));
        }
        assertOpens(call);
    }

    @Test
    void turnWithOneBitFlippedAnywhere_isRefused() throws Exception {
        Cell cell = text(turns(call).getFirst());
        byte[] sealed = cell.read();
        for (int at : new int[] {0, 1, 17, 60, sealed.length / 2, sealed.length - 1}) {
            holding(cell, flipped(sealed, at), () -> assertRefused(call));
        }
        for (int length : new int[] {0, 1, 17, sealed.length - 1}) {
            holding(cell, Arrays.copyOf(sealed, length), () -> assertRefused(call));
        }
        assertOpens(call);
    }

    @Test
    void clearColumnOfATurn_isHeldToWhatWasSealed() throws Exception {
        UUID turn = turns(call).getFirst();
        owner.run("update sotto.turn set at_millis = at_millis + 1 where id = ?", turn);
        try {
            assertProblem(browser.get(words(call)), "row_mismatch");
        } finally {
            owner.run("update sotto.turn set at_millis = at_millis - 1 where id = ?", turn);
        }
        assertOpens(call);
    }

    /// The other tenant's rows are all it takes to ask for the words there: its keys do not open them.
    @Test
    void turnAtAnotherTenant_isRefused() throws Exception {
        UUID turn = turns(call).getFirst();
        byte[] sealed = text(turn).read();
        byte[] from = new Cell("call", "from_sealed", call.value()).read();
        var ids = new IdSource(Clock.systemUTC(), new SecureRandom());
        TenantId other = ids.tenantId();
        String mode = owner.value(String.class, "select mode from sotto.call where id = ?", call.value());
        try (var theirs = Database.open(home, Role.OWNER).as(other)) {
            theirs.run(
                    "insert into sotto.tenant values (?, 'Other', 'dental', 'UTC', true, null, '+15550100198', now())",
                    other.value());
            theirs.run(
                    "insert into sotto.call (tenant_id, id, carrier_call_id, state, mode, offered_at, started_at,"
                            + " ended_at, outcome, turn_count, from_sealed, version)"
                            + " values (?, ?, ?, 'ENDED', ?, now(), now(), now(), 'HUNG_UP', 1, ?, 1)",
                    other.value(),
                    call.value(),
                    "CA" + call,
                    mode,
                    from);
            theirs.run(
                    "insert into sotto.turn values (?, ?, ?, 1, 'AGENT', 'PROMPT', 0, 0, ?, 1)",
                    other.value(),
                    turn,
                    call.value(),
                    sealed);
        }
        double before = Paper.of(home).metric(REFUSED);
        try (var tool = browser()) {
            var request = tool.request("/api/v1/calls/%s?tenant=%s".formatted(call, other))
                    .header(
                            "Authorization",
                            "Bearer " + node.client().access().operatorToken().reveal())
                    .GET();
            assertProblem(tool.send(request), SEALED_DATA_INVALID);
        }
        assertThat(Paper.of(home).metric(REFUSED)).isGreaterThan(before);
        assertOpens(call);
    }

    /// No page shows a person or a provider, so the door is the call: what does not open is not read out.
    @Test
    void fieldsBehindAnAppointment_callerHearsTroubleAndNoAppointment() throws Exception {
        Map<UUID, byte[]> slots = new TreeMap<>();
        owner.rows("select id, provider_sealed from sotto.slot")
                .forEach(row -> slots.put((UUID) row.getFirst(), (byte[]) row.getLast()));
        byte[] foreign = new Cell("turn", "text_sealed", turns(call).getFirst()).read();
        double before = Paper.of(home).metric(REFUSED);
        owner.run("update sotto.slot set provider_sealed = ?", foreign);
        try (var phone = Phone.at(home)) {
            Line line = phone.call("+15550134003", AudioClip.empty(), WHO, false);
            line.await();
            assertThat(line.heard("trouble")).isTrue();
            assertThat(line.heard("appointment.next")).isFalse();
            Speech.assertNoDate(line.heard());
        } finally {
            for (var slot : slots.entrySet()) {
                new Cell("slot", "provider_sealed", slot.getKey()).write(slot.getValue());
            }
        }
        assertThat(Paper.of(home).metric(REFUSED)).isGreaterThan(before);
    }

    @Test
    void recordingWithOneBitFlipped_isRefusedBeforeTheFirstByte() throws Exception {
        Path file = recording();
        byte[] whole = Files.readAllBytes(file);
        assertThat(whole).as("several chunks").hasSizeGreaterThan(4 * 16 * 1024);
        try {
            for (int at : new int[] {0, 1, 17, 40, 100, whole.length / 2, whole.length - 20_000, whole.length - 1}) {
                Files.write(file, flipped(whole, at));
                assertRecordingRefused("a bit of byte %d of %d".formatted(at, whole.length));
            }
        } finally {
            Files.write(file, whole);
        }
        assertPlays();
    }

    @Test
    void recordingCutOrGrown_isRefusedBeforeTheFirstByte() throws Exception {
        Path file = recording();
        byte[] whole = Files.readAllBytes(file);
        try {
            for (int length :
                    new int[] {0, 1, 40, whole.length / 2, whole.length - 16 * 1024, whole.length - 1, whole.length + 1
                    }) {
                Files.write(file, Arrays.copyOf(whole, length));
                assertRecordingRefused("%d of %d bytes".formatted(length, whole.length));
            }
        } finally {
            Files.write(file, whole);
        }
        assertPlays();
    }

    @Test
    void recordingOfAnotherCall_isRefused() throws Exception {
        Path file = recording();
        byte[] whole = Files.readAllBytes(file);
        byte[] foreign = Files.readAllBytes(recording(otherCall));
        try {
            Files.write(file, Arrays.copyOf(foreign, whole.length));
            assertRecordingRefused("another call's, as long");
            Files.write(file, foreign);
            assertRecordingRefused("another call's");
        } finally {
            Files.write(file, whole);
        }
        assertPlays();
    }

    private static Cell text(UUID turn) {
        return new Cell("turn", "text_sealed", turn);
    }

    private static List<UUID> turns(CallId of) throws Exception {
        return owner.rows("select id from sotto.turn where call_id = ? order by ordinal", of.value()).stream()
                .map(row -> (UUID) row.getFirst())
                .toList();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= 1;
        return damaged;
    }

    private static Path recording() throws Exception {
        return recording(call);
    }

    private static Path recording(CallId of) throws Exception {
        var artifact =
                new ArtifactId(owner.value(UUID.class, "select id from sotto.artifact where call_id = ?", of.value()));
        try (Stream<Path> files = Files.walk(home.data().resolve("objects"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).equals(artifact + ".sealed"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String words(CallId of) {
        return "/api/v1/calls/" + of;
    }

    /// The words of the call do not open, the answer says why and nothing else, and the refusal is counted.
    private static void assertRefused(CallId of) throws Exception {
        double before = Paper.of(home).metric(REFUSED);
        assertProblem(browser.get(words(of)), SEALED_DATA_INVALID);
        assertThat(Paper.of(home).metric(REFUSED)).isGreaterThan(before);
    }

    private static void assertProblem(Browser.Answer answer, String code) {
        assertThat(answer.body()).isEqualTo(PROBLEM.formatted(code));
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.headers().get("content-type")).startsWith("application/problem+json");
    }

    private static void assertOpens(CallId of) throws Exception {
        assertThat(browser.get(words(of)).status()).isEqualTo(200);
    }

    private static void assertRecordingRefused(String damage) throws Exception {
        double before = refusals();
        Browser.Answer answer = browser.get(words(call) + "/recording");
        assertThat(answer.status()).as(damage).isEqualTo(500);
        assertThat(answer.headers().get("content-type")).as(damage).startsWith("application/problem+json");
        assertThat(answer.body())
                .as(damage)
                .isIn(PROBLEM.formatted(SEALED_DATA_INVALID), PROBLEM.formatted(RECORDING_TAMPERED));
        assertThat(refusals()).as(damage).isGreaterThan(before);
    }

    /// Of files that have another size than the row says, and of those that do not open.
    private static double refusals() {
        var paper = Paper.of(home);
        return paper.metric("sotto_store_recording_refused_total") + paper.metric(REFUSED);
    }

    private static void assertPlays() throws Exception {
        Browser.Answer answer = browser.get(words(call) + "/recording");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers().get("content-type")).isEqualTo("audio/wav");
    }

    private static Browser browser() {
        return new Browser(home, URI.create(node.client().node().dashboard()));
    }
}
