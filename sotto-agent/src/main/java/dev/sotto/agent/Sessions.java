package dev.sotto.agent;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.store.CallOutcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The calls this node holds or lately held, by the carrier's call id, so that what comes after a stream is known even
/// if
/// the store does not answer. Bounded: the oldest are forgotten. Thread-safe.
final class Sessions {
    private static final int ENDED_KEPT = 1_024;

    /// One call that connected here.
    static final class Session {
        private final TenantId tenant;
        private final CallId call;
        private final @Nullable String transferNumber;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable CallOutcome outcome;

        Session(TenantId tenant, CallId call, @Nullable String transferNumber) {
            this.tenant = tenant;
            this.call = call;
            this.transferNumber = transferNumber;
        }

        TenantId tenant() {
            return tenant;
        }

        CallId call() {
            return call;
        }

        /// Where a person answers, as it was when the call began.
        Optional<String> transferNumber() {
            return Optional.ofNullable(transferNumber);
        }

        /// Notes how the call ended; the first stands.
        synchronized void end(CallOutcome how) {
            if (outcome == null) {
                outcome = how;
                ended.countDown();
            }
        }

        /// Waits for the end of the call; empty if it goes on.
        Optional<CallOutcome> awaitEnd(Duration timeout) throws InterruptedException {
            boolean over = ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return over ? Optional.ofNullable(outcome) : Optional.empty();
        }
    }

    private final Map<String, Session> sessions;

    Sessions(int maxCalls) {
        int most = maxCalls + ENDED_KEPT;
        sessions = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Session> eldest) {
                return size() > most;
            }
        };
    }

    synchronized void add(String carrierCallId, Session session) {
        sessions.put(carrierCallId, session);
    }

    synchronized Optional<Session> find(String carrierCallId, CallId call) {
        return Optional.ofNullable(sessions.get(carrierCallId))
                .filter(session -> session.call().equals(call));
    }
}
