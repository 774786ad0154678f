package dev.sotto.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.store.Notice;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Role;
import dev.sotto.store.Store;
import dev.sotto.store.StoreConfig;
import dev.sotto.store.StoreFixture;
import dev.sotto.store.TestPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AlertBoxTest {
    private static final Duration WINDOW = Duration.ofMinutes(5);
    private static final int FLOOD = 10_000;

    @TempDir
    Path objects;

    private final AtomicBoolean down = new AtomicBoolean();
    private StoreFixture fixture;
    private Store store;
    private TenantId tenant;
    private CallId call;
    private AlertBox box;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        call = fixture.connected(tenant);
        store = Store.open(
                new StoreConfig(objects, fixture.nodeId),
                breakable(fixture.postgres.dataSource(Role.APP)),
                fixture.keys,
                fixture.audit,
                fixture.clock,
                fixture.ids,
                fixture.meter);
        box = AlertBox.start(store.notices(), WINDOW, fixture.meter, fixture.clock);
    }

    @AfterEach
    void close() {
        box.close();
        fixture.close();
    }

    private DataSource breakable(DataSource real) {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (_, method, arguments) -> {
                    if (down.get()) {
                        throw new SQLTransientConnectionException("the test took the database away");
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
    }

    private void raise(String rule) {
        box.raise(new Alert(
                tenant,
                NoticeType.DISCLOSURE_DENIED,
                Optional.of(call),
                Map.of("rule", rule, "destination", "model-a"),
                fixture.clock.instant()));
    }

    private List<Notice> notices() {
        return fixture.store.notices().list(tenant, Optional.empty(), Optional.empty(), 200);
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private long occurrences() {
        return notices().stream().mapToLong(Notice::occurrences).sum();
    }

    @Test
    void flood_isAFewNotices_andNoneIsForgotten() {
        raise("no-rule");
        await("the first is told at once", () -> notices().size() == 1);
        for (int i = 1; i < FLOOD; i++) {
            raise("no-rule");
        }
        fixture.clock.advance(WINDOW);
        await("the rest is told together", () -> occurrences() == FLOOD);

        assertThat(notices()).hasSize(2);
        assertThat(notices()).allSatisfy(notice -> {
            assertThat(notice.call()).contains(call);
            assertThat(notice.details()).containsEntry("rule", "no-rule");
        });
        for (int i = 0; i < 5; i++) {
            raise("no-rule");
        }
        fixture.clock.advance(WINDOW);
        await("the next window too", () -> occurrences() == FLOOD + 5);
        assertThat(notices()).hasSize(3);
    }

    @Test
    void storeThatIsDown_getsThemLater_andNobodyWaits() {
        down.set(true);
        for (int i = 0; i < FLOOD; i++) {
            raise("audit-unavailable");
        }
        assertThat(fixture.meter.gauged("notify.alerts.held")).isEqualTo(FLOOD);
        assertThat(notices()).isEmpty();
        down.set(false);
        await("it is told", () -> occurrences() == FLOOD);
        assertThat(fixture.meter.counted("notify.alerts.lost")).isZero();
    }

    @Test
    void kindsWithoutEnd_areBounded() {
        for (int i = 0; i < FLOOD; i++) {
            raise("rule-" + i);
        }
        fixture.clock.advance(WINDOW);
        await("all are told", () -> occurrences() == FLOOD);
        assertThat(notices()).hasSizeBetween(51, 55);
        assertThat(notices()).anySatisfy(notice -> assertThat(notice.details()).containsEntry("reason", "many"));
    }

    @Test
    void close_tellsWhatIsHeld_andCountsWhatItCannot() {
        raise("no-rule");
        await("the first is told", () -> notices().size() == 1);
        raise("no-rule");
        raise("no-rule");
        box.close();
        assertThat(occurrences()).isEqualTo(3);

        box = AlertBox.start(store.notices(), WINDOW, fixture.meter, fixture.clock);
        down.set(true);
        raise("no-rule");
        box.close();
        assertThat(fixture.meter.counted("notify.alerts.lost")).isEqualTo(1);
    }
}
