package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import java.time.Duration;
import java.util.Optional;

/// How many unwrapped keys a node keeps, for how long, and in whose name it acts.
///
/// @param actor the node, as the audit log names it
/// @param cachedKeys at most this many unwrapped keys at once
/// @param cachedBytes and at most this many bytes of them, names included
/// @param hierarchyAge how long an unwrapped tenant, class or purpose key is kept
/// @param recordAge how long an unwrapped record key is kept: how long after a destruction by another node this node
///     may still open
/// @param usesPerUnwrap after how many uses a key is unwrapped anew
/// @param patience how long to wait for another thread that is fetching the same key
/// @param life how long keys live
/// @param indexKey the key inside a key service under which blind indexes are computed; empty means keys of this node,
///     under the tenant key
public record KeyServiceConfig(
        ActorId actor,
        int cachedKeys,
        long cachedBytes,
        Duration hierarchyAge,
        Duration recordAge,
        long usesPerUnwrap,
        Duration patience,
        KeyLifeConfig life,
        Optional<KeyUri> indexKey) {
    public KeyServiceConfig {
        requireNonNull(actor, "actor");
        requireNonNull(life, "life");
        requireNonNull(indexKey, "indexKey");
        if (cachedKeys < 1 || cachedBytes < 1 || usesPerUnwrap < 1) {
            throw new IllegalArgumentException("cachedKeys, cachedBytes and usesPerUnwrap must be positive");
        }
        if (!hierarchyAge.isPositive() || !recordAge.isPositive() || !patience.isPositive()) {
            throw new IllegalArgumentException("hierarchyAge, recordAge and patience must be positive");
        }
    }

    /// With keys that live as long as [KeyLifeConfig#defaults()] says.
    public KeyServiceConfig(
            ActorId actor,
            int cachedKeys,
            long cachedBytes,
            Duration hierarchyAge,
            Duration recordAge,
            long usesPerUnwrap,
            Duration patience) {
        this(
                actor,
                cachedKeys,
                cachedBytes,
                hierarchyAge,
                recordAge,
                usesPerUnwrap,
                patience,
                KeyLifeConfig.defaults(),
                Optional.empty());
    }

    /// The same, with another life of keys.
    public KeyServiceConfig withLife(KeyLifeConfig other) {
        return new KeyServiceConfig(
                actor, cachedKeys, cachedBytes, hierarchyAge, recordAge, usesPerUnwrap, patience, other, indexKey);
    }

    /// The same, with index keys inside a key service, or not.
    public KeyServiceConfig withIndexKey(Optional<KeyUri> key) {
        return new KeyServiceConfig(
                actor, cachedKeys, cachedBytes, hierarchyAge, recordAge, usesPerUnwrap, patience, life, key);
    }

    public static KeyServiceConfig defaults(ActorId actor) {
        return new KeyServiceConfig(
                actor, 10_000, 4 << 20, Duration.ofMinutes(5), Duration.ofSeconds(30), 1 << 20, Duration.ofSeconds(10));
    }
}
