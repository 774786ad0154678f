package dev.sotto.server.faults;

import dev.sotto.core.TenantId;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyExposure;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyTier;
import dev.sotto.store.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/// Every key of a node, unwrapped from the root down, for a search that must not find one.
final class ExposedKeys {
    private final Map<String, byte[]> byAddress = new LinkedHashMap<>();

    /// The keys of `tenants` in the running database of `home`, and the root keys.
    static Map<String, byte[]> of(Home home, List<TenantId> tenants) throws Exception {
        var exposed = new ExposedKeys();
        exposed.byAddress.putAll(KeyExposure.roots(
                home.data().resolve("kms.p12"), home.passphrase().toCharArray()));
        try (var database = Database.open(home, Role.KEYS)) {
            for (TenantId tenant : tenants) {
                exposed.unwrapAll(database.as(tenant), tenant);
            }
        }
        return exposed.byAddress;
    }

    private void unwrapAll(Database database, TenantId tenant) throws Exception {
        String columns = "select id, level, name, tier, version, kek, wrapped from sotto.key_record ";
        for (var row : database.rows(columns + "order by level = 'tenant' desc, id")) {
            KeyLevel level = KeyLevel.valueOf(text(row, 1).toUpperCase(Locale.ROOT));
            unwrap(row, new EncryptionContext(level, tenant, text(row, 2), "", (Integer) row.get(4), tier(row), (UUID)
                    row.getFirst()));
        }
        String erasable = "select id, owner, data_class, tier, version, kek, wrapped from sotto.erasable_key";
        for (var row : database.rows(erasable)) {
            unwrap(
                    row,
                    new EncryptionContext(
                            KeyLevel.RECORD, tenant, text(row, 2), text(row, 1), (Integer) row.get(4), tier(row), (UUID)
                                    row.getFirst()));
        }
    }

    private void unwrap(List<Object> row, EncryptionContext context) {
        byte[] parent = byAddress.get(text(row, 5));
        if (parent == null) {
            throw new AssertionError("no key at " + text(row, 5));
        }
        byAddress.put("key:" + row.getFirst(), KeyExposure.unwrap(parent, (byte[]) row.get(6), context));
    }

    private static KeyTier tier(List<Object> row) {
        return KeyTier.valueOf(text(row, 3).toUpperCase(Locale.ROOT));
    }

    private static String text(List<Object> row, int column) {
        return (String) row.get(column);
    }
}
