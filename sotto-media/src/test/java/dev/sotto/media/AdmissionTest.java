package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static InetAddress address(int last) throws Exception {
        return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
    }

    @Test
    void enter_overEachLimit_isRefusedAndTakesNothing() throws Exception {
        var admission = new Admission(EdgeLimits.defaults().withConnections(4, 2, 3));
        assertThat(admission.enter(address(1))).isTrue();
        assertThat(admission.enter(address(1))).isTrue();
        assertThat(admission.enter(address(1))).as("a third of one address").isFalse();
        assertThat(admission.enter(address(2))).isTrue();
        assertThat(admission.enter(address(3))).as("a fourth unauthenticated").isFalse();
        admission.authenticated(address(1));
        assertThat(admission.enter(address(3))).isTrue();
        admission.authenticated(address(2));
        assertThat(admission.enter(address(4))).as("a fifth").isFalse();
        assertThat(admission.connections()).isEqualTo(4);
        assertThat(admission.addresses()).isEqualTo(3);

        admission.leave(address(1), true);
        admission.leave(address(1), false);
        admission.leave(address(2), true);
        admission.leave(address(3), false);
        assertThat(admission.connections()).isZero();
        assertThat(admission.unauthenticatedConnections()).isZero();
        assertThat(admission.addresses()).isZero();
    }

    @Test
    void enter_unauthenticatedOfOneAddress_leavesPlacesToOthers() throws Exception {
        var admission =
                new Admission(EdgeLimits.defaults().withConnections(20, 10, 8).withUnauthenticatedPerAddress(2));
        assertThat(admission.enter(address(1))).isTrue();
        assertThat(admission.enter(address(1))).isTrue();
        assertThat(admission.enter(address(1)))
                .as("a third that proved nothing")
                .isFalse();
        assertThat(admission.enter(address(2))).as("another address").isTrue();
        assertThat(admission.unauthenticatedConnections()).isEqualTo(3);

        admission.authenticated(address(1));
        assertThat(admission.enter(address(1))).as("one became a stream").isTrue();
        assertThat(admission.enter(address(1))).isFalse();
        admission.leave(address(1), true);
        assertThat(admission.enter(address(1)))
                .as("a stream left, not one of the two")
                .isFalse();
        admission.leave(address(1), false);
        assertThat(admission.enter(address(1))).isTrue();
    }

    @Test
    void defaults_letOneAddressHoldAQuarterOfTheUnauthenticatedSockets() throws Exception {
        var admission = new Admission(EdgeLimits.defaults());
        int held = 0;
        while (admission.enter(address(1))) {
            held++;
        }
        assertThat(held).isEqualTo(64);
        assertThat(4 * held).isEqualTo(EdgeLimits.defaults().maxUnauthenticated());
    }

    @Test
    void enter_fromManyThreads_neverPassesALimitAndForgetsEveryAddress() throws Exception {
        var admission = new Admission(EdgeLimits.defaults().withConnections(50, 10, 40));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tries = new ArrayList<Future<?>>();
            for (int i = 0; i < 2_000; i++) {
                var from = address(i % 20);
                tries.add(threads.submit(() -> {
                    if (admission.enter(from)) {
                        assertThat(admission.connections()).isLessThanOrEqualTo(50);
                        assertThat(admission.unauthenticatedConnections()).isLessThanOrEqualTo(40);
                        admission.leave(from, false);
                    }
                }));
            }
            for (var each : tries) {
                each.get(20, TimeUnit.SECONDS);
            }
        }
        assertThat(admission.connections()).isZero();
        assertThat(admission.unauthenticatedConnections()).isZero();
        assertThat(admission.addresses()).isZero();
    }
}
