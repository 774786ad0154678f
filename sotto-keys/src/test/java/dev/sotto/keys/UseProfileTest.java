package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.IdSource;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.ManualClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UseProfileTest {
    private static final UUID KEY = UUID.randomUUID();

    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-02T09:00:00Z"));
    private final IdSource ids = new IdSource(clock, new SecureRandom());
    private final UseProfile profile = new UseProfile(clock);
    private final TenantId tenant = ids.tenantId();

    private List<KeyAnomaly> period(TenantId whose, long opens) {
        var told = profile.used(whose, Map.of(KEY, new KeyUse(0, 0, opens, 0, 0)));
        profile.endPeriod();
        return told;
    }

    @Test
    void rate_tenTimesTheUsual_isTold() {
        for (int i = 0; i < 10; i++) {
            assertThat(period(tenant, 150)).isEmpty();
        }
        assertThat(period(tenant, 1_400)).isEmpty();

        assertThat(period(tenant, 5_000)).singleElement().satisfies(anomaly -> {
            assertThat(anomaly.kind()).isEqualTo(KeyAnomaly.Kind.RATE);
            assertThat(anomaly.tenant()).contains(tenant);
            assertThat(anomaly.key()).contains(KEY);
            assertThat(anomaly.count()).isEqualTo(5_000);
        });
    }

    @Test
    void rate_ofATenantThatIsHardlyKnownOrSmall_isNotTold() {
        assertThat(period(tenant, 100_000)).isEmpty();
        var small = ids.tenantId();
        for (int i = 0; i < 12; i++) {
            period(small, 1);
        }
        assertThat(period(small, 999)).isEmpty();
    }

    @Test
    void hour_withoutUseInAWeek_isTold() {
        for (int day = 0; day < 7; day++) {
            assertThat(period(tenant, 1)).isEmpty();
            clock.advance(Duration.ofDays(1));
        }
        assertThat(period(tenant, 1)).isEmpty();
        clock.advance(Duration.ofHours(17)); // two in the morning

        assertThat(period(tenant, 1)).extracting(KeyAnomaly::kind).containsExactly(KeyAnomaly.Kind.HOUR);
        assertThat(period(tenant, 1)).isEmpty();
    }

    @Test
    void tenant_newAfterADayOfOthers_isTold() {
        assertThat(period(tenant, 1)).isEmpty();
        assertThat(period(ids.tenantId(), 1)).isEmpty();
        clock.advance(Duration.ofDays(1));

        assertThat(period(ids.tenantId(), 1)).extracting(KeyAnomaly::kind).containsExactly(KeyAnomaly.Kind.TENANT);
        assertThat(period(tenant, 1)).isEmpty();
    }

    @Test
    void actor_neverSeenBefore_isToldOnce() {
        var node = new ActorId(ActorId.Kind.NODE, "n");
        var stranger = new ActorId(ActorId.Kind.USER, "u");
        var told = new ArrayList<KeyAnomaly>();
        for (var actor : List.of(node, node, stranger, stranger)) {
            profile.acted(tenant, actor).ifPresent(told::add);
        }
        assertThat(told).extracting(KeyAnomaly::kind).containsExactly(KeyAnomaly.Kind.ACTOR);
    }
}
