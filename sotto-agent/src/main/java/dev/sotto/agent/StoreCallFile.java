package dev.sotto.agent;

import dev.sotto.core.ActorId;
import dev.sotto.core.AppointmentId;
import dev.sotto.core.CallId;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.store.Acting;
import dev.sotto.store.Appointment;
import dev.sotto.store.AttemptLimits;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.Identification;
import dev.sotto.store.IdentityAttempt;
import dev.sotto.store.IdentityAttempt.Factors;
import dev.sotto.store.NewTurn;
import dev.sotto.store.RecordingWriter;
import dev.sotto.store.Slot;
import dev.sotto.store.Store;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One call's view of the store. Thread-safe.
final class StoreCallFile implements CallFile {
    static final ActorId RECEPTIONIST = new ActorId(ActorId.Kind.AGENT, "receptionist");
    private static final SensitiveText NO_REASON = SensitiveText.of("");

    private final Store store;
    private final TenantId tenant;
    private final CallId call;
    private final SensitiveText callerNumber;
    private final AttemptLimits limits;
    private final Clock clock;
    private final Acting acting;

    StoreCallFile(
            Store store, TenantId tenant, CallId call, SensitiveText callerNumber, AttemptLimits limits, Clock clock) {
        this.store = store;
        this.tenant = tenant;
        this.call = call;
        this.callerNumber = callerNumber;
        this.limits = limits;
        this.clock = clock;
        this.acting = Acting.in(call, RECEPTIONIST);
    }

    @Override
    public void announce(boolean recorded, String served) {
        store.calls().announce(tenant, call, recorded, served, clock.instant());
    }

    @Override
    public void handedOver(ErrorCode code, Instant at) {
        store.calls().handedOver(tenant, call, code, at);
    }

    @Override
    public void append(NewTurn turn) {
        store.turns().append(tenant, call, turn);
    }

    @Override
    public Identification identify(Factors factors) {
        var attempt = new IdentityAttempt(call, callerNumber, factors);
        return store.attempts().identify(tenant, attempt, limits, clock.instant(), acting);
    }

    @Override
    public void verified(SubjectId subject) {
        store.calls().verified(tenant, call, subject);
    }

    @Override
    public Optional<Appointment> next(SubjectId subject) {
        return store.appointments().next(tenant, subject, clock.instant(), acting);
    }

    @Override
    public List<Slot> freeSlots(int limit) {
        return store.appointments().freeSlots(tenant, clock.instant(), limit, acting);
    }

    @Override
    public Appointment book(SubjectId subject, SlotId slot) {
        return store.appointments().book(tenant, subject, slot, NO_REASON, acting);
    }

    @Override
    public boolean cancel(AppointmentId appointment, SubjectId subject) {
        return store.appointments().cancel(tenant, appointment, subject, acting);
    }

    @Override
    public AudioSink startRecording() {
        return new StoreSink(store.recordings().start(tenant, call));
    }

    @Override
    public AudioSink startMessage() {
        return new StoreSink(store.messages().start(tenant, call));
    }

    @Override
    public void end(CallOutcome outcome, Instant at) {
        store.calls().setOutcome(tenant, call, outcome, at);
    }

    private record StoreSink(RecordingWriter writer) implements AudioSink {
        @Override
        public void write(ByteBuffer mulaw) {
            writer.write(mulaw);
        }

        @Override
        public void finish() {
            writer.finish();
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
