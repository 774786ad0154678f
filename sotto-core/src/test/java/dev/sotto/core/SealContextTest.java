package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SealContextTest {
    private static final TenantId TENANT = new TenantId(new UUID(0, 1));
    private static final KeyOwner OWNER = new KeyOwner.OfCall(new CallId(new UUID(0, 2)));

    @Test
    void associatedData_isLengthPrefixedPartsInOrder() {
        var context = new SealContext(TENANT, DataClass.SUBJECT, OWNER, "t", "r", "f", 3);

        assertThat(HexFormat.of().formatHex(context.associatedData()))
                .isEqualTo("00000001" + "01"
                        + "0000001a" + "3030303030303030303030303030303030303030303030303031"
                        + "00000007" + "7375626a656374"
                        + "00000001" + "74"
                        + "00000001" + "72"
                        + "00000001" + "66"
                        + "00000008" + "0000000000000003");
    }

    @Test
    void associatedData_shiftingABoundary_changesTheBytes() {
        var seen = new HashSet<String>();
        for (String[] parts : new String[][] {{"ab", "c", "d"}, {"a", "bc", "d"}, {"a", "b", "cd"}, {"abc", "", "d"}}) {
            var context = new SealContext(TENANT, DataClass.SUBJECT, OWNER, parts[0], parts[1], parts[2], 1);
            seen.add(HexFormat.of().formatHex(context.associatedData()));
        }

        assertThat(seen).hasSize(4);
    }
}
