package dev.sotto.simulator;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a model simulator is set up. Immutable; `with` methods give changed copies.
///
/// @param scenes the first is played for models that name none
/// @param token what clients must show as bearer token or `api-key`
/// @param port 0 for a free one
/// @param identity what TLS shows; null for plain text on loopback, which only tests should use
/// @param pace how fast it speaks
/// @param seed ids are made from it, so that a run can be repeated
/// @param clock gives the `created` times
/// @param mostRecordedBytes how much of what is sent to it is kept for leak searches
public record SimulatorConfig(
        List<Scene> scenes,
        SensitiveText token,
        int port,
        @Nullable ServerIdentity identity,
        Pace pace,
        long seed,
        Clock clock,
        long mostRecordedBytes) {
    private static final int MOST_SCENES = 100;
    private static final int MOST_PORT = 65_535;
    private static final long RECORDED = 64L << 20;

    public SimulatorConfig {
        scenes = List.copyOf(scenes);
        if (scenes.isEmpty() || scenes.size() > MOST_SCENES) {
            throw new IllegalArgumentException("scenes (%d) must be 1 to %d".formatted(scenes.size(), MOST_SCENES));
        }
        var names = new HashSet<String>();
        for (Scene scene : scenes) {
            if (!names.add(scene.name())) {
                throw new IllegalArgumentException("scenes (%s) must have different names".formatted(scene.name()));
            }
        }
        requireNonNull(token, "token");
        if (token.isEmpty()) {
            throw new IllegalArgumentException("token must not be empty");
        }
        if (port < 0 || port > MOST_PORT) {
            throw new IllegalArgumentException("port (%d) must be 0 to %d".formatted(port, MOST_PORT));
        }
        requireNonNull(pace, "pace");
        requireNonNull(clock, "clock");
        if (mostRecordedBytes < 0) {
            throw new IllegalArgumentException(
                    "mostRecordedBytes (%d) must not be negative".formatted(mostRecordedBytes));
        }
    }

    /// Plain text on a free port, all at once: for tests.
    public static SimulatorConfig insecurePlain(Scene scene, SensitiveText token) {
        return new SimulatorConfig(List.of(scene), token, 0, null, Pace.IMMEDIATE, 1, Clock.systemUTC(), RECORDED);
    }

    /// TLS, in real time, with all shipped scenes: for a demo.
    public static SimulatorConfig demo(SensitiveText token, ServerIdentity identity) {
        return new SimulatorConfig(
                Scene.SHIPPED.stream().map(Scene::shipped).toList(),
                token,
                0,
                identity,
                Pace.REAL_TIME,
                1,
                Clock.systemUTC(),
                RECORDED);
    }

    public SimulatorConfig withScenes(List<Scene> other) {
        return new SimulatorConfig(other, token, port, identity, pace, seed, clock, mostRecordedBytes);
    }

    public SimulatorConfig withPort(int other) {
        return new SimulatorConfig(scenes, token, other, identity, pace, seed, clock, mostRecordedBytes);
    }

    public SimulatorConfig withIdentity(ServerIdentity other) {
        return new SimulatorConfig(scenes, token, port, other, pace, seed, clock, mostRecordedBytes);
    }

    public SimulatorConfig withPace(Pace other) {
        return new SimulatorConfig(scenes, token, port, identity, other, seed, clock, mostRecordedBytes);
    }

    public SimulatorConfig withSeed(long other) {
        return new SimulatorConfig(scenes, token, port, identity, pace, other, clock, mostRecordedBytes);
    }

    public SimulatorConfig withClock(Clock other) {
        return new SimulatorConfig(scenes, token, port, identity, pace, seed, other, mostRecordedBytes);
    }

    public SimulatorConfig withMostRecordedBytes(long other) {
        return new SimulatorConfig(scenes, token, port, identity, pace, seed, clock, other);
    }
}
