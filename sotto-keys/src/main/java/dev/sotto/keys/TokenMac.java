package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.TenantId;
import java.util.Arrays;

/// One key inside a key service for all tenants: tenant and purpose are part of the message, each with its length, so
/// that codes of two tenants or purposes never compare.
record TokenMac(KmsMac service, KeyUri key) implements TenantMac {
    private static final String LABEL = "sotto-token-mac";
    private static final String CHECK = "sotto-token-mac-check";

    @Override
    public byte[] of(TenantId tenant, String purpose, byte[] message) {
        byte[] whole = Parts.lengthPrefixed(
                LABEL.getBytes(US_ASCII), tenant.toString().getBytes(US_ASCII), purpose.getBytes(US_ASCII), message);
        try {
            return service.mac(key, whole);
        } finally {
            Arrays.fill(whole, (byte) 0);
        }
    }

    /// 32 bytes that only this key makes for the row of that context.
    byte[] check(EncryptionContext row) {
        return service.mac(key, Parts.lengthPrefixed(CHECK.getBytes(US_ASCII), row.associatedData()));
    }
}
