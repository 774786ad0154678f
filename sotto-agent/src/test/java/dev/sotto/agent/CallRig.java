package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.TenantId;
import dev.sotto.store.AttemptLimits;
import dev.sotto.store.CallOutcome;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// One call through the real loop, with a fake phone, fake rows and virtual time.
final class CallRig implements AutoCloseable {
    static final Voice VOICE = Voice.shipped();
    static final TenantId TENANT = new TenantId(new UUID(1, 1));
    static final CallId CALL = new CallId(new UUID(2, 2));
    static final ReceptionTimes TIMES = ReceptionTimes.defaults();

    final FakeTimers timers = new FakeTimers();
    final FakeLeg leg = new FakeLeg(timers);
    final FakeCallFile file = new FakeCallFile();
    final FakeAuditSink audit = new FakeAuditSink();
    final FakeMeter meter = new FakeMeter();
    final ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor();
    final CompletableFuture<CallEnd> end = new CompletableFuture<>();
    /// What the call said of its end, each time it let go of its leg.
    final List<CallOutcome> told = new CopyOnWriteArrayList<>();
    private final boolean recording;
    private final boolean person;
    private final CallLimits limits;
    private Optional<Talk.Source> talking = Optional.empty();

    CallRig(boolean recording, boolean person) {
        this(recording, person, CallLimits.defaults());
    }

    CallRig(boolean recording, boolean person, CallLimits limits) {
        this.recording = recording;
        this.person = person;
        this.limits = limits;
    }

    /// A model is to talk with the caller.
    CallRig talks(Talk.Source source) {
        talking = Optional.of(source);
        return this;
    }

    /// Connects the call; it begins at once.
    CallRig start() {
        var callAudit = new CallAudit(audit, TENANT, CALL);
        var gate = new IdentityGate(file, callAudit, AttemptLimits.defaults());
        var tools = new ToolDesk(file, callAudit, gate, FakeCallFile.ZONE, person);
        var parts = new CallParts(
                VOICE,
                TIMES,
                limits,
                timers,
                beside,
                timers.clock(),
                new IdSource(timers.clock(), new Random(1)),
                meter);
        var loop = new CallLoop(
                parts,
                ties -> new VoiceLine(leg, ties),
                file,
                callAudit,
                tools,
                new Receptionist(person, TIMES),
                recording,
                talking,
                told::add);
        leg.connect(loop.listener());
        Thread.ofVirtual().start(() -> end.complete(loop.run()));
        return this;
    }

    /// The next thing said is this.
    CallRig hears(String... clips) throws InterruptedException {
        return hears(Phrase.of(clips));
    }

    CallRig hears(Phrase phrase) throws InterruptedException {
        assertThat(leg.next()).as("%s", phrase.clips()).isEqualTo(VOICE.clip(phrase));
        return this;
    }

    /// Time passes until all that was said was heard.
    CallRig listens() {
        leg.playOut();
        return this;
    }

    CallRig keys(String digits) {
        digits.chars().forEach(digit -> leg.listener().dtmf((char) digit));
        return this;
    }

    /// Time passes once something is due in exactly `delay`.
    CallRig waits(Duration delay) throws InterruptedException {
        timers.awaitPending(delay);
        timers.advance(delay);
        return this;
    }

    /// From the beginning to the first question.
    CallRig announced() throws InterruptedException {
        hears("announce.ai", recording ? "announce.recorded" : "announce.not-recorded");
        listens();
        return hears("announce.keys").hears("ask.dob").listens();
    }

    CallRig identifies(String born, String phoneEnd) throws InterruptedException {
        keys(born + "#").hears("ask.factor").listens();
        return keys(phoneEnd + "#").hears("identity.checking").waits(TIMES.identityFloor());
    }

    /// To the menu of a verified caller with an appointment.
    CallRig verified() throws InterruptedException {
        announced().identifies(FakeCallFile.BORN, FakeCallFile.PHONE_END);
        hears("identity.verified");
        hears(Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30"))));
        return hears("menu.appointment").listens();
    }

    CallEnd ended() throws Exception {
        return end.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        if (!end.isDone()) {
            leg.hangUp();
        }
        end.join();
        beside.shutdown();
    }
}
