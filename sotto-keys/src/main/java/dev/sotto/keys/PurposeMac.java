package dev.sotto.keys;

import dev.sotto.core.TenantId;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA-256 under the key of a tenant and purpose, made at first use.
final class PurposeMac implements TenantMac {
    private static final String HMAC = "HmacSHA256";

    private final KeyHierarchy hierarchy;
    private final KeyUsage usage;

    PurposeMac(KeyHierarchy hierarchy, KeyUsage usage) {
        this.hierarchy = hierarchy;
        this.usage = usage;
    }

    @Override
    public byte[] of(TenantId tenant, String purpose, byte[] message) {
        try (var held = hierarchy.sealing(KeySlot.purpose(tenant, purpose, KeyTier.PRIMARY))) {
            usage.hashed(tenant, held.id());
            return mac(held.key(), message);
        }
    }

    static byte[] mac(DataKey dataKey, byte[] message) {
        byte[] key = dataKey.reveal();
        try {
            return mac(key, message);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    static byte[] mac(byte[] key, byte[] message) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(message);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no HmacSHA256", absent);
        }
    }
}
