package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.SubjectHasher;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.util.HexFormat;

/// Hashes subjects for the audit log under a key that nothing else uses.
final class KeyedSubjectHasher implements SubjectHasher {
    static final String PURPOSE = "subject-hash";
    private static final String LABEL = "sotto-subject-hash";

    private final PurposeMac mac;

    KeyedSubjectHasher(PurposeMac mac) {
        this.mac = mac;
    }

    @Override
    public String hash(TenantId tenant, SubjectId subject) {
        return HexFormat.of().formatHex(mac.of(tenant, PURPOSE, message(subject)));
    }

    static byte[] message(SubjectId subject) {
        return Parts.lengthPrefixed(LABEL.getBytes(US_ASCII), Parts.bytes(subject.value()));
    }
}
