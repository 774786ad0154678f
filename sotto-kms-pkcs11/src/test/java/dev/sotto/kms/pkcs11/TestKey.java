package dev.sotto.kms.pkcs11;

import dev.sotto.kms.pkcs11.Cryptoki.Attribute;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/// A key of the token with any attributes, made past the adapter's rules.
record TestKey(String token, String label, Map<Long, Attribute> attributes) {
    /// What the adapter would make.
    static TestKey wrapping(String token, String label) {
        return new TestKey(token, label, new LinkedHashMap<>())
                .with(0x0, 4)
                .with(0x100, 0x1f)
                .with(0x161, 32)
                .with(0x1, true)
                .with(0x2, true)
                .with(0x103, true)
                .with(0x162, false)
                .with(0x104, true)
                .with(0x105, true);
    }

    TestKey with(long type, boolean truth) {
        attributes.put(type, Attribute.of(type, truth));
        return this;
    }

    TestKey with(long type, long number) {
        attributes.put(type, Attribute.of(type, number));
        return this;
    }

    void make() throws Exception {
        var library = Cryptoki.load(SoftHsm.library());
        var template = new ArrayList<>(attributes.values());
        template.add(Attribute.of(0x3, label));
        for (var each : library.tokens()) {
            if (each.label().equals(token)) {
                library.generate(each.slot(), 0x1080, template);
            }
        }
    }
}
