package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.act;
import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.EgressDoor.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class GuardConcurrencyTest {
    private static final int THREADS = 8;
    private static final int EACH = 20;

    private final GuardRig rig = new GuardRig();

    private static <T> List<T> all(int count, java.util.function.IntFunction<Callable<T>> work) throws Exception {
        var futures = new ArrayList<Future<T>>();
        var results = new ArrayList<T>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                futures.add(threads.submit(work.apply(i)));
            }
            for (Future<T> future : futures) {
                results.add(future.get());
            }
        }
        return results;
    }

    @Test
    void decide_fromManyThreadsInOneCall_givesEachValueOneTokenOfItsOwn() throws Exception {
        rig.guard.openCall(CLINIC, CALL);
        List<List<String>> sent = all(THREADS, _ -> () -> {
            var tokens = new ArrayList<String>();
            for (int i = 0; i < EACH; i++) {
                tokens.add(rig.sent(toModel("my cell is 415-555-%04d".formatted(i)))
                        .getFirst());
            }
            return tokens;
        });

        assertThat(new HashSet<>(sent)).hasSize(1);
        assertThat(new HashSet<>(sent.getFirst())).hasSize(EACH);
        assertThat(rig.audit.events("disclosure.allowed")).hasSize(THREADS * EACH);
    }

    @Test
    void decide_inManyCalls_keepsThemApart() throws Exception {
        all(THREADS, i -> () -> {
            var call = new CallId(new UUID(7, i));
            try (var _ = rig.guard.openCall(CLINIC, call)) {
                for (int n = 0; n < EACH; n++) {
                    rig.sent(act(
                            CLINIC,
                            Optional.of(call),
                            "simulator",
                            "language-model",
                            "my cell is 415-555-%02d%02d".formatted(i, n)));
                }
                String back = rig.sent(
                                act(CLINIC, Optional.of(call), "local-tools", "tool-arguments", "<PHONE_1> <PHONE_20>"))
                        .getFirst();
                assertThat(back).isEqualTo("415555%02d00 415555%02d19".formatted(i, i));
            }
            return true;
        });
    }

    @Test
    void close_whileActsRun_neverLeavesAValueBehind() throws Exception {
        var open = rig.guard.openCall(CLINIC, CALL);
        List<Verdict> verdicts = all(THREADS, i -> () -> {
            if (i == THREADS / 2) {
                open.close();
            }
            return rig.guard.decide(toModel("my cell is 415-555-%04d".formatted(i)));
        });

        assertThat(verdicts).allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Verdict.Allowed.class));
        assertThat(rig.sent(act(CLINIC, Optional.of(CALL), "local-tools", "tool-arguments", "<PHONE_1>"))
                        .getFirst())
                .isEmpty();
    }
}
