package dev.sotto.server.faults;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.media.AudioClip;
import dev.sotto.server.call.CallPlan;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.CallWatcher;
import dev.sotto.server.call.KeyPlan;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.call.PlacedCall;
import dev.sotto.server.call.TwilioCaller;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// Calls a node over the carrier's protocol, and remembers all that was heard. Thread-safe.
final class Phone implements AutoCloseable {
    /// Of somebody who is in a hurry, and types ahead.
    static final KeyTiming HURRIED = new KeyTiming(
            Duration.ofMillis(250), Duration.ofMillis(400), Duration.ofMillis(70), Duration.ofSeconds(15));

    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final CallTarget target;
    private final TwilioCaller caller;

    private Phone(CallTarget target) {
        this.target = target;
        this.caller = TwilioCaller.open(target.voiceUrl(), target.account(), target.trust());
    }

    /// Calls the demo node that runs on `home`.
    static Phone at(Home home) {
        return new Phone(new LocalTarget(home.places()).resolve(Optional.empty(), Optional.empty(), Optional.empty()));
    }

    CallTarget target() {
        return target;
    }

    /// Calls from `from`, says `voice` and keys `keys`; hangs up when told to, or when all is said.
    Line call(String from, AudioClip voice, String keys, boolean hangsUp) {
        return call(from, target.to(), voice, keys, HURRIED, hangsUp);
    }

    Line call(String from, String to, AudioClip voice, String keys, KeyTiming timing, boolean hangsUp) {
        var line = new Line();
        var plan = new CallPlan(SensitiveText.of(from), to, voice, KeyPlan.parse(keys), timing, hangsUp, LONGEST);
        line.placed = caller.place(plan, line);
        return line;
    }

    /// Calls and says each stretch of `voice` when the agent pauses. Hangs up when all is said and answered, or when
    /// told to.
    Line talk(AudioClip voice, boolean hangsUp) {
        var line = new Line();
        line.placed = caller.place(
                new CallPlan(
                        SensitiveText.of("+15550110123"),
                        target.to(),
                        voice,
                        KeyPlan.parse(""),
                        KeyTiming.practised(),
                        hangsUp,
                        LONGEST,
                        true),
                line);
        return line;
    }

    @Override
    public void close() {
        caller.close();
    }

    /// One call.
    static final class Line implements CallWatcher {
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private final List<Piece> pieces = new ArrayList<>();
        private final List<String> said = new CopyOnWriteArrayList<>();
        private volatile boolean broke;
        private volatile long lastHeard = System.nanoTime();
        private PlacedCall placed;

        @Override
        public void heard(byte[] mulaw, int length) {
            synchronized (heard) {
                pieces.add(new Piece(heard.size(), System.nanoTime()));
                heard.write(mulaw, 0, length);
            }
            lastHeard = System.nanoTime();
        }

        @Override
        public void said(String text) {
            said.add(text);
        }

        @Override
        public void broke(SottoException failure) {
            broke = true;
        }

        /// Everything the agent said that the caller heard, without the pauses.
        byte[] heard() {
            synchronized (heard) {
                return heard.toByteArray();
            }
        }

        /// Audio that was heard at once, from a byte on.
        private record Piece(int from, long nanos) {}

        /// How long it was quiet before `clip` began.
        Duration quietBefore(String clip) throws Exception {
            int at = Sound.find(heard(), Sound.shipped(clip));
            if (at < 0) {
                throw new AssertionError("not heard: " + clip);
            }
            synchronized (heard) {
                int piece = 0;
                while (piece + 1 < pieces.size() && pieces.get(piece + 1).from() <= at) {
                    piece++;
                }
                long before = pieces.get(Math.max(0, piece - 1)).nanos();
                return Duration.ofNanos(pieces.get(piece).nanos() - before);
            }
        }

        boolean heard(String clip) throws Exception {
            return Sound.contains(heard(), Sound.shipped(clip));
        }

        /// Which of the shipped prompts were heard, and how much sound there was.
        @Override
        public String toString() {
            try {
                List<String> clips = new ArrayList<>();
                for (String clip : Sound.prompts()) {
                    if (heard(clip)) {
                        clips.add(clip);
                    }
                }
                return "heard %d samples, of them %s".formatted(heard().length, clips);
            } catch (Exception failure) {
                throw new AssertionError("the shipped prompts cannot be read", failure);
            }
        }

        /// How long it has been quiet.
        Duration quiet() {
            return Duration.ofNanos(System.nanoTime() - lastHeard);
        }

        /// What the carrier said in its own voice.
        List<String> carrierSaid() {
            return List.copyOf(said);
        }

        boolean broke() {
            return broke;
        }

        /// The node's name of the call, once it has one.
        CallId id() throws Exception {
            Await.until("the call has a name", () -> placed.call().isPresent());
            return placed.call().orElseThrow();
        }

        void hangUp() {
            placed.hangUp();
        }

        boolean over() {
            return placed.over();
        }

        CallReport await() {
            return placed.await(LONGEST.plus(Await.PATIENCE));
        }
    }
}
