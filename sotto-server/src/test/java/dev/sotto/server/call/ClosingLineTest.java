package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ClosingLineTest {
    private static final CallId ID = new CallId(new UUID(0x0192_0000_0000_7000L, 0x8000_0000_0000_0001L));

    @Test
    void of_verifiedCall() {
        var call = new NodeApi.Call("ended", 14_200L, 9, new NodeApi.Recording("sealed", 227_001), null);

        assertThat(ClosingLine.of(ID, call, new CallProof.Proven(31)))
                .isEqualTo(
                        "call " + ID + ": 14 s · 9 turns · recording sealed (222 KiB) · 31 audit entries · verified");
    }

    @Test
    void of_whatIsMissing_saysSo() {
        var call = new NodeApi.Call("connected", null, 1, null, null);

        assertThat(ClosingLine.of(ID, call, new CallProof.Unproven(1, "entry 7 is not covered by a checkpoint yet")))
                .isEqualTo("call " + ID + ": still running · 1 turn · not recorded · 1 audit entry"
                        + " · not verified: entry 7 is not covered by a checkpoint yet");
        var writing = new NodeApi.Call("ended", 499L, 0, new NodeApi.Recording("writing", 0), null);
        assertThat(ClosingLine.of(ID, writing, new CallProof.Proven(2)))
                .contains(": 0 s · 0 turns · recording not sealed yet · 2 audit entries · verified");
    }

    @Test
    void heardLine_saysThatNothingWasRead() {
        var heard = new CallReport.Heard(
                Duration.ofMillis(9_300), Duration.ofMillis(7_140), Duration.ZERO, 5, 1, 0, 14, 650);
        var report = new CallReport(
                "CA1", Optional.of(ID), new CallReport.Ending.HungUp(), Duration.ofMillis(14_900), Optional.of(heard));

        assertThat(CallSession.heardLine(report, heard))
                .isEqualTo("call " + ID + ": 14 s · heard 9.3 s of audio, 7.1 s of it speech · 5 marks · 1 clear"
                        + " · 14 keys · turns and log not read: no operator access to that host");
    }
}
