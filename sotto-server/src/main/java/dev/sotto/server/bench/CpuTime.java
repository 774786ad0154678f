package dev.sotto.server.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Processor time of a process and all that belongs to it, from `/proc` (proc(5)): user and system, of processes that
/// ended too.
final class CpuTime {
    private static final long TICK_MILLIS = 10; // USER_HZ is 100 on every Linux that Sotto runs on
    private static final int PARENT = 1;
    private static final int FIRST_TIME = 11;
    private static final int TIMES = 4;

    private CpuTime() {}

    /// One process: its own time and that of children it has waited for.
    ///
    /// @param ticks of the processor
    record Entry(long pid, long parent, long ticks) {}

    /// What was used so far.
    ///
    /// @param root of the processes
    /// @param folder processes that were started with a path below it belong to it too, wherever they hang: the
    /// database's
    static Duration of(long root, Path folder) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Set<Long> members = new HashSet<>(Set.of(root));
        long ours = ProcessHandle.current().pid();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(each -> each.getFileName().toString().matches("\\d+"))
                    .toList()) {
                try {
                    Entry entry = parse(Files.readString(process.resolve("stat")));
                    entries.add(entry);
                    if (entry.pid() != ours
                            && Files.readString(process.resolve("cmdline")).contains(folder.toString())) {
                        members.add(entry.pid());
                    }
                } catch (IOException _) {
                    // it ended meanwhile; its time is in its parent's
                }
            }
        }
        return sum(entries, members);
    }

    /// The members' time and that of all below them.
    static Duration sum(List<Entry> entries, Set<Long> roots) {
        Set<Long> members = new HashSet<>(roots);
        boolean more = true;
        while (more) {
            more = false;
            for (Entry entry : entries) {
                more |= members.contains(entry.parent()) && members.add(entry.pid());
            }
        }
        long ticks = entries.stream()
                .filter(entry -> members.contains(entry.pid()))
                .mapToLong(Entry::ticks)
                .sum();
        return Duration.ofMillis(ticks * TICK_MILLIS);
    }

    /// Reads `/proc/PID/stat`. The name in it may hold anything, spaces and brackets too.
    static Entry parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        long ticks = 0;
        for (int i = FIRST_TIME; i < FIRST_TIME + TIMES; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return new Entry(Long.parseLong(stat.substring(0, stat.indexOf(' '))), Long.parseLong(fields[PARENT]), ticks);
    }
}
