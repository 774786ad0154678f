package dev.sotto.simulator;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// What all connections of a model simulator share. Thread-safe.
final class Studio {
    private static final String PREFIX = "simulator/";

    private final SimulatorConfig config;
    private final Map<String, Scene> scenes = new LinkedHashMap<>();
    private final ScriptedVoice voice = new ScriptedVoice();
    private final Hearings hearings = new Hearings();
    private final FaultBox faults = new FaultBox();
    private final Received received;

    Studio(SimulatorConfig config) {
        this.config = config;
        this.received = new Received(config.mostRecordedBytes());
        config.scenes().forEach(scene -> scenes.put(scene.name(), scene));
    }

    /// The scene that `model` names, with or without `simulator/` before it; the first scene for every other name.
    Scene scene(String model) {
        String name = model.startsWith(PREFIX) ? model.substring(PREFIX.length()) : model;
        return scenes.getOrDefault(name, config.scenes().getFirst());
    }

    /// Names of the models.
    Set<String> models() {
        return scenes.keySet();
    }

    static String modelOf(String scene) {
        return PREFIX + scene;
    }

    Pace pace() {
        return config.pace();
    }

    Clock clock() {
        return config.clock();
    }

    long seed() {
        return config.seed();
    }

    String token() {
        return config.token().reveal();
    }

    ScriptedVoice voice() {
        return voice;
    }

    Hearings hearings() {
        return hearings;
    }

    FaultBox faults() {
        return faults;
    }

    Received received() {
        return received;
    }
}
