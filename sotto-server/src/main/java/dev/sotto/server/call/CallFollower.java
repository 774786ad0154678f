package dev.sotto.server.call;

import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.CallId;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Reads along with a call at its node: prints each turn as it is kept, tells the caller when the agent has
/// answered, and checks the proofs in the end. Belongs to one thread.
final class CallFollower {
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration SETTLING = Duration.ofSeconds(15);

    private final NodeApi node;
    private final CallScript script;
    private final TrustedKeys keys;

    CallFollower(NodeApi node, CallScript script, TrustedKeys keys) {
        this.node = node;
        this.script = script;
        this.keys = keys;
    }

    /// What is known of a call when all of it is kept.
    record Settled(CallId id, NodeApi.Call call, CallProof proof) {
        boolean proven() {
            return proof instanceof CallProof.Proven;
        }

        String line() {
            return ClosingLine.of(id, call, proof);
        }
    }

    /// Prints turns until the call is over. A node that fails meanwhile does not disturb the call.
    void follow(PlacedCall placed) {
        while (!placed.overWithin(POLL)) {
            placed.call().ifPresent(id -> {
                try {
                    show(placed, id);
                } catch (SottoException _) {
                    // the node may be busy or going down; what is missing is asked for again
                }
            });
        }
    }

    private void show(PlacedCall placed, CallId id) {
        // The words are opened, and that is audited, only when there are new ones.
        if (node.call(id, false).turnCount() <= script.printed()) {
            return;
        }
        for (NodeApi.Turn turn : print(node.call(id, true))) {
            if (turn.speaker().equals("agent") && turn.hasLabel()) {
                placed.answered(Duration.ofMillis(turn.atMillis() + turn.lengthMillis()));
            }
        }
    }

    private List<NodeApi.Turn> print(NodeApi.Call call) {
        List<NodeApi.Turn> turns = call.turns();
        return turns == null ? List.of() : script.print(turns);
    }

    /// Waits, bounded, until the node has kept everything, prints what is left and checks the proofs.
    Settled settle(CallId id) {
        NodeApi.Call call = until(() -> node.call(id, false), NodeApi.Call::settled);
        if (call.turnCount() > script.printed()) {
            print(node.call(id, true));
        }
        // Entries that are written while we look, such as that we looked, are not waited for.
        int wanted = node.audit(id).entries().size();
        NodeApi.Entries audit = until(() -> first(node.audit(id), wanted), CallFollower::covered);
        return new Settled(id, call, CallProof.check(audit, keys, node.tenant(), id));
    }

    private static NodeApi.Entries first(NodeApi.Entries audit, int wanted) {
        List<NodeApi.Entry> entries = audit.entries();
        return entries.size() <= wanted
                ? audit
                : new NodeApi.Entries(entries.subList(0, wanted), audit.truncated(), audit.checkpoint());
    }

    private static boolean covered(NodeApi.Entries audit) {
        return audit.entries().stream().allMatch(entry -> entry.treeSize() != null);
    }

    /// What `ask` gives once it is `good`, or in the end.
    private static <T> T until(Supplier<T> ask, Predicate<T> good) {
        long end = System.nanoTime() + SETTLING.toNanos();
        T answer = ask.get();
        while (!good.test(answer) && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(POLL.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new UnavailableException(ServerError.CALL_FAILED, "the call was interrupted");
            }
            answer = ask.get();
        }
        return answer;
    }
}
