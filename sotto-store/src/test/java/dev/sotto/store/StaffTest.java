package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StaffTest {
    private static final SensitiveText HASH = SensitiveText.of("$argon2id$opaque");
    private static final Duration IDLE = Duration.ofMinutes(15);
    private static final Duration LONGEST = Duration.ofHours(8);

    @TempDir
    static Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private String name;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        name = UUID.randomUUID().toString();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Staff staff() {
        return fixture.store.staff();
    }

    private SensitiveText email() {
        return SensitiveText.of(name + "@Clinic.example");
    }

    private static byte[] fresh() {
        var random = UUID.randomUUID();
        return ByteBuffer.allocate(32)
                .putLong(random.getMostSignificantBits())
                .putLong(random.getLeastSignificantBits())
                .array();
    }

    @Test
    void setup_withTheToken_makesTheFirstAdminOnce() {
        byte[] token = fresh();
        var now = fixture.clock.instant();
        assertThat(staff().setupRequired(tenant)).isTrue();
        staff().offerSetup(tenant, token, now.plusSeconds(600), USER);

        assertThat(staff().setupTenant(token, now)).contains(tenant);
        assertThat(staff().setupTenant(fresh(), now)).isEmpty();
        assertThat(staff().setupTenant(token, now.plusSeconds(601))).isEmpty();
        assertThat(staff().completeSetup(token, email(), HASH, now.plusSeconds(601)))
                .isEmpty();
        var admin = staff().completeSetup(token, email(), HASH, now).orElseThrow();

        assertThat(admin.role()).isEqualTo(StaffRole.ADMIN);
        assertThat(staff().setupRequired(tenant)).isFalse();
        assertThat(staff().completeSetup(token, email(), HASH, now)).isEmpty();
        assertThat(staff().list(tenant, USER)).containsExactly(admin);
        assertThat(fixture.audit.types()).contains("staff.setup_offered", "staff.created");
    }

    @Test
    void setup_fromManyAtOnce_makesOneAdmin() throws Exception {
        byte[] token = fresh();
        staff().offerSetup(tenant, token, fixture.clock.instant().plusSeconds(600), USER);

        var won = CallsTest.atOnce(
                8,
                () -> staff().completeSetup(
                                token,
                                SensitiveText.of(UUID.randomUUID() + "@clinic.example"),
                                HASH,
                                fixture.clock.instant())
                        .isPresent());

        assertThat(won).containsOnlyOnce(true);
        assertThat(staff().list(tenant, USER)).hasSize(1);
    }

    @Test
    void user_isFoundByAddressInAnyCase_andTheAddressIsTakenEverywhere() {
        var user = staff().create(tenant, email(), HASH, StaffRole.AUDITOR, USER);

        assertThat(staff().byEmail(SensitiveText.of("  " + name.toUpperCase(Locale.ROOT) + "@clinic.EXAMPLE "), USER))
                .contains(user);
        assertThat(staff().byEmail(SensitiveText.of("nobody@clinic.example"), USER))
                .isEmpty();
        assertThat(staff().find(fixture.tenant().id(), user.id(), USER)).isEmpty();
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> staff().create(fixture.tenant().id(), email(), HASH, StaffRole.ADMIN, USER));
    }

    @Test
    void session_endsWhenIdleTooOldReplacedOrEnded() {
        var user = staff().create(tenant, email(), HASH, StaffRole.ADMIN, USER);
        byte[] first = fresh();
        byte[] second = fresh();
        var now = fixture.clock.instant();
        staff().startSession(tenant, user.id(), first, IDLE, LONGEST, now);

        var session = staff().session(first, now.plusSeconds(60)).orElseThrow();
        assertThat(session.user()).isEqualTo(user.id());
        assertThat(session.role()).isEqualTo(StaffRole.ADMIN);
        assertThat(session.idleUntil()).isEqualTo(now.plusSeconds(60).plus(IDLE));
        assertThat(staff().session(token(99), now)).isEmpty();
        assertThat(staff().session(first, now.plusSeconds(60).plus(IDLE))).isEmpty();

        staff().startSession(tenant, user.id(), second, IDLE, LONGEST, now);
        assertThat(staff().session(first, now)).isEmpty();
        var at = now;
        for (int i = 0; i < 48; i++) {
            assertThat(staff().session(second, at)).isPresent();
            at = at.plus(Duration.ofMinutes(10));
        }
        assertThat(staff().session(second, now.plus(LONGEST))).isEmpty();

        byte[] third = fresh();
        staff().startSession(tenant, user.id(), third, IDLE, LONGEST, now);
        staff().endSession(third);
        assertThat(staff().session(third, now)).isEmpty();
        assertThat(fixture.audit.events("staff.session_started")).hasSize(3);
        assertThat(fixture.audit.events("staff.session_ended")).hasSize(1);
    }

    @Test
    void session_ofNobody_isRefused() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> staff().startSession(
                                tenant, fixture.ids.userId(), fresh(), IDLE, LONGEST, fixture.clock.instant()));
    }
}
