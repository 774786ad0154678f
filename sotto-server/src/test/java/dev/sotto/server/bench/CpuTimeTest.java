package dev.sotto.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CpuTimeTest {
    @Test
    void stat_isReadBehindANameOfAnyForm() {
        assertThat(CpuTime.parse("42 (a) b (c)) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 55\n"))
                .isEqualTo(new CpuTime.Entry(42, 7, 127));
    }

    @Test
    void time_isThatOfTheRootsAndOfAllBelowThem() {
        var entries = List.of(
                new CpuTime.Entry(4, 3, 1_000),
                new CpuTime.Entry(3, 2, 100),
                new CpuTime.Entry(2, 1, 10),
                new CpuTime.Entry(9, 1, 5),
                new CpuTime.Entry(10, 1, 77_777));

        assertThat(CpuTime.sum(entries, Set.of(2L, 9L))).isEqualTo(Duration.ofMillis(11_150));
    }

    @Test
    void time_ofThisProcess_isSome() throws IOException {
        assertThat(CpuTime.of(ProcessHandle.current().pid(), Path.of("/nowhere/to/be/found")))
                .isPositive();
    }
}
