package dev.sotto.keys;

import dev.sotto.core.Meter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/// Unwrapped keys, bounded in number, bytes, age and uses. What leaves is overwritten; users get copies, so that a
/// key is never overwritten under their hands. Thread-safe, never blocks on anything but itself.
final class KeyCache<S> implements AutoCloseable {
    private static final int FIXED_COST = DataKey.LENGTH + 64;

    private final int maxKeys;
    private final long maxBytes;
    private final long maxUses;
    private final Duration maxAge;
    private final Clock clock;
    private final Meter meter;
    private final String name;
    private final LinkedHashMap<UUID, Entry<S>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<S, UUID> current = new HashMap<>();
    private long bytes;
    private long generation;
    private boolean closed;

    private static final class Entry<S> {
        private final S slot;
        private final KeyState state;
        private final DataKey key;
        private final List<UUID> above;
        private final Instant since;
        private final long cost;
        private long uses;

        private Entry(HeldKey<S> held, Instant since) {
            this.slot = held.slot();
            this.state = held.state();
            this.key = held.key().copy();
            this.above = held.above();
            this.since = since;
            this.cost = (long) FIXED_COST + slot.toString().length() + (long) above.size() * 2 * Long.BYTES;
        }
    }

    KeyCache(String name, KeyServiceConfig config, Duration maxAge, Clock clock, Meter meter) {
        this.name = name;
        this.maxKeys = config.cachedKeys();
        this.maxBytes = config.cachedBytes();
        this.maxUses = config.usesPerUnwrap();
        this.maxAge = maxAge;
        this.clock = clock;
        this.meter = meter;
        meter.gauge("keys.cache." + name + ".size", this::size);
    }

    /// The key of that id, if it is here and may still be used.
    synchronized Optional<HeldKey<S>> use(UUID id) {
        var entry = entries.get(id);
        if (entry == null) {
            meter.count("keys.cache." + name + ".miss");
            return Optional.empty();
        }
        var age = Duration.between(entry.since, clock.instant());
        if (age.isNegative() || age.compareTo(maxAge) >= 0 || entry.uses >= maxUses) {
            remove(id);
            meter.count("keys.cache." + name + ".expired");
            return Optional.empty();
        }
        entry.uses++;
        meter.count("keys.cache." + name + ".use");
        return Optional.of(new HeldKey<>(id, entry.slot, entry.state, entry.key.copy(), entry.above));
    }

    /// The key that seals for the slot, if it is here and may still be used.
    synchronized Optional<HeldKey<S>> useCurrent(S slot) {
        var id = current.get(slot);
        if (id == null) {
            meter.count("keys.cache." + name + ".miss");
            return Optional.empty();
        }
        return use(id);
    }

    /// What is to be asked for before a row is read whose key is then kept.
    synchronized long ticket() {
        return generation;
    }

    /// As [#keep(HeldKey, boolean)], unless something was dropped since the ticket was taken: the row may have been
    /// read before what the drop was about.
    synchronized HeldKey<S> keep(HeldKey<S> held, boolean seals, long ticket) {
        return ticket == generation ? keep(held, seals) : held;
    }

    /// Keeps a copy of `held`, and gives `held` back.
    synchronized HeldKey<S> keep(HeldKey<S> held, boolean seals) {
        if (closed) {
            return held;
        }
        remove(held.id());
        var entry = new Entry<>(held, clock.instant());
        entries.put(held.id(), entry);
        bytes += entry.cost;
        if (seals) {
            current.put(held.slot(), held.id());
        }
        while (entries.size() > maxKeys || bytes > maxBytes) {
            remove(entries.firstEntry().getKey());
            meter.count("keys.cache." + name + ".evicted");
        }
        return held;
    }

    /// Forgets which key seals for the slot. It may still open.
    synchronized void retire(S slot) {
        current.remove(slot);
    }

    /// Drops every key of the slot.
    synchronized void drop(S slot) {
        dropIf(slot::equals);
    }

    /// Drops every key of the slots that match.
    synchronized void dropIf(Predicate<S> slots) {
        generation++;
        var doomed = entries.entrySet().stream()
                .filter(entry -> slots.test(entry.getValue().slot))
                .map(Map.Entry::getKey)
                .toList();
        doomed.forEach(this::remove);
        current.keySet().removeIf(slots);
    }

    synchronized void clear() {
        generation++;
        entries.values().forEach(entry -> entry.key.close());
        entries.clear();
        current.clear();
        bytes = 0;
    }

    synchronized int size() {
        return entries.size();
    }

    @Override
    public synchronized void close() {
        closed = true;
        clear();
    }

    private void remove(UUID id) {
        var entry = entries.remove(id);
        if (entry != null) {
            entry.key.close();
            bytes -= entry.cost;
            current.remove(entry.slot, id);
        }
    }
}
