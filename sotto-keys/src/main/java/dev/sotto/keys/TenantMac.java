package dev.sotto.keys;

import dev.sotto.core.TenantId;

/// HMAC-SHA-256 under a key of the tenant and purpose, or of both made one message. Thread-safe; may block.
interface TenantMac {
    byte[] of(TenantId tenant, String purpose, byte[] message);
}
