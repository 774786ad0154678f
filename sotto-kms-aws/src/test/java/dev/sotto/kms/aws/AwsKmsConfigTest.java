package dev.sotto.kms.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AwsKmsConfigTest {
    private static final Set<String> ACCOUNTS = Set.of("111122223333");
    private static final List<String> REGIONS = List.of("eu-central-1", "us-gov-west-1");

    @Test
    void of_isThePublicServiceAndTheDefaultChain() {
        var config = AwsKmsConfig.of(ACCOUNTS, REGIONS);

        assertThat(config.endpoints()).isEmpty();
        assertThat(config.fips()).isFalse();
        assertThat(config.credentials()).isEmpty();
        assertThat(config.profile()).isEqualTo("default");
        assertThat(config.limits()).isEqualTo(KmsCallLimits.defaults());
    }

    @Test
    void accountsAndRegions_areNamedAndBounded() {
        refuses(Set.of(), REGIONS, Map.of(), false, "accounts (0)");
        refuses(Set.of("12345"), REGIONS, Map.of(), false, "12 digits");
        refuses(ACCOUNTS, List.of(), Map.of(), false, "regions (0)");
        refuses(ACCOUNTS, List.of("Europe"), Map.of(), false, "region must be");
        refuses(ACCOUNTS, List.of("eu-west-1", "eu-west-1"), Map.of(), false, "repeat");
    }

    @Test
    void endpoints_areEncryptedOrLocal() {
        for (var endpoint : List.of("http://kms.example.com", "http://127.0.0.1.example.com", "ftp://localhost", "x")) {
            refuses(ACCOUNTS, REGIONS, Map.of("eu-central-1", URI.create(endpoint)), false, "endpoint must be https");
        }
        refuses(ACCOUNTS, REGIONS, Map.of("eu-west-3", URI.create("https://x")), false, "configured regions");
        refuses(ACCOUNTS, REGIONS, Map.of("eu-central-1", URI.create("https://x")), true, "fips");
        for (var endpoint : List.of("https://vpce-1.kms.eu-central-1.vpce.amazonaws.com", "http://127.0.0.1:1")) {
            assertThat(config(ACCOUNTS, REGIONS, Map.of("eu-central-1", URI.create(endpoint)), false)
                            .endpoints())
                    .hasSize(1);
        }
    }

    private static void refuses(
            Set<String> accounts, List<String> regions, Map<String, URI> endpoints, boolean fips, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(accounts, regions, endpoints, fips))
                .withMessageContaining(message);
    }

    private static AwsKmsConfig config(
            Set<String> accounts, List<String> regions, Map<String, URI> endpoints, boolean fips) {
        return new AwsKmsConfig(
                accounts, regions, endpoints, fips, Optional.empty(), "default", KmsCallLimits.defaults());
    }
}
