package dev.sotto.agent;

import dev.sotto.core.AppointmentId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.UnavailableException;
import dev.sotto.store.Appointment;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.Identification;
import dev.sotto.store.IdentityAttempt.Factors;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Slot;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// One call's rows in memory: one person, one appointment, three free slots. Fails on demand. Thread-safe.
final class FakeCallFile implements CallFile {
    static final ZoneId ZONE = ZoneId.of("America/New_York");
    static final String NAME = "Maren Oakfield";
    static final String BORN = "19840512";
    static final String PHONE_END = "4417";
    static final SubjectId MARIA = new SubjectId(new UUID(7, 7));

    /// Why a fake refuses.
    enum Fault implements ErrorCode {
        FAKE_IS_DOWN
    }

    final List<NewTurn> turns = new CopyOnWriteArrayList<>();
    final List<String> acts = new CopyOnWriteArrayList<>();
    final List<FakeSink> recordings = new CopyOnWriteArrayList<>();
    final List<FakeSink> messages = new CopyOnWriteArrayList<>();
    volatile Optional<CallOutcome> outcome = Optional.empty();
    volatile boolean down;
    volatile String served = "";
    volatile Runnable whileIdentifying = () -> {};
    volatile Optional<Identification.Scope> locked = Optional.empty();
    volatile Optional<CountDownLatch> holdAnnounce = Optional.empty();
    volatile Optional<CountDownLatch> holdIdentify = Optional.empty();
    volatile Optional<CountDownLatch> holdEnd = Optional.empty();
    Optional<Appointment> appointment = Optional.of(appointment(1, slot(1, "2026-11-24T10:30")));
    private final List<Slot> free = new ArrayList<>(
            List.of(slot(11, "2026-11-25T09:00"), slot(12, "2026-11-25T13:05"), slot(13, "2026-12-01T00:15")));

    static Slot slot(int id, String local) {
        var at = ZonedDateTime.of(java.time.LocalDateTime.parse(local), ZONE);
        return new Slot(new SlotId(new UUID(1, id)), at, Duration.ofMinutes(30), SensitiveText.of("Dr. Example"));
    }

    private static Appointment appointment(int id, Slot slot) {
        return new Appointment(
                new AppointmentId(new UUID(2, id)),
                MARIA,
                slot,
                SensitiveText.of(""),
                Instant.parse("2026-11-01T00:00:00Z"));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void act(String what) {
        if (down) {
            throw new UnavailableException(Fault.FAKE_IS_DOWN, "the store does not answer");
        }
        acts.add(what);
    }

    @Override
    public void announce(boolean recorded, String served) {
        holdAnnounce.ifPresent(FakeCallFile::await);
        act("announce " + recorded);
        this.served = served;
    }

    @Override
    public void handedOver(ErrorCode code, Instant at) {
        act("handed over " + code.name());
    }

    @Override
    public void append(NewTurn turn) {
        if (down) {
            throw new UnavailableException(Fault.FAKE_IS_DOWN, "the store does not answer");
        }
        turns.add(turn);
    }

    @Override
    public Identification identify(Factors factors) {
        act("identify");
        whileIdentifying.run();
        holdIdentify.ifPresent(FakeCallFile::await);
        if (locked.isPresent()) {
            return new Identification.Locked(locked.get());
        }
        boolean second = switch (factors) {
            case Factors.PhoneEnd(var _, SensitiveText phoneEnd) ->
                phoneEnd.reveal().equals(PHONE_END);
            case Factors.Name(SensitiveText name, var _) -> name.reveal().equalsIgnoreCase(NAME);
        };
        return second && factors.birthDate().reveal().equals(BORN)
                ? new Identification.Matched(MARIA)
                : new Identification.Unmatched();
    }

    @Override
    public void verified(SubjectId subject) {
        act("verified");
    }

    @Override
    public synchronized Optional<Appointment> next(SubjectId subject) {
        act("next");
        return appointment;
    }

    synchronized void noAppointment() {
        appointment = Optional.empty();
    }

    @Override
    public synchronized List<Slot> freeSlots(int limit) {
        act("freeSlots");
        return free.stream().limit(limit).toList();
    }

    synchronized void take(int index) {
        free.remove(index);
    }

    @Override
    public synchronized Appointment book(SubjectId subject, SlotId id) {
        act("book");
        var slot = free.stream().filter(one -> one.id().equals(id)).findFirst();
        if (slot.isEmpty()) {
            throw new ConflictException(Fault.FAKE_IS_DOWN, "the slot was taken");
        }
        free.remove(slot.get());
        return appointment(2, slot.get());
    }

    @Override
    public synchronized boolean cancel(AppointmentId id, SubjectId subject) {
        act("cancel");
        boolean there = appointment.filter(one -> one.id().equals(id)).isPresent();
        appointment = Optional.empty();
        return there;
    }

    @Override
    public AudioSink startRecording() {
        act("startRecording");
        var sink = new FakeSink();
        recordings.add(sink);
        return sink;
    }

    @Override
    public AudioSink startMessage() {
        act("startMessage");
        var sink = new FakeSink();
        messages.add(sink);
        return sink;
    }

    @Override
    public void end(CallOutcome how, Instant at) {
        holdEnd.ifPresent(FakeCallFile::await);
        act("end " + how);
        if (outcome.isEmpty()) {
            outcome = Optional.of(how);
        }
    }

    /// What the transcript shows to who may not see more.
    List<String> redacted() {
        return turns.stream().map(turn -> turn.text().redacted()).toList();
    }

    /// Keeps audio in memory.
    final class FakeSink implements AudioSink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private volatile boolean finished;

        @Override
        public synchronized void write(ByteBuffer mulaw) {
            if (down) {
                throw new UnavailableException(Fault.FAKE_IS_DOWN, "the store does not answer");
            }
            var copy = new byte[mulaw.remaining()];
            mulaw.get(copy);
            bytes.writeBytes(copy);
        }

        @Override
        public void finish() {
            finished = true;
        }

        @Override
        public void close() {}

        boolean finished() {
            return finished;
        }

        synchronized byte[] audio() {
            return bytes.toByteArray();
        }
    }
}
