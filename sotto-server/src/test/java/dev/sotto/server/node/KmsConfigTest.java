package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.LocalKms;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KmsConfigTest {
    private static final String TOKEN = """
            keys.kms.pkcs11.library = /usr/lib/softhsm/libsofthsm2.so
            keys.kms.pkcs11.token = clinic
            keys.kms.pkcs11.pin-credential = hsm-pin
            """;

    private static KmsConfig read(String text) {
        return NodeConfig.read("test", text).keys().kms();
    }

    @Test
    void read_aTokenAndAServer_withARootInEach() {
        var config = read(TOKEN + """
                keys.kms.vault.address = https://vault.example:8200
                keys.kms.vault.namespace = clinics
                keys.kms.vault.mounts = transit, tenants/t1
                keys.kms.vault.trust-anchors = /etc/sotto/vault.pem
                keys.kms.vault.role-id = 5f0c
                keys.kms.vault.secret-id-credential = vault-secret
                keys.root = pkcs11:clinic/root-1
                keys.backup-root = vault:transit/backup
                """);

        assertThat(config)
                .isEqualTo(new KmsConfig(
                        new KeyRoots(
                                new KeyUri("pkcs11:clinic/root-1"), Optional.of(new KeyUri("vault:transit/backup"))),
                        Optional.of(
                                new KmsConfig.Pkcs11(Path.of("/usr/lib/softhsm/libsofthsm2.so"), "clinic", "hsm-pin")),
                        Optional.of(new KmsConfig.Vault(
                                URI.create("https://vault.example:8200"),
                                Optional.of("clinics"),
                                Set.of("transit", "tenants/t1"),
                                Optional.of(Path.of("/etc/sotto/vault.pem")),
                                "approle",
                                "approle",
                                "5f0c",
                                "vault-secret"))));
    }

    @Test
    void read_aServiceWithoutARootInIt_leavesNewTenantsUnderTheLocalKeyStore() {
        assertThat(read(TOKEN).roots().primary()).isEqualTo(LocalKms.PRIMARY);
    }

    @Test
    void read_kubernetesLogin() {
        var vault = read("""
                keys.kms.vault.address = https://vault.example:8200
                keys.kms.vault.login = kubernetes
                keys.kms.vault.role = sotto
                keys.kms.vault.token-file = /var/run/secrets/token
                """).vault().orElseThrow();

        assertThat(vault.loginMount()).isEqualTo("kubernetes");
        assertThat(vault.secret()).isEqualTo("/var/run/secrets/token");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            keys.root = pkcs11:clinic/root-1                  | keys.root must name a key service that is set up here: local
            keys.root = nonsense                              | keys.root must be a key uri
            keys.backup-root = local:primary                  | keys.backup-root must be another key than keys.root
            keys.kms.pkcs11.token = clinic                    | keys.kms.pkcs11 needs library, token and pin-credential
            keys.kms.vault.address = http://vault.example     | keys.kms.vault.address
            keys.kms.vault.address = https://vault.example    | needs role-id and secret-id-credential
            """)
    void read_refusesByFieldAndRule(String line, String rule) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read(line + "\n"))
                .withMessageContaining(rule);
    }
}
