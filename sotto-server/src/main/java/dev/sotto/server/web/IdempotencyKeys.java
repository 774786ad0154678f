package dev.sotto.server.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which writes were asked for under which key, so that each is done once. Keeps hashes only, for a day, and a bounded
/// number of them in all and for each user; when there is no room, a key is refused rather than another forgotten. A
/// restart forgets them. Thread-safe.
final class IdempotencyKeys {
    static final Duration LIFE = Duration.ofHours(24);

    private final int most;
    private final int mostOfOne;
    private final Clock clock;
    private final Map<String, Use> uses = new LinkedHashMap<>(); // oldest first
    private final Map<String, Integer> byUser = new HashMap<>();

    IdempotencyKeys(int most, int mostOfOne, Clock clock) {
        this.most = most;
        this.mostOfOne = mostOfOne;
        this.clock = clock;
    }

    private record Use(String user, String request, Instant until) {}

    /// What became of asking to do a request under a key.
    enum Claim {
        /// Do it.
        FRESH,
        /// It was done, or is being done.
        USED,
        /// The key belongs to another request.
        OTHER_REQUEST,
        /// There is no room for another key.
        FULL
    }

    /// Takes `key` for `request`.
    synchronized Claim claim(String user, String key, String request) {
        forgetOld();
        String userHash = hash(user);
        String requestHash = hash(request);
        String at = hash(hash(user) + '\n' + key);
        Use use = uses.get(at);
        if (use != null) {
            return use.request().equals(requestHash) ? Claim.USED : Claim.OTHER_REQUEST;
        }
        int held = byUser.getOrDefault(userHash, 0);
        if (uses.size() >= most || held >= mostOfOne) {
            return Claim.FULL;
        }
        uses.put(at, new Use(userHash, requestHash, clock.instant().plus(LIFE)));
        byUser.put(userHash, held + 1);
        return Claim.FRESH;
    }

    /// Gives a key back whose request came to nothing.
    synchronized void release(String user, String key) {
        forget(uses.remove(hash(hash(user) + '\n' + key)));
    }

    private void forgetOld() {
        Instant now = clock.instant();
        Iterator<Use> oldest = uses.values().iterator();
        while (oldest.hasNext()) {
            Use use = oldest.next();
            if (use.until().isAfter(now)) {
                return;
            }
            oldest.remove();
            forget(use);
        }
    }

    private void forget(@Nullable Use use) {
        if (use != null) {
            byUser.computeIfPresent(use.user(), (_, held) -> held > 1 ? Integer.valueOf(held - 1) : null);
        }
    }

    synchronized int size() {
        return uses.size();
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Tokens.hash(text));
    }
}
