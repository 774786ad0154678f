package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every [AuditSink] must do; the fake and the log extend it.
public abstract class AuditSinkContract {
    private static final ActorId ACTOR = new ActorId(ActorId.Kind.NODE, "contract");
    private static final int WRITERS = 8;
    private static final int EACH = 25;

    /// The sink under test, fresh and up.
    protected abstract AuditSink sink();

    /// Makes what the sink writes to stop answering.
    protected abstract void takeDown();

    @Test
    public void append_eventsInTurn_standInThatOrder() {
        var first = sink().append(event("contract.first"));
        var second = sink().append(event("contract.second"));

        assertThat(second.logId()).isEqualTo(first.logId());
        assertThat(second.sequence()).isEqualTo(first.sequence() + 1);
    }

    @Test
    public void append_fromManyThreads_givesEachItsOwnPlaceWithoutGaps() throws Exception {
        long before = sink().append(event("contract.before")).sequence();
        var places = new ArrayList<Long>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<List<Long>> writer = () -> IntStream.range(0, EACH)
                    .mapToObj(_ -> sink().append(event("contract.many")).sequence())
                    .toList();
            List<Future<List<Long>>> results = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                results.add(threads.submit(writer));
            }
            for (var result : results) {
                places.addAll(result.get());
            }
        }

        assertThat(places)
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, WRITERS * EACH)
                        .mapToObj(step -> before + step)
                        .toList());
    }

    @Test
    public void append_whileDown_fails() {
        takeDown();

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> sink().append(event("contract.down")));
    }

    private static AuditEvent event(String type) {
        return AuditEvent.of(type, ACTOR).detail("n", 1).build();
    }
}
