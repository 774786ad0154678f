package dev.sotto.kms.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AzureKmsConfigTest {
    private static final Map<String, AzureKeyKind> VAULTS =
            Map.of("clinic.managedhsm.azure.net", AzureKeyKind.MANAGED_HSM_AES);

    @Test
    void of_isThePublicCloudAndTheChain() {
        var config = AzureKmsConfig.of(VAULTS);

        assertThat(config.credential()).isInstanceOf(AzureCredential.Chain.class);
        assertThat(config.authority()).isEmpty();
        assertThat(config.trustAnchors()).isEmpty();
        assertThat(config.limits()).isEqualTo(KmsCallLimits.defaults());
    }

    @Test
    void vaults_areHosts() {
        assertThatIllegalArgumentException().isThrownBy(() -> AzureKmsConfig.of(Map.of()));
        for (var vault : List.of("https://x", "a/b", "user@host", "Clinic", "", "host:123456")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AzureKmsConfig.of(Map.of(vault, AzureKeyKind.MANAGED_HSM_AES)))
                    .withMessageContaining("vault must be a host");
        }
    }

    @Test
    void authority_isEncrypted() {
        for (var authority : List.of("http://login.example.com", "x")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AzureKmsConfig(
                            VAULTS,
                            new AzureCredential.Chain(),
                            Optional.of(URI.create(authority)),
                            Optional.empty(),
                            KmsCallLimits.defaults()))
                    .withMessageContaining("authority must be https");
        }
    }
}
