package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.ManualClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyCacheTest {
    private static final Duration AGE = Duration.ofSeconds(30);

    private final ManualClock clock = new ManualClock(Instant.EPOCH);
    private final FakeMeter meter = new FakeMeter();

    private KeyCache<String> cache(int keys, long bytes, long uses) {
        var config = new KeyServiceConfig(KeysFixture.NODE, keys, bytes, AGE, AGE, uses, AGE);
        return new KeyCache<>("record", config, AGE, clock, meter);
    }

    private static HeldKey<String> key(String slot) {
        return new HeldKey<>(UUID.randomUUID(), slot, KeyState.ACTIVE, DataKey.random(new SecureRandom()));
    }

    @Test
    void use_givesACopyThatOutlivesTheEntry() {
        var cache = cache(10, 10_000, 10);
        var key = cache.keep(key("a"), true);
        var used = cache.useCurrent("a").orElseThrow();

        cache.clear();

        assertThat(used.key()).isEqualTo(key.key());
        assertThat(cache.use(key.id())).isEmpty();
        assertThat(cache.useCurrent("a")).isEmpty();
    }

    @Test
    void keep_beyondTheNumber_dropsTheLeastRecentlyUsed() {
        var cache = cache(2, 10_000, 10);
        var first = cache.keep(key("a"), true);
        var second = cache.keep(key("b"), true);
        cache.use(first.id());
        cache.keep(key("c"), true);

        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.use(first.id())).isPresent();
        assertThat(cache.use(second.id())).isEmpty();
        assertThat(cache.useCurrent("b")).isEmpty();
        assertThat(meter.counted("keys.cache.record.evicted")).isEqualTo(1);
        assertThat(meter.gauged("keys.cache.record.size")).isEqualTo(2);
    }

    @Test
    void keep_beyondTheBytes_dropsToo() {
        var cache = cache(1000, 500, 10);
        for (int i = 0; i < 50; i++) {
            cache.keep(key("slot-" + i), true);
        }
        assertThat(cache.size()).isBetween(1, 5);
    }

    @Test
    void use_beyondTheAge_isEmptyAlsoIfTheClockStepsBack() {
        var cache = cache(10, 10_000, 10);
        var key = cache.keep(key("a"), true);
        clock.advance(AGE.minusMillis(1));
        assertThat(cache.use(key.id())).isPresent();
        clock.advance(Duration.ofMillis(1));
        assertThat(cache.use(key.id())).isEmpty();

        var other = cache.keep(key("b"), true);
        clock.advance(Duration.ofSeconds(-1));
        assertThat(cache.use(other.id())).isEmpty();
        assertThat(cache.size()).isZero();
    }

    @Test
    void use_beyondTheUses_isEmpty() {
        var cache = cache(10, 10_000, 3);
        var key = cache.keep(key("a"), true);
        for (int i = 0; i < 3; i++) {
            assertThat(cache.use(key.id())).isPresent();
        }
        assertThat(cache.use(key.id())).isEmpty();
        assertThat(meter.counted("keys.cache.record.use")).isEqualTo(3);
        assertThat(meter.counted("keys.cache.record.expired")).isEqualTo(1);
    }

    @Test
    void drop_ofASlot_dropsAllItsKeysOnly() {
        var cache = cache(10, 10_000, 10);
        var old = cache.keep(key("a"), false);
        cache.keep(key("a"), true);
        var other = cache.keep(key("b"), true);

        cache.drop("a");

        assertThat(cache.use(old.id())).isEmpty();
        assertThat(cache.useCurrent("a")).isEmpty();
        assertThat(cache.use(other.id())).isPresent();
    }

    @Test
    void keep_afterClose_keepsNothing() {
        var cache = cache(10, 10_000, 10);
        cache.close();
        cache.keep(key("a"), true);

        assertThat(cache.size()).isZero();
    }
}
