package dev.sotto.keys;

import dev.sotto.core.IdSource;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;

/// What everything that handles keys shares.
///
/// @param patience how long to wait for another thread that is at the same key
record KeyParts(
        Kms kms,
        KeyRoots roots,
        KeyRecords records,
        KeyAudit audit,
        Clock clock,
        SecureRandom random,
        IdSource ids,
        KeyStates states,
        KeyUsage usage,
        Duration patience) {}
