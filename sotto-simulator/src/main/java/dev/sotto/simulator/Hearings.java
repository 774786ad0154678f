package dev.sotto.simulator;

import java.util.LinkedHashMap;
import java.util.Map;

/// How far the recogniser is in each call that is answered over HTTP, where every request stands alone. Bounded: the
/// call
/// that was quiet longest is forgotten and would begin anew. Thread-safe.
final class Hearings {
    static final int MOST_CALLS = 10_000;

    private record Call(String scene, String key) {}

    private final Map<Call, SceneRun> runs = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Call, SceneRun> eldest) {
            return size() > MOST_CALLS;
        }
    };

    /// What is heard next in that call.
    synchronized Scene.Heard next(Scene scene, String key) {
        return run(scene, key).utterance();
    }

    /// A model's answer shows where the call is.
    synchronized void follow(Scene scene, String key, int hearing) {
        run(scene, key).hearingFrom(hearing);
    }

    synchronized int size() {
        return runs.size();
    }

    private SceneRun run(Scene scene, String key) {
        return runs.computeIfAbsent(new Call(scene.name(), key), _ -> new SceneRun(scene));
    }
}
