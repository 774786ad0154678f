package dev.sotto.keys;

import dev.sotto.core.DeniedException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;

/// A key service that also computes HMAC-SHA-256 under a key that never leaves it, so that whoever reads this
/// process's memory cannot try values against a blind index later on. Thread-safe; may block.
public interface KmsMac {
    /// 32 bytes: HMAC-SHA-256 of `message`, which stays the caller's.
    ///
    /// @throws RejectedException if `key` names no such key of this service
    /// @throws DeniedException if the service refuses the credential
    /// @throws UnavailableException if no answer came in time; a retry is safe
    byte[] mac(KeyUri key, byte[] message);
}
