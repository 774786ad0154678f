package dev.sotto.kms.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GcpKmsConfigTest {
    @Test
    void of_isThePublicEndpointAndTheDefaultCredentials() {
        var config = GcpKmsConfig.of(Set.of("clinic-keys"));

        assertThat(config.endpoint()).hasToString("https://cloudkms.googleapis.com");
        assertThat(config.credentials()).isEmpty();
        assertThat(config.limits()).isEqualTo(KmsCallLimits.defaults());
    }

    @Test
    void projects_areNamed() {
        assertThatIllegalArgumentException().isThrownBy(() -> GcpKmsConfig.of(Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> GcpKmsConfig.of(Set.of("Clinic")));
        assertThatIllegalArgumentException().isThrownBy(() -> GcpKmsConfig.of(Set.of("a/b/c/d/e/f")));
    }

    @Test
    void endpoint_isEncryptedOrLocalAndNothingButAnAddress() {
        for (var endpoint : List.of(
                "http://cloudkms.googleapis.com",
                "https://user@cloudkms.googleapis.com",
                "https://cloudkms.googleapis.com/v1",
                "https://cloudkms.googleapis.com?x",
                "ftp://localhost",
                "x")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> with(endpoint))
                    .withMessageContaining("endpoint");
        }
        with("https://cloudkms.europe-west3.rep.googleapis.com");
        with("http://127.0.0.1:1");
    }

    private static GcpKmsConfig with(String endpoint) {
        return new GcpKmsConfig(
                Set.of("clinic-keys"), URI.create(endpoint), Optional.empty(), KmsCallLimits.defaults());
    }
}
