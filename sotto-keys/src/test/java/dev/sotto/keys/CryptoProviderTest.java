package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.security.Provider;
import java.security.Security;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Outside the FIPS distribution; what it does there is tested in sotto-fips.
class CryptoProviderTest {
    private static final String ACCP = "AmazonCorrettoCryptoProvider";

    @BeforeEach
    void notInTheFipsDistribution() {
        assumeFalse(CryptoProvider.isFips(), "the FIPS distribution has other rules");
    }

    @Test
    void inUse_ofTheJdk_claimsNoCertificate() {
        CryptoModule module = CryptoProvider.inUse();

        assertThat(module.provider()).isEqualTo("SunJCE");
        assertThat(module.module()).isEqualTo("OpenJDK " + Runtime.version());
        assertThat(module.certificate()).isEqualTo("none claimed");
        assertThat(module.approvedOnly()).isFalse();
        assertThat(module.line())
                .isEqualTo("SunJCE %s (%s); certificate: none claimed", module.version(), module.module());
    }

    @Test
    void install_ofAccp_saysItsLibraryAndClaimsNothing() {
        CryptoModule module = CryptoProvider.install();
        try {
            assertThat(Security.getProviders()).extracting(Provider::getName).contains(module.provider());
            assertThat(CryptoProvider.inUse()).isEqualTo(module);
            assertThat(module.certificate()).isEqualTo("none claimed"); // the build that is shipped is not the FIPS one
            if (module.provider().equals(ACCP)) {
                assertThat(module.module()).startsWith("AWS-LC ").doesNotContain("unknown");
            }
        } finally {
            Security.removeProvider(ACCP);
        }
    }

    @Test
    void install_again_changesNothing() {
        CryptoModule first = CryptoProvider.install();
        try {
            int providers = Security.getProviders().length;

            assertThat(CryptoProvider.install()).isEqualTo(first);
            assertThat(Security.getProviders()).hasSize(providers);
        } finally {
            Security.removeProvider(ACCP);
        }
    }

    @Test
    void rules_areThoseOfThePlainDistribution() {
        assertThat(CryptoProvider.keyStoreType()).isEqualTo("PKCS12");
        assertThat(CryptoProvider.minPassword(12)).isEqualTo(12);
        CryptoProvider.check(); // has nothing to refuse
    }
}
