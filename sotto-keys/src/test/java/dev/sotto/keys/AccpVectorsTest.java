package dev.sotto.keys;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.security.Security;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The published vectors over Amazon Corretto Crypto Provider, which is first in a node; it is there on Linux only.
class AccpVectorsTest extends PublishedVectorsTest {
    private static final String ACCP = "AmazonCorrettoCryptoProvider";

    @BeforeAll
    static void install() {
        assumeTrue(
                CryptoProvider.install().provider().equals(ACCP), "ACCP does not load on this platform, or is banned");
    }

    @AfterAll
    static void remove() {
        Security.removeProvider(ACCP);
    }

    @Override
    String provider() {
        return ACCP;
    }
}
