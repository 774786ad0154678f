package dev.sotto.core;

class EgressDoorTest extends EgressDoorContract {
    @Override
    protected EgressDoor closedDoor() {
        return EgressDoor.denyAll();
    }
}
