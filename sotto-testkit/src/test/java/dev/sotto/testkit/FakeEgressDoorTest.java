package dev.sotto.testkit;

import dev.sotto.core.EgressDoor;
import dev.sotto.core.EgressDoorContract;

class FakeEgressDoorTest extends EgressDoorContract {
    @Override
    protected EgressDoor closedDoor() {
        return new FakeEgressDoor();
    }
}
