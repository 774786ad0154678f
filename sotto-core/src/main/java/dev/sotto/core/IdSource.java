package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// Makes ids that sort by time: UUID version 7 (RFC 9562 section 5.7), 48 bits of Unix milliseconds and 74 random bits.
/// Thread-safe if its random source is.
public final class IdSource {
    private static final long VERSION_7 = 0x7000L;
    private static final long RANDOM_A_MASK = 0x0FFFL;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long RANDOM_B_MASK = 0x3FFF_FFFF_FFFF_FFFFL;

    private final Clock clock;
    private final RandomGenerator random;

    public IdSource(Clock clock, RandomGenerator random) {
        this.clock = requireNonNull(clock, "clock");
        this.random = requireNonNull(random, "random");
    }

    public UUID next() {
        long high = (clock.millis() << 16) | VERSION_7 | (random.nextLong() & RANDOM_A_MASK);
        return new UUID(high, VARIANT | (random.nextLong() & RANDOM_B_MASK));
    }

    public TenantId tenantId() {
        return new TenantId(next());
    }

    public CallId callId() {
        return new CallId(next());
    }

    public TurnId turnId() {
        return new TurnId(next());
    }

    public SubjectId subjectId() {
        return new SubjectId(next());
    }

    public ArtifactId artifactId() {
        return new ArtifactId(next());
    }

    public AppointmentId appointmentId() {
        return new AppointmentId(next());
    }

    public SlotId slotId() {
        return new SlotId(next());
    }

    public NoticeId noticeId() {
        return new NoticeId(next());
    }

    public UserId userId() {
        return new UserId(next());
    }
}
