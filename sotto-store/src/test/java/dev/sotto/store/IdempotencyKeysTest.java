package dev.sotto.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.TenantId;
import dev.sotto.store.IdempotencyKeys.Claim;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdempotencyKeysTest {
    @TempDir
    Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private IdempotencyKeys keys;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        keys = fixture.store.idempotency();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Claim claim(String user, String key, String request) {
        return keys.claim(tenant, user, key, request);
    }

    @Test
    void claim_sameKeyAgain_isNotDoneAgain_onAnyNode() {
        assertThat(claim("ann", "k", "POST /a")).isEqualTo(Claim.FRESH);
        assertThat(claim("ann", "k", "POST /a")).isEqualTo(Claim.USED);
        assertThat(claim("ann", "k", "POST /b")).isEqualTo(Claim.OTHER_REQUEST);
        try (var other = new StoreFixture(TestPostgres.shared(), objects)) {
            assertThat(other.store.idempotency().claim(tenant, "ann", "k", "POST /a"))
                    .isEqualTo(Claim.USED);
        }
    }

    @Test
    void claim_sameKeyOfAnotherUserOrTenant_isAnotherKey() {
        claim("ann", "k", "POST /a");

        assertThat(claim("bob", "k", "POST /b")).isEqualTo(Claim.FRESH);
        assertThat(claim("annk", "", "POST /a")).as("no way to mix the two").isEqualTo(Claim.FRESH);
        assertThat(keys.claim(fixture.tenant().id(), "ann", "k", "POST /b")).isEqualTo(Claim.FRESH);
        assertThat(keys.claim(TenantId.OPERATOR, "tool", "k-" + tenant, "POST /a"))
                .isEqualTo(Claim.FRESH);
    }

    @Test
    void claim_afterADay_isFreshAgain() {
        claim("ann", "k", "POST /a");
        fixture.clock.advance(Duration.ofHours(24).minusMillis(1));
        assertThat(claim("ann", "k", "POST /a")).isEqualTo(Claim.USED);
        fixture.clock.advance(Duration.ofMillis(1));

        assertThat(claim("ann", "k", "POST /b")).isEqualTo(Claim.FRESH);
    }

    @Test
    void claim_overTheBounds_isRefusedAndForgetsNothing() {
        fixture.tamper(
                tenant,
                "INSERT INTO sotto.idempotency_key SELECT ?, sha256(int4send(n)), sha256('other'), sha256('r'), ?::timestamptz"
                        + " FROM generate_series(1, ?) AS n",
                tenant.value(),
                fixture.clock.instant().plusSeconds(60),
                IdempotencyKeys.MOST - 1);
        assertThat(claim("ann", "k", "POST /a")).isEqualTo(Claim.FRESH);
        assertThat(claim("ann", "k2", "POST /a")).as("one too many").isEqualTo(Claim.FULL);
        assertThat(claim("ann", "k", "POST /a")).isEqualTo(Claim.USED);
        keys.release(tenant, "ann", "k");
        assertThat(claim("ann", "k2", "POST /b")).isEqualTo(Claim.FRESH);
        assertThat(keys.claim(fixture.tenant().id(), "ann", "k", "POST /a"))
                .as("another tenant has room of its own")
                .isEqualTo(Claim.FRESH);
    }

    @Test
    void claim_ofOneUserOverTheBound_isRefused() {
        fixture.tamper(
                tenant,
                "INSERT INTO sotto.idempotency_key SELECT ?, sha256(int4send(n)), sha256('ann'), sha256('r'), ?::timestamptz"
                        + " FROM generate_series(1, ?) AS n",
                tenant.value(),
                fixture.clock.instant().plusSeconds(60),
                IdempotencyKeys.MOST_OF_ONE);
        assertThat(claim("ann", "k", "POST /a")).isEqualTo(Claim.FULL);
        assertThat(claim("bob", "k", "POST /a")).isEqualTo(Claim.FRESH);
    }

    @Test
    void claim_fromManyThreads_isFreshOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var claims = new ArrayList<Future<Claim>>();
            for (int i = 0; i < 24; i++) {
                claims.add(threads.submit(() -> claim("ann", "k", "POST /a")));
            }
            int fresh = 0;
            for (Future<Claim> each : claims) {
                fresh += each.get(30, TimeUnit.SECONDS) == Claim.FRESH ? 1 : 0;
            }
            assertThat(fresh).isEqualTo(1);
        }
    }
}
