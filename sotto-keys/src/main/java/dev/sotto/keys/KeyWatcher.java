package dev.sotto.keys;

/// Is told of uses of keys that a person should look at. Must not block and must not throw; called from any thread.
public interface KeyWatcher {
    void onAnomaly(KeyAnomaly anomaly);

    /// Hears nothing.
    static KeyWatcher none() {
        return _ -> {};
    }
}
