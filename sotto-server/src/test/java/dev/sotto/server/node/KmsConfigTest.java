package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.LocalKms;
import dev.sotto.kms.aws.AwsKmsConfig;
import dev.sotto.kms.azure.AzureCredential;
import dev.sotto.kms.azure.AzureKeyKind;
import dev.sotto.kms.azure.AzureKmsConfig;
import dev.sotto.kms.gcp.GcpKmsConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
                keys.blind-index = pkcs11:clinic/index-1
                """);

        assertThat(config)
                .isEqualTo(new KmsConfig(
                        new KeyRoots(
                                new KeyUri("pkcs11:clinic/root-1"), Optional.of(new KeyUri("vault:transit/backup"))),
                        Optional.of(new KeyUri("pkcs11:clinic/index-1")),
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
                                "vault-secret")),
                        CloudKmsConfig.none()));
    }

    @Test
    void read_aServiceWithoutARootInIt_leavesNewTenantsUnderTheLocalKeyStore() {
        assertThat(read(TOKEN).roots().primary()).isEqualTo(LocalKms.PRIMARY);
    }

    @Test
    void read_aws_withRegionsInOrderAndTheirEndpoints() {
        var config = read("""
                keys.root = aws:arn:aws:kms:eu-central-1:111122223333:alias/sotto
                keys.kms.aws.accounts = 111122223333, 444455556666
                keys.kms.aws.regions = eu-central-1, eu-west-1
                keys.kms.aws.endpoint.eu-west-1 = https://vpce-1.kms.eu-west-1.vpce.amazonaws.com
                keys.kms.aws.credentials-file = /etc/sotto/aws-credentials
                keys.kms.aws.profile = sotto
                """);

        assertThat(config.clouds().schemes()).containsExactly("aws");
        assertThat(config.roots().primary().scheme()).isEqualTo("aws");
        assertThat(config.clouds().aws())
                .contains(new AwsKmsConfig(
                        Set.of("111122223333", "444455556666"),
                        List.of("eu-central-1", "eu-west-1"),
                        Map.of("eu-west-1", URI.create("https://vpce-1.kms.eu-west-1.vpce.amazonaws.com")),
                        false,
                        Optional.of(Path.of("/etc/sotto/aws-credentials")),
                        "sotto",
                        KmsCallLimits.defaults()));
    }

    @Test
    void read_clouds_byDefaultAreThePublicOnesAndTheDefaultChains() {
        var clouds = read("""
                keys.kms.aws.accounts = 111122223333
                keys.kms.aws.regions = us-gov-west-1
                keys.kms.aws.fips = on
                keys.kms.gcp.projects = clinic-keys
                keys.kms.azure.managed-hsms = clinic.managedhsm.azure.net
                """).clouds();

        var aws = clouds.aws().orElseThrow();
        assertThat(aws.fips()).isTrue();
        assertThat(aws.credentials()).isEmpty();
        assertThat(clouds.gcp()).contains(GcpKmsConfig.of(Set.of("clinic-keys")));
        assertThat(clouds.azure())
                .contains(AzureKmsConfig.of(Map.of("clinic.managedhsm.azure.net", AzureKeyKind.MANAGED_HSM_AES)));
        assertThat(clouds.schemes()).containsExactlyInAnyOrder("aws", "gcp", "azure");
    }

    @Test
    void read_gcpAndAzure_withEveryKey() {
        var clouds = read("""
                keys.kms.gcp.projects = clinic-keys, tenant-keys
                keys.kms.gcp.endpoint = https://cloudkms.europe-west3.rep.googleapis.com
                keys.kms.gcp.credentials-file = /etc/sotto/gcp.json
                keys.kms.azure.managed-hsms = clinic.managedhsm.azure.net
                keys.kms.azure.unauthenticated-rsa-vaults = clinic.vault.azure.net
                keys.kms.azure.authority = https://login.microsoftonline.us
                keys.kms.azure.trust-anchors = /etc/sotto/azure.pem
                keys.kms.azure.directory-id = 11111111-2222-4333-8444-555555555555
                keys.kms.azure.client-id = 66666666-7777-4888-9999-000000000000
                keys.kms.azure.certificate-file = /etc/sotto/azure-client.pem
                """).clouds();

        assertThat(clouds.gcp())
                .contains(new GcpKmsConfig(
                        Set.of("clinic-keys", "tenant-keys"),
                        URI.create("https://cloudkms.europe-west3.rep.googleapis.com"),
                        Optional.of(Path.of("/etc/sotto/gcp.json")),
                        KmsCallLimits.defaults()));
        assertThat(clouds.azure())
                .contains(new AzureKmsConfig(
                        Map.of(
                                "clinic.managedhsm.azure.net", AzureKeyKind.MANAGED_HSM_AES,
                                "clinic.vault.azure.net", AzureKeyKind.VAULT_RSA_UNAUTHENTICATED),
                        new AzureCredential.ClientCertificate(
                                "11111111-2222-4333-8444-555555555555",
                                "66666666-7777-4888-9999-000000000000",
                                Path.of("/etc/sotto/azure-client.pem")),
                        Optional.of(URI.create("https://login.microsoftonline.us")),
                        Optional.of(Path.of("/etc/sotto/azure.pem")),
                        KmsCallLimits.defaults()));
    }

    @Test
    void read_azureSecret_isNamedAndNotRead() {
        var azure = read("""
                keys.kms.azure.managed-hsms = clinic.managedhsm.azure.net
                keys.kms.azure.directory-id = 11111111-2222-4333-8444-555555555555
                keys.kms.azure.client-id = 66666666-7777-4888-9999-000000000000
                keys.kms.azure.secret-credential = azure-secret
                """).clouds().azure().orElseThrow();

        assertThat(azure.credential()).isInstanceOf(AzureCredential.ClientSecret.class);
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
            keys.root = aws:arn:aws:kms:eu-west-1:1:key/1     | keys.root must name a key service that is set up here: local
            keys.kms.aws.regions = eu-central-1               | keys.kms.aws needs accounts and regions together
            keys.kms.aws.credentials-file = /etc/aws          | keys.kms.aws needs accounts and regions together
            keys.kms.aws.fips = yes                           | keys.kms.aws.fips
            keys.kms.aws.endpoint.eu-west-1 = https://kms     | keys.kms.aws.endpoint.eu-west-1 is not a known key
            keys.kms.gcp.projects = clinic-keys,,             | keys.kms.gcp.projects must be words with commas between
            keys.kms.gcp.projects = Clinic                    | keys.kms.gcp: project must be a project id
            keys.kms.gcp.credentials-file = /etc/gcp.json     | keys.kms.gcp needs projects
            keys.kms.azure.authority = https://login          | keys.kms.azure needs managed-hsms
            keys.kms.azure.managed-hsms = https://clinic      | keys.kms.azure: vault must be a host
            keys.kms.azure.client-id = 6666                   | keys.kms.azure needs directory-id, client-id and one of
            """)
    void read_refusesByFieldAndRule(String line, String rule) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read(line + "\n"))
                .withMessageContaining(rule);
    }
}
