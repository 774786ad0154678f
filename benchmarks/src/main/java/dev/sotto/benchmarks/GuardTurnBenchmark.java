package dev.sotto.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.guard.CallGuard;
import dev.sotto.guard.Guard;
import dev.sotto.guard.GuardParts;
import dev.sotto.guard.GuardRules;
import dev.sotto.guard.HashKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What the guard takes for one turn, with a log that costs nothing. The newest text differs each time, as in a call;
/// the texts before it do not.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class GuardTurnBenchmark {
    private static final TenantId CLINIC = new TenantId(new UUID(1, 1));
    private static final CallId CALL = new CallId(new UUID(2, 1));
    private static final int LONG = 20;
    private static final int HISTORY = 60;
    private static final String TURN =
            "hi my name is jane doe and i was born on march fourteenth nineteen eighty four, i need a refill of my"
                    + " lisinopril, you can reach me at four one five five five five oh one two three after five pm, ";

    /// A sentence of 200 characters; one of 4,000; the same sentence at the end of 60 messages and instructions.
    @Param({"SHORT", "LONG", "HISTORY"})
    @SuppressWarnings("NullAway.Init") // JMH sets it
    public Text text;

    /// What is decided.
    public enum Text {
        SHORT,
        LONG,
        HISTORY
    }

    @SuppressWarnings("NullAway.Init") // in the set-up
    private Guard guard;

    @SuppressWarnings("NullAway.Init") // in the set-up
    private CallGuard call;

    private final List<SensitiveText> before = new ArrayList<>();
    private String newest = "";
    private long number;

    @Setup(Level.Trial)
    public void open() {
        GuardRules rules = GuardRules.shipped();
        guard = new Guard(
                () -> rules,
                _ -> new AuditReceipt("none", 0),
                GuardParts.of(
                        new ActorId(ActorId.Kind.NODE, "benchmark"),
                        HashKey.of("0123456789abcdef0123456789abcdef".getBytes(UTF_8)),
                        "healthcare",
                        Meter.none(),
                        Clock.systemUTC()));
        call = guard.openCall(CLINIC, CALL);
        newest = text == Text.LONG ? TURN.repeat(LONG) : TURN;
        if (text == Text.HISTORY) {
            before.add(
                    SensitiveText.of("You answer the telephone of a clinic. Verify who is calling first. ".repeat(30)));
            for (int i = 0; i < HISTORY; i++) {
                before.add(SensitiveText.of(
                        i % 2 == 0 ? TURN + "message " + i : "Thank you. What is your date of birth? " + i));
            }
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        call.close();
    }

    @Benchmark
    public Verdict turn() {
        List<SensitiveText> pieces = new ArrayList<>(before);
        pieces.add(SensitiveText.of(newest + "take " + number++));
        return guard.decide(
                new Disclosure(CLINIC, Optional.of(CALL), "simulator", DataClass.TRANSCRIPT, "language-model", pieces));
    }
}
