package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.agent.WrapUpModel.Outcome;
import dev.sotto.core.ActorId;
import dev.sotto.core.BugException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.store.CallAnalytics;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallSummary;
import dev.sotto.store.InsightKind;
import dev.sotto.store.Maker;
import dev.sotto.store.Store;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnText;
import dev.sotto.store.WrapUpState;
import dev.sotto.store.WrapUps.Claim;
import dev.sotto.store.WrapUps.Due;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes summary and analytics of calls that ended: by a model behind the guard, else by rules. What is to be done
/// stands in the database and is claimed, so that neither a crash loses it nor two nodes do it. Thread-safe.
public final class WrapUpDesk implements AutoCloseable {
    /// Who does this work, as the audit log names it.
    static final ActorId WRITER = new ActorId(ActorId.Kind.AGENT, "wrap-up");

    private static final Logger log = LoggerFactory.getLogger(WrapUpDesk.class);
    /// Longer than both requests and their second tries may take.
    private static final Duration LEASE = Duration.ofMinutes(4);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);
    private static final Duration FINISH = Duration.ofSeconds(5);
    private static final int AT_ONCE = 4;
    /// After so many, the rules do what the model does not.
    private static final int MODEL_ATTEMPTS = 3;
    private static final int ATTEMPTS = 12;

    private final WrapUpConfig config;
    private final Store store;
    private final Optional<WrapUpModels> models;
    private final Clock clock;
    private final RandomGenerator random;
    private final Meter meter;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService beside = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("sotto-wrap-up-", 0).factory());
    private volatile int waiting;

    private WrapUpDesk(
            WrapUpConfig config,
            Store store,
            Optional<WrapUpModels> models,
            Clock clock,
            RandomGenerator random,
            Meter meter) {
        this.config = requireNonNull(config, "config");
        this.store = requireNonNull(store, "store");
        this.models = requireNonNull(models, "models");
        this.clock = requireNonNull(clock, "clock");
        this.random = requireNonNull(random, "random");
        this.meter = requireNonNull(meter, "meter");
        meter.gauge("agent.wrapup.waiting", () -> waiting);
    }

    /// Starts to look for work.
    ///
    /// @param models what writes; empty if rules do
    /// @param random thread-safe
    public static WrapUpDesk open(
            WrapUpConfig config,
            Store store,
            Optional<WrapUpModels> models,
            Clock clock,
            RandomGenerator random,
            Meter meter) {
        var desk = idle(config, store, models, clock, random, meter);
        desk.beside.execute(desk::run);
        return desk;
    }

    /// One that looks for work only when [#look()] is called.
    static WrapUpDesk idle(
            WrapUpConfig config,
            Store store,
            Optional<WrapUpModels> models,
            Clock clock,
            RandomGenerator random,
            Meter meter) {
        return new WrapUpDesk(config, store, models, clock, random, meter);
    }

    private void run() {
        try {
            do {
                try {
                    look();
                } catch (SottoException down) {
                    meter.count("agent.wrapup.unreachable");
                }
            } while (!closing.await(config.look().toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// Takes as much of the work that is due as may be done at once.
    ///
    /// @throws SottoException if the store does not answer
    void look() {
        List<Due> due = store.wrapUps().due(now());
        waiting = due.size();
        for (Due one : due) {
            if (closing.getCount() == 0 || !free.tryAcquire()) {
                return;
            }
            boolean taken = false;
            try {
                Optional<Claim> claim = store.wrapUps().claim(one, config.nodeId(), now(), now().plus(LEASE));
                if (claim.isPresent()) {
                    beside.execute(() -> work(claim.get()));
                    taken = true;
                }
            } finally {
                if (!taken) {
                    free.release();
                }
            }
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private void work(Claim claim) {
        long began = System.nanoTime();
        try {
            done(claim);
        } catch (IntegrityException | BugException fault) {
            over(claim, fault.code().name());
        } catch (SottoException failure) {
            if (claim.attempt() >= ATTEMPTS) {
                over(claim, failure.code().name());
            } else {
                meter.count("agent.wrapup.retried");
                later(claim);
            }
        } catch (RuntimeException bug) { // the thread ends here, and nobody else would say so
            over(claim, bug.getClass().getSimpleName());
        } finally {
            free.release();
            meter.time("agent.wrapup", Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /// It stays undone, and the log says so. If that cannot be said, the claim runs out and it is tried once more.
    private void over(Claim claim, String code) {
        meter.count("agent.wrapup.failed");
        log.atError()
                .addKeyValue("event", "agent.wrapup.failed")
                .addKeyValue("call", claim.call())
                .addKeyValue("attempts", claim.attempt())
                .addKeyValue("code", code)
                .log("what was to be made of a call cannot be made");
        try {
            store.wrapUps().finish(claim, WrapUpState.FAILED);
        } catch (SottoException down) {
            meter.count("agent.wrapup.unreachable");
        }
    }

    private void later(Claim claim) {
        Duration pause = config.retry();
        for (int i = 1; i < claim.attempt() && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
            pause = pause.multipliedBy(3);
        }
        Duration most = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        try {
            store.wrapUps().postpone(claim, now().plus(most).plusMillis(random.nextLong(most.toMillis() / 4 + 1)));
        } catch (SottoException down) {
            meter.count("agent.wrapup.unreachable");
        }
    }

    private void done(Claim claim) {
        CallRecord call = store.calls()
                .find(claim.tenant(), claim.call())
                .orElseThrow(() -> new IllegalStateException("work for a call that is not there"));
        Set<InsightKind> wanted = wanted(call);
        boolean off = wanted.isEmpty();
        wanted.removeAll(store.wrapUps().made(claim.tenant(), claim.call()));
        if (!wanted.isEmpty() && !make(claim, call, wanted)) {
            meter.count("agent.wrapup.retried");
            later(claim);
            return;
        }
        if (store.wrapUps().finish(claim, off ? WrapUpState.OFF : WrapUpState.DONE)) {
            meter.count(off ? "agent.wrapup.off" : "agent.wrapup.done");
        }
    }

    /// What the configuration wants and the policy lets this node keep.
    private Set<InsightKind> wanted(CallRecord call) {
        var wanted = EnumSet.noneOf(InsightKind.class);
        if (config.summary() && mayKeep(call, InsightKind.SUMMARY, WrapUpModel.SUMMARY)) {
            wanted.add(InsightKind.SUMMARY);
        }
        if (config.analytics() && mayKeep(call, InsightKind.ANALYTICS, WrapUpModel.ANALYTICS)) {
            wanted.add(InsightKind.ANALYTICS);
        }
        return wanted;
    }

    private boolean mayKeep(CallRecord call, InsightKind kind, String purpose) {
        return models.isEmpty()
                || models.get().guard().mayEver(call.tenant(), WrapUpModel.RECORDS, kind.dataClass(), purpose);
    }

    /// False if something is to be tried again later.
    private boolean make(Claim claim, CallRecord call, Set<InsightKind> wanted) {
        List<Turn> turns = store.turns().list(claim.tenant(), claim.call(), WRITER);
        var facts = CallFacts.of(call, turns);
        if (models.isEmpty() || facts.said().isEmpty()) {
            byRules(call, facts, wanted, models.isEmpty() ? "no_model" : "nothing_said");
            return true;
        }
        boolean last = claim.attempt() >= MODEL_ATTEMPTS;
        GuardedCall guard;
        try {
            guard = GuardedCall.open(models.get().guard(), call.tenant(), call.id());
        } catch (SottoException busy) {
            if (last) {
                byRules(call, facts, wanted, "guard_busy");
            }
            return last;
        }
        try (guard) {
            turns.forEach(guard::recall);
            var model = new WrapUpModel(models.get(), guard, CallText.of(turns, GuardedCall::isFindable));
            boolean all = true;
            for (InsightKind kind : wanted) {
                all &= switch (kind) {
                    case SUMMARY -> summary(call, facts, model.summary(), last);
                    case ANALYTICS -> analytics(call, facts, model.scores(), last);
                };
            }
            return all;
        }
    }

    private void byRules(CallRecord call, CallFacts facts, Set<InsightKind> wanted, String reason) {
        for (InsightKind kind : wanted) {
            switch (kind) {
                case SUMMARY -> summary(call, facts, new Outcome.Not<>(reason, false), true);
                case ANALYTICS -> analytics(call, facts, new Outcome.Not<>(reason, false), true);
            }
        }
    }

    private boolean summary(CallRecord call, CallFacts facts, Outcome<TurnText> outcome, boolean last) {
        return switch (outcome) {
            case Outcome.Made<TurnText>(TurnText text) -> keep(call, new CallSummary(maker(), now(), text));
            case Outcome.Not<TurnText>(String reason, boolean later) ->
                (!later || last) && keep(call, WrapUpRules.summary(facts, reason, now()));
        };
    }

    private boolean analytics(CallRecord call, CallFacts facts, Outcome<WrapUpJson.Scores> outcome, boolean last) {
        return switch (outcome) {
            case Outcome.Made<WrapUpJson.Scores>(WrapUpJson.Scores(double sentiment, int score)) ->
                keep(
                        call,
                        new CallAnalytics(
                                maker(),
                                now(),
                                OptionalDouble.of(Math.round(sentiment * 100) / 100.0),
                                score,
                                List.of()));
            case Outcome.Not<WrapUpJson.Scores>(String reason, boolean later) ->
                (!later || last) && keep(call, WrapUpRules.analytics(facts, reason, now()));
        };
    }

    private boolean keep(CallRecord call, CallSummary summary) {
        count(summary.maker(), store.insights().keep(call.tenant(), call.id(), summary));
        return true;
    }

    private boolean keep(CallRecord call, CallAnalytics analytics) {
        count(analytics.maker(), store.insights().keep(call.tenant(), call.id(), analytics));
        return true;
    }

    private void count(Maker maker, boolean kept) {
        if (kept) {
            meter.count(maker.by().equals(WrapUpRules.NAME) ? "agent.wrapup.by_rules" : "agent.wrapup.by_model");
        }
    }

    private Maker maker() {
        return new Maker("model " + models.orElseThrow().name(), "");
    }

    /// Waits a little for what is being done; the rest is found again by whoever looks next.
    @Override
    public void close() {
        closing.countDown();
        beside.shutdown();
        try {
            if (!beside.awaitTermination(FINISH.toNanos(), TimeUnit.NANOSECONDS)) {
                beside.shutdownNow();
                beside.awaitTermination(FINISH.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException stopped) {
            beside.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
