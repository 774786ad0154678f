package dev.sotto.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.Admission;
import dev.sotto.core.DataClass;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.EgressDoorContract;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.TenantId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FakeEgressDoorTest extends EgressDoorContract {
    @Override
    protected EgressDoor closedDoor() {
        return new FakeEgressDoor();
    }

    @Test
    void grant_thatIsShutLater_closesThePassage() {
        var door = new FakeEgressDoor();
        door.open();
        var granted = (Admission.Granted) door.grant(new StreamDisclosure(
                TenantId.OPERATOR, Optional.empty(), "model", DataClass.RECORDING, "transcription"));

        assertThat(granted.passage().open()).isTrue();
        door.close();
        assertThat(granted.passage().open()).isFalse();
    }
}
