package dev.sotto.kms.pkcs11;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.kms.pkcs11.Cryptoki.Attribute;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;

/// What a key of the token is for, with the attributes that a key of this use must have. A key that could leave the
/// token, or was ever able to, is refused.
enum KeyUse {
    /// AES-256, wraps data keys.
    WRAP(0x1f, 0x1080),
    /// A generic secret of 32 bytes, computes HMAC-SHA-256.
    MAC(0x10, 0x350);

    private static final long CLASS = 0;
    private static final long TOKEN = 1;
    private static final long PRIVATE = 2;
    private static final long LABEL = 3;
    private static final long KEY_TYPE = 0x100;
    private static final long SENSITIVE = 0x103;
    private static final long ENCRYPT = 0x104;
    private static final long DECRYPT = 0x105;
    private static final long SIGN = 0x108;
    private static final long VALUE_LEN = 0x161;
    private static final long EXTRACTABLE = 0x162;
    private static final long NEVER_EXTRACTABLE = 0x164;
    private static final long ALWAYS_SENSITIVE = 0x165;
    private static final long SECRET_KEY = 4;
    private static final long KEY_BYTES = 32;
    private static final int TWO = 2;
    private static final int MAX_KEYS = 4_096;

    private final long keyType;
    private final long mechanism;

    KeyUse(long keyType, long mechanism) {
        this.keyType = keyType;
        this.mechanism = mechanism;
    }

    private enum Rule {
        IN_TOKEN(TOKEN, true, "must be an object of the token"),
        PRIVATE_OBJECT(PRIVATE, true, "must be private (CKA_PRIVATE)"),
        IS_SENSITIVE(SENSITIVE, true, "must be sensitive (CKA_SENSITIVE)"),
        NOT_EXTRACTABLE(EXTRACTABLE, false, "must not be extractable (CKA_EXTRACTABLE)"),
        WAS_SENSITIVE(ALWAYS_SENSITIVE, true, "must always have been sensitive (CKA_ALWAYS_SENSITIVE)"),
        WAS_NOT_EXTRACTABLE(NEVER_EXTRACTABLE, true, "must never have been extractable (CKA_NEVER_EXTRACTABLE)");

        private final long type;
        private final boolean expected;
        private final String text;

        Rule(long type, boolean expected, String text) {
            this.type = type;
            this.expected = expected;
            this.text = text;
        }
    }

    /// True if the token has exactly one key of the label and it is fit; false if it has none.
    ///
    /// @throws RejectedException if it may not be used; the message names the label and the rule
    boolean isFit(Cryptoki library, long slot, String label) throws CryptokiException {
        var types = new ArrayList<>(List.of(KEY_TYPE, VALUE_LEN));
        for (var rule : Rule.values()) {
            types.add(rule.type);
        }
        types.addAll(this == WRAP ? List.of(ENCRYPT, DECRYPT) : List.of(SIGN));
        var template = List.of(Attribute.of(CLASS, SECRET_KEY), Attribute.of(LABEL, label));
        var found = library.find(slot, template, types, TWO);
        if (found.isEmpty()) {
            return false;
        }
        if (found.size() > 1) {
            throw unfit(label, "must be the only one of its label");
        }
        check(label, found.getFirst().iterator());
        return true;
    }

    private void check(String label, Iterator<byte[]> values) {
        if (number(values.next()) != keyType || number(values.next()) != KEY_BYTES) {
            throw unfit(
                    label, this == WRAP ? "must be an AES key of 32 bytes" : "must be a generic secret of 32 bytes");
        }
        for (var rule : Rule.values()) {
            if (!is(values.next(), rule.expected)) {
                throw unfit(label, rule.text);
            }
        }
        while (values.hasNext()) {
            if (!is(values.next(), true)) {
                throw unfit(label, this == WRAP ? "must be for encrypting and decrypting" : "must be for signing");
            }
        }
    }

    /// Finds secret keys that share a label.
    ///
    /// @throws RejectedException if there are some
    static void refuseLabelsTakenTwice(Cryptoki library, long slot) throws CryptokiException {
        var seen = new HashSet<String>();
        for (var values : library.find(slot, List.of(Attribute.of(CLASS, SECRET_KEY)), List.of(LABEL), MAX_KEYS)) {
            if (!seen.add(new String(values.getFirst(), UTF_8))) {
                throw new RejectedException(
                        Pkcs11Error.PKCS11_KEY_UNFIT, "token must not have two secret keys of one label");
            }
        }
    }

    /// Makes a key that [#isFit] accepts.
    void create(Cryptoki library, long slot, String label) throws CryptokiException {
        boolean wraps = this == WRAP;
        library.generate(
                slot,
                mechanism,
                List.of(
                        Attribute.of(CLASS, SECRET_KEY),
                        Attribute.of(KEY_TYPE, keyType),
                        Attribute.of(VALUE_LEN, KEY_BYTES),
                        Attribute.of(LABEL, label),
                        Attribute.of(TOKEN, true),
                        Attribute.of(PRIVATE, true),
                        Attribute.of(SENSITIVE, true),
                        Attribute.of(EXTRACTABLE, false),
                        Attribute.of(ENCRYPT, wraps),
                        Attribute.of(DECRYPT, wraps),
                        Attribute.of(SIGN, !wraps)));
    }

    /// What the token does not tell is not believed.
    private static boolean is(byte[] value, boolean expected) {
        return value.length == 1 && (value[0] != 0) == expected;
    }

    private static long number(byte[] value) {
        return value.length == Long.BYTES
                ? MemorySegment.ofArray(value).get(ValueLayout.JAVA_LONG.withByteAlignment(1), 0)
                : -1;
    }

    private static RejectedException unfit(String label, String rule) {
        return new RejectedException(Pkcs11Error.PKCS11_KEY_UNFIT, "key (%s) %s".formatted(label, rule));
    }
}
