package dev.sotto.agent;

import dev.sotto.core.AppointmentId;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.store.Appointment;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.Identification;
import dev.sotto.store.IdentityAttempt.Factors;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Slot;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What one call reads and keeps. Thread-safe; blocks. Every method fails with
/// [dev.sotto.core.UnavailableException] if the store or the audit log does not answer.
interface CallFile {
    /// Records that the caller is about to be told what answers. No audio may be kept before this returned.
    ///
    /// @param served what answers, as rows name it
    void announce(boolean recorded, String served);

    /// Records that the receptionist answers from now on, because a model is lost to the call.
    ///
    /// @param code of the failure
    void handedOver(ErrorCode code, Instant at);

    void append(NewTurn turn);

    /// Counts an attempt and looks for the one person it fits, with the same work whatever comes of it.
    Identification identify(Factors factors);

    void verified(SubjectId subject);

    Optional<Appointment> next(SubjectId subject);

    List<Slot> freeSlots(int limit);

    /// Takes a slot.
    ///
    /// @throws dev.sotto.core.ConflictException if somebody has it
    Appointment book(SubjectId subject, SlotId slot);

    /// False if the subject has no such booked appointment.
    boolean cancel(AppointmentId appointment, SubjectId subject);

    AudioSink startRecording();

    AudioSink startMessage();

    /// Ends the call; the first outcome stands.
    void end(CallOutcome outcome, Instant at);

    /// Where mu-law is sealed as it arrives. For one thread.
    interface AudioSink extends AutoCloseable {
        void write(ByteBuffer mulaw);

        /// Seals what is left: the object is whole.
        void finish();

        /// Lets go; without [#finish()] the object stays torn and is recovered at the next start.
        @Override
        void close();
    }
}
