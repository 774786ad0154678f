package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RevealTest {
    @TempDir
    static Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private CallId call;
    private TurnId turn;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        call = fixture.offered(tenant, token(7)).id();
        turn = fixture.ids.turnId();
        var text = TurnText.of(
                new TurnText.Part.Clear("On "),
                new TurnText.Part.Protected("DATE", SensitiveText.of("Tuesday")),
                new TurnText.Part.Clear(" at "),
                new TurnText.Part.Protected("TIME", SensitiveText.of("noon")));
        fixture.store
                .turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(turn, Speaker.AGENT, TurnKind.PROMPT, Duration.ZERO, Duration.ZERO, text));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Turns turns() {
        return fixture.store.turns();
    }

    @Test
    void reveal_wholeTurn_givesTheProtectedPartsAndIsOneEntry() {
        var revealed = turns().reveal(tenant, call, turn, OptionalInt.empty(), USER);

        assertThat(revealed.keySet()).containsExactly(1, 3);
        assertThat(revealed.get(1).value().reveal()).isEqualTo("Tuesday");
        assertThat(revealed.get(3).label()).isEqualTo("TIME");
        assertThat(fixture.audit.events("turn.revealed")).singleElement().satisfies(event -> {
            assertThat(event.actor()).isEqualTo(USER);
            assertThat(event.resource()).isEqualTo("call/" + call);
            assertThat(event.details()).containsEntry("turn", turn.toString()).containsEntry("part", "all");
            assertThat(event.details().toString()).doesNotContain("Tuesday", "noon");
        });
    }

    @Test
    void reveal_onePart_givesThatOneOnly() {
        var revealed = turns().reveal(tenant, call, turn, OptionalInt.of(3), USER);

        assertThat(revealed.keySet()).containsExactly(3);
        assertThat(fixture.audit.events("turn.revealed"))
                .extracting(AuditEvent::details)
                .singleElement()
                .satisfies(details -> assertThat(details).containsEntry("part", "3"));
    }

    @Test
    void reveal_partThatIsClear_isRejected() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> turns().reveal(tenant, call, turn, OptionalInt.of(0), USER));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> turns().reveal(tenant, call, turn, OptionalInt.of(4), USER));
    }

    @Test
    void reveal_turnOfAnotherCallOrTenant_isNotThereAndOpensNothing() {
        CallId other = fixture.offered(tenant, token(8)).id();
        TenantId stranger = fixture.tenant().id();

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> turns().reveal(tenant, other, turn, OptionalInt.empty(), USER));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> turns().reveal(stranger, call, turn, OptionalInt.empty(), USER));
        assertThat(fixture.audit.events("turn.revealed")).isEmpty();
    }

    @Test
    void reveal_withoutAuditLog_opensNothing() {
        fixture.audit.goDown();

        assertThatExceptionOfType(dev.sotto.core.UnavailableException.class)
                .isThrownBy(() -> turns().reveal(tenant, call, turn, OptionalInt.empty(), USER));
    }
}
