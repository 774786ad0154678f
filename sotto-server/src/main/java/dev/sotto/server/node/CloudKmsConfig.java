package dev.sotto.server.node;

import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.Passphrase;
import dev.sotto.kms.aws.AwsKmsConfig;
import dev.sotto.kms.azure.AzureCredential;
import dev.sotto.kms.azure.AzureKeyKind;
import dev.sotto.kms.azure.AzureKmsConfig;
import dev.sotto.kms.gcp.GcpKmsConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The key services of clouds: the keys `keys.kms.aws.`, `keys.kms.gcp.` and `keys.kms.azure.`. Holds no credential,
/// and loads nothing of a cloud's library.
record CloudKmsConfig(Optional<AwsKmsConfig> aws, Optional<GcpKmsConfig> gcp, Optional<AzureKmsConfig> azure) {
    private static final String AWS = "keys.kms.aws";
    private static final String GCP = "keys.kms.gcp";
    private static final String AZURE = "keys.kms.azure";
    private static final URI GOOGLE = URI.create("https://cloudkms.googleapis.com");
    private static final List<String> SWITCH = List.of("on", "off");

    static CloudKmsConfig none() {
        return new CloudKmsConfig(Optional.empty(), Optional.empty(), Optional.empty());
    }

    static CloudKmsConfig read(ConfigReader reader) {
        return new CloudKmsConfig(aws(reader), gcp(reader), azure(reader));
    }

    /// The scheme of the keys of each that is set up.
    Set<String> schemes() {
        var schemes = new TreeMap<String, Boolean>();
        schemes.put("aws", aws.isPresent());
        schemes.put("gcp", gcp.isPresent());
        schemes.put("azure", azure.isPresent());
        schemes.values().removeIf(present -> !present);
        return Set.copyOf(schemes.keySet());
    }

    private static Optional<AwsKmsConfig> aws(ConfigReader reader) {
        List<String> accounts = list(reader, AWS + ".accounts");
        List<String> regions = list(reader, AWS + ".regions");
        boolean fips = reader.choice(AWS + ".fips", "off", SWITCH).equals("on");
        Optional<Path> credentials = reader.path(AWS + ".credentials-file");
        Optional<String> profile = reader.text(AWS + ".profile");
        Map<String, URI> endpoints = new HashMap<>();
        for (String region : regions) {
            reader.address(AWS + ".endpoint." + region).ifPresent(endpoint -> endpoints.put(region, endpoint));
        }
        if (accounts.isEmpty() && regions.isEmpty() && credentials.isEmpty()) {
            return Optional.empty();
        }
        if (accounts.isEmpty() || regions.isEmpty()) {
            reader.problem(AWS + " needs accounts and regions together");
            return Optional.empty();
        }
        if (profile.isPresent() && credentials.isEmpty()) {
            reader.problem(AWS + ".profile is a profile of credentials-file; without one, AWS_PROFILE names it");
        }
        return checked(
                reader,
                AWS,
                () -> new AwsKmsConfig(
                        Set.copyOf(accounts),
                        regions,
                        endpoints,
                        fips,
                        credentials,
                        profile.orElse("default"),
                        KmsCallLimits.defaults()));
    }

    private static Optional<GcpKmsConfig> gcp(ConfigReader reader) {
        List<String> projects = list(reader, GCP + ".projects");
        Optional<URI> endpoint = reader.address(GCP + ".endpoint");
        Optional<Path> credentials = reader.path(GCP + ".credentials-file");
        if (projects.isEmpty()) {
            if (endpoint.isPresent() || credentials.isPresent()) {
                reader.problem(GCP + " needs projects");
            }
            return Optional.empty();
        }
        return checked(
                reader,
                GCP,
                () -> new GcpKmsConfig(
                        Set.copyOf(projects), endpoint.orElse(GOOGLE), credentials, KmsCallLimits.defaults()));
    }

    private static Optional<AzureKmsConfig> azure(ConfigReader reader) {
        List<String> hsms = list(reader, AZURE + ".managed-hsms");
        List<String> rsa = list(reader, AZURE + ".unauthenticated-rsa-vaults");
        Optional<URI> authority = reader.origin(AZURE + ".authority");
        Optional<Path> anchors = reader.path(AZURE + ".trust-anchors");
        Optional<AzureCredential> credential = azureCredential(reader);
        Map<String, AzureKeyKind> vaults = new HashMap<>();
        hsms.forEach(host -> vaults.put(host, AzureKeyKind.MANAGED_HSM_AES));
        for (String host : rsa) {
            if (vaults.put(host, AzureKeyKind.VAULT_RSA_UNAUTHENTICATED) == AzureKeyKind.MANAGED_HSM_AES) {
                reader.problem(
                        AZURE + ": a host must be in managed-hsms or in unauthenticated-rsa-vaults, not in both");
            }
        }
        if (vaults.isEmpty()) {
            if (authority.isPresent() || anchors.isPresent() || credential.isPresent()) {
                reader.problem(AZURE + " needs managed-hsms or unauthenticated-rsa-vaults");
            }
            return Optional.empty();
        }
        return checked(
                reader,
                AZURE,
                () -> new AzureKmsConfig(
                        vaults,
                        credential.orElseGet(AzureCredential.Chain::new),
                        authority,
                        anchors,
                        KmsCallLimits.defaults()));
    }

    private static Optional<AzureCredential> azureCredential(ConfigReader reader) {
        Optional<String> directory = reader.text(AZURE + ".directory-id");
        Optional<String> client = reader.text(AZURE + ".client-id");
        Optional<String> secret = reader.text(AZURE + ".secret-credential");
        Optional<Path> certificate = reader.path(AZURE + ".certificate-file");
        boolean application = directory.isPresent() && client.isPresent();
        if (application && secret.isPresent() && certificate.isEmpty()) {
            String name = secret.get();
            return Optional.of(new AzureCredential.ClientSecret(
                    directory.get(), client.get(), () -> Passphrase.ofCredential(name)));
        }
        if (application && certificate.isPresent() && secret.isEmpty()) {
            return Optional.of(new AzureCredential.ClientCertificate(directory.get(), client.get(), certificate.get()));
        }
        if (directory.isPresent() || client.isPresent() || secret.isPresent() || certificate.isPresent()) {
            reader.problem(AZURE
                    + " needs directory-id, client-id and one of secret-credential and certificate-file, or none");
        }
        return Optional.empty();
    }

    private static List<String> list(ConfigReader reader, String key) {
        Optional<String> text = reader.text(key);
        if (text.isEmpty()) {
            return List.of();
        }
        List<String> words = List.of(text.get().split("\\s*,\\s*", -1));
        if (words.stream().anyMatch(String::isEmpty)) {
            reader.problem(key + " must be words with commas between");
            return List.of();
        }
        return words;
    }

    /// The rules of the adapter itself, as a problem of the configuration.
    private static <T> Optional<T> checked(ConfigReader reader, String prefix, Supplier<T> made) {
        try {
            return Optional.of(made.get());
        } catch (IllegalArgumentException refused) {
            reader.problem("%s: %s".formatted(prefix, refused.getMessage()));
            return Optional.empty();
        }
    }
}
