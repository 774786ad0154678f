package dev.sotto.kms.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.HttpLogDetailLevel;
import com.azure.core.http.policy.HttpLogOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.identity.AadCredentialBuilderBase;
import com.azure.identity.ChainedTokenCredentialBuilder;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.CredentialBuilderBase;
import com.azure.identity.EnvironmentCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import dev.sotto.core.TrustAnchors;
import dev.sotto.keys.Passphrase;
import dev.sotto.keys.PrivateFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// One client of the SDK a key, made at first use, over the JDK's own HTTP client. No client tries again by itself,
/// keeps a public key, follows a redirect or logs a body, whatever the environment says. Thread-safe.
final class AzureClients implements AutoCloseable {
    private static final int MAX_CLIENTS = 256;
    private static final List<String> WORKLOAD =
            List.of("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE");
    private static final RetryOptions ONCE = new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1)));

    private final AzureKmsConfig config;
    private final HttpClient http;
    private final TokenCredential credential;
    private final Map<AzureKeyName, CryptographyClient> clients = new ConcurrentHashMap<>();

    AzureClients(AzureKmsConfig config) {
        this.config = config;
        Duration timeout = config.limits().perTry();
        this.http = new JdkHttpClientBuilder(java.net.http.HttpClient.newBuilder()
                        .sslContext(TrustAnchors.context(config.trustAnchors()))
                        .followRedirects(java.net.http.HttpClient.Redirect.NEVER))
                .connectionTimeout(timeout)
                .responseTimeout(timeout)
                .readTimeout(timeout)
                .writeTimeout(timeout)
                .build();
        this.credential = credential();
    }

    CryptographyClient of(AzureKeyName key) {
        if (clients.size() >= MAX_CLIENTS && !clients.containsKey(key)) {
            clients.clear();
        }
        return clients.computeIfAbsent(
                key,
                name -> new CryptographyClientBuilder()
                        .keyIdentifier(name.identifier())
                        .credential(credential)
                        .httpClient(http)
                        .httpLogOptions(quiet())
                        .retryOptions(ONCE)
                        .disableKeyCaching()
                        .buildClient());
    }

    private TokenCredential credential() {
        return switch (config.credential()) {
            case AzureCredential.Chain _ -> chain();
            case AzureCredential.ClientSecret(String tenant, String client, Supplier<Passphrase> secret) ->
                at(new ClientSecretCredentialBuilder())
                        .tenantId(tenant)
                        .clientId(client)
                        .clientSecret(read(secret))
                        .build();
            case AzureCredential.ClientCertificate(String tenant, String client, Path certificate) -> {
                PrivateFile.checkOwnerOnly(certificate, "certificate");
                yield at(new ClientCertificateCredentialBuilder())
                        .tenantId(tenant)
                        .clientId(client)
                        .pemCertificate(certificate.toString())
                        .build();
            }
        };
    }

    private TokenCredential chain() {
        var environment = plain(new EnvironmentCredentialBuilder());
        config.authority().ifPresent(authority -> environment.authorityHost(authority.toString()));
        var chain = new ChainedTokenCredentialBuilder().addLast(environment.build());
        if (WORKLOAD.stream().allMatch(name -> System.getenv(name) != null)) { // its builder refuses else
            chain.addLast(at(new WorkloadIdentityCredentialBuilder()).build());
        }
        return chain.addLast(plain(new ManagedIdentityCredentialBuilder()).build())
                .build();
    }

    private <B extends AadCredentialBuilderBase<B>> B at(B builder) {
        plain(builder);
        config.authority()
                .ifPresent(
                        authority -> builder.authorityHost(authority.toString()).disableInstanceDiscovery());
        return builder;
    }

    private <B extends CredentialBuilderBase<B>> B plain(B builder) {
        return builder.httpClient(http).httpLogOptions(quiet()).retryOptions(ONCE);
    }

    private static HttpLogOptions quiet() {
        return new HttpLogOptions().setLogLevel(HttpLogDetailLevel.NONE);
    }

    private static String read(Supplier<Passphrase> source) {
        try (var secret = source.get()) {
            char[] characters = secret.reveal();
            try {
                return new String(characters);
            } finally {
                Arrays.fill(characters, '\0');
            }
        }
    }

    @Override
    public void close() {
        clients.clear(); // the JDK ends the threads of an HTTP client that nobody refers to
    }
}
