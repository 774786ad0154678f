package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.keys.RecordContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;

/// Keeps whole calls of 8 minutes, sealed as a node does it or as they are, through the same doors and with the same
/// commits. In the store's package, because what writes without sealing is in no code that ships. For one thread.
///
/// A call is 3 MB of audio, 100 turns of 300 characters, 6 KB of structured fields (a summary, analytics, a person, the
/// caller's number) and 12 KB in an object of their own, which stand for vectors: the store has no place for those.
public final class CallIntake {
    private static final int AUDIO_BYTES = 3_000_000;
    private static final int SECONDS = 480;
    private static final int TURNS = 100;
    private static final int TURN_CHARACTERS = 300;
    private static final int SUMMARY_CHARACTERS = 4_800;
    private static final int GROUNDS = 11;
    private static final int GROUND_CHARACTERS = 100;
    private static final int VECTOR_BYTES = 12_000;
    private static final Duration OFFER_LIFE = Duration.ofMinutes(1);

    private final StoreFixture fixture;
    private final Tenant tenant;
    private final Rows rows;
    private final Audio audio;
    private final Calls calls;
    private final Turns turns;
    private final Insights insights;
    private final Subjects subjects;
    private final Random random = new Random(3);

    /// Where the bytes of an object go.
    interface Audio {
        void keep(CallId call, ArtifactKind kind, byte[] bytes, int portion);
    }

    private CallIntake(StoreFixture fixture, boolean sealed) {
        this.fixture = fixture;
        this.tenant = fixture.tenant();
        var node = new ActorId(ActorId.Kind.NODE, fixture.nodeId);
        this.rows = new Rows(
                new Transactions(fixture.postgres.dataSource(Role.APP), fixture.meter),
                sealed
                        ? new Seals(fixture.keys.recordSealer(), fixture.keys::forgetUnwrapped)
                        : new AsItIs(fixture, tenant.id()),
                fixture.keys.blindIndex(),
                new Ledger(fixture.audit, fixture.keys.subjectHasher(), node),
                fixture.clock,
                fixture.ids);
        var notices = new Notices(rows, fixture.meter);
        var objects = new AudioObjects(
                rows, notices, new ObjectFiles(fixture.objects), fixture.keys.streams(), fixture.nodeId, fixture.meter);
        this.calls = new Calls(rows, notices);
        this.turns = new Turns(rows);
        this.insights = new Insights(rows);
        this.subjects = new Subjects(rows);
        this.audio = sealed
                ? (call, kind, bytes, portion) -> keepSealed(objects, call, kind, bytes, portion)
                : new PlainAudio(objects, tenant.id());
    }

    /// As a node keeps calls.
    public static CallIntake sealed(StoreFixture fixture) {
        return new CallIntake(fixture, true);
    }

    /// The same rows and files with their content in clear.
    public static CallIntake plain(StoreFixture fixture) {
        return new CallIntake(fixture, false);
    }

    /// Keeps one call. Returns the nanoseconds that took.
    public long keep() {
        byte[] sound = new byte[AUDIO_BYTES];
        random.nextBytes(sound);
        byte[] vectors = new byte[VECTOR_BYTES];
        random.nextBytes(vectors);
        String words = words(SUMMARY_CHARACTERS);
        var call = fixture.ids.callId();
        byte[] token = StoreFixture.token(7);
        long began = System.nanoTime();
        connect(call, token);
        calls.verified(tenant.id(), call, person(call));
        audio.keep(call, ArtifactKind.RECORDING, sound, AUDIO_BYTES / SECONDS);
        for (int turn = 0; turn < TURNS; turn++) {
            turns.append(tenant.id(), call, turn(turn, words.substring(turn, turn + TURN_CHARACTERS)));
        }
        audio.keep(call, ArtifactKind.MESSAGE, vectors, VECTOR_BYTES);
        var maker = new Maker("rules-1", "no_model");
        insights.keep(tenant.id(), call, new CallSummary(maker, rows.now(), TurnText.clear(words)));
        insights.keep(
                tenant.id(),
                call,
                new CallAnalytics(
                        maker,
                        rows.now(),
                        OptionalDouble.of(0.5),
                        50,
                        Collections.nCopies(GROUNDS, words.substring(0, GROUND_CHARACTERS))));
        calls.setOutcome(tenant.id(), call, CallOutcome.COMPLETED, rows.now());
        return System.nanoTime() - began;
    }

    private void connect(CallId call, byte[] token) {
        calls.offer(NewCall.receptionist(
                tenant.id(),
                call,
                "CA" + call,
                SensitiveText.of("+14155550123"),
                token,
                rows.now().plus(OFFER_LIFE)));
        if (calls.connect(tenant.id(), call, token, fixture.nodeId, rows.now()).isEmpty()) {
            throw new IllegalStateException("the call did not connect");
        }
        calls.announce(tenant.id(), call, true, CallRecord.RECEPTIONIST, rows.now());
    }

    private SubjectId person(CallId call) {
        return subjects.create(
                tenant.id(),
                new NewSubject(
                        SensitiveText.of("Maria Jones"), StoreFixture.BIRTH_DATE, SensitiveText.of("+14155554417")),
                Acting.in(call, StoreFixture.AGENT));
    }

    private NewTurn turn(int number, String words) {
        return new NewTurn(
                new TurnId(fixture.ids.next()),
                number % 2 == 0 ? Speaker.AGENT : Speaker.CALLER,
                TurnKind.SPEECH,
                Duration.ofSeconds(4L * number),
                Duration.ofSeconds(4),
                TurnText.clear(words));
    }

    private String words(int length) {
        var text = new StringBuilder(length);
        while (text.length() < length) {
            text.append(Integer.toString(
                            random.nextInt(Character.MAX_RADIX * Character.MAX_RADIX), Character.MAX_RADIX))
                    .append(' ');
        }
        return text.substring(0, length);
    }

    private void keepSealed(AudioObjects objects, CallId call, ArtifactKind kind, byte[] bytes, int portion) {
        try (var writer = objects.start(tenant.id(), call, kind)) {
            for (int at = 0; at < bytes.length; at += portion) {
                writer.write(ByteBuffer.wrap(bytes, at, Math.min(portion, bytes.length - at)));
            }
            writer.finish();
        }
    }

    /// Seals nothing. The database refuses what does not name a record key that is there, so one key is named in front
    /// of every value.
    private static final class AsItIs extends Seals {
        private static final int NAMED = 17;
        private final byte[] named;

        AsItIs(StoreFixture fixture, TenantId tenant) {
            super(fixture.keys.recordSealer(), fixture.keys::forgetUnwrapped);
            var any = Turns.place(tenant, fixture.ids.callId(), new TurnId(fixture.ids.next()), 1);
            var one = super.sealBytes(any, Map.of("text", new byte[0]))
                    .values()
                    .iterator()
                    .next();
            named = Arrays.copyOf(one.bytes(), NAMED);
        }

        @Override
        void prepare(TenantId tenant, KeyOwner owner, Set<DataClass> classes) {
            // it needs no keys
        }

        @Override
        Map<String, Sealed> sealBytes(RecordContext row, Map<String, byte[]> values) {
            var kept = new LinkedHashMap<String, Sealed>();
            values.forEach((name, value) -> {
                byte[] bytes = Arrays.copyOf(named, NAMED + value.length);
                System.arraycopy(value, 0, bytes, NAMED, value.length);
                kept.put(name, Sealed.of(bytes));
            });
            return kept;
        }

        @Override
        Map<String, byte[]> openBytes(RecordContext row, Map<String, Sealed> fields) {
            var opened = new LinkedHashMap<String, byte[]>();
            fields.forEach(
                    (name, value) -> opened.put(name, Arrays.copyOfRange(value.bytes(), NAMED, value.bytes().length)));
            return opened;
        }
    }
}
