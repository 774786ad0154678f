package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.server.web.IdempotencyKeys.Claim;
import dev.sotto.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IdempotencyKeysTest {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-21T10:00:00Z"));
    private final IdempotencyKeys keys = new IdempotencyKeys(4, 3, clock);

    @Test
    void claim_sameKeyAgain_isNotDoneAgain() {
        assertThat(keys.claim("ann", "k", "POST /a")).isEqualTo(Claim.FRESH);
        assertThat(keys.claim("ann", "k", "POST /a")).isEqualTo(Claim.USED);
        assertThat(keys.claim("ann", "k", "POST /b")).isEqualTo(Claim.OTHER_REQUEST);
    }

    @Test
    void claim_sameKeyOfAnotherUser_isAnotherKey() {
        keys.claim("ann", "k", "POST /a");

        assertThat(keys.claim("bob", "k", "POST /b")).isEqualTo(Claim.FRESH);
        assertThat(keys.claim("ann\nk", "", "POST /a"))
                .as("no way to mix the two")
                .isEqualTo(Claim.FRESH);
    }

    @Test
    void claim_afterADay_isFreshAgain() {
        keys.claim("ann", "k", "POST /a");
        clock.advance(Duration.ofHours(24).minusMillis(1));
        assertThat(keys.claim("ann", "k", "POST /a")).isEqualTo(Claim.USED);
        clock.advance(Duration.ofMillis(1));

        assertThat(keys.claim("ann", "k", "POST /b")).isEqualTo(Claim.FRESH);
        assertThat(keys.size()).isEqualTo(1);
    }

    @Test
    void claim_overTheBounds_isRefusedAndForgetsNothing() {
        for (int i = 0; i < 3; i++) {
            assertThat(keys.claim("ann", "k" + i, "POST /a")).isEqualTo(Claim.FRESH);
        }
        assertThat(keys.claim("ann", "k3", "POST /a"))
                .as("a fourth of one user")
                .isEqualTo(Claim.FULL);
        assertThat(keys.claim("bob", "k", "POST /a")).isEqualTo(Claim.FRESH);
        assertThat(keys.claim("eve", "k", "POST /a")).as("a fifth of all").isEqualTo(Claim.FULL);
        assertThat(keys.claim("ann", "k0", "POST /a")).isEqualTo(Claim.USED);
        assertThat(keys.size()).isEqualTo(4);
    }

    @Test
    void release_ofAKey_givesItsPlaceBack() {
        for (int i = 0; i < 3; i++) {
            keys.claim("ann", "k" + i, "POST /a");
        }
        keys.release("ann", "k1");
        keys.release("ann", "never");

        assertThat(keys.claim("ann", "k1", "POST /b")).isEqualTo(Claim.FRESH);
        assertThat(keys.claim("ann", "k9", "POST /b")).isEqualTo(Claim.FULL);
    }

    @Test
    void claim_fromManyThreads_isFreshOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var claims = new ArrayList<Future<Claim>>();
            for (int i = 0; i < 100; i++) {
                claims.add(threads.submit(() -> keys.claim("ann", "k", "POST /a")));
            }
            int fresh = 0;
            for (Future<Claim> claim : claims) {
                fresh += claim.get(10, TimeUnit.SECONDS) == Claim.FRESH ? 1 : 0;
            }
            assertThat(fresh).isEqualTo(1);
        }
    }
}
