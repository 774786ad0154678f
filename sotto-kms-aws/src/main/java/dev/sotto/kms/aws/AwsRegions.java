package dev.sotto.kms.aws;

import dev.sotto.core.Meter;
import dev.sotto.keys.KmsCalls;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import dev.sotto.keys.PrivateFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSupplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/// One client a region, and which of them the tries of a call go to. Thread-safe.
final class AwsRegions implements AutoCloseable {
    private final List<String> order;
    private final AwsCredentialsProvider credentials;
    private final SdkHttpClient http;
    private final Map<String, KmsClient> clients = new HashMap<>();
    private final Meter meter;

    /// One request.
    interface Request<T> {
        /// Sends it and reads the answer.
        ///
        /// @param key the name to ask for, of the client's region
        T send(KmsClient client, AwsKeyName key) throws KmsFailure;
    }

    AwsRegions(AwsKmsConfig config, Meter meter) {
        this.order = config.regions();
        this.meter = meter;
        this.credentials = config.credentials()
                .map(file -> ofFile(file, config.profile()))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
        Duration timeout = config.limits().perTry();
        this.http = UrlConnectionHttpClient.builder()
                .connectionTimeout(timeout)
                .socketTimeout(timeout)
                .build();
        for (var region : order) {
            var builder = KmsClient.builder()
                    .region(Region.of(region))
                    .credentialsProvider(credentials)
                    .httpClient(http)
                    .fipsEnabled(config.fips())
                    .overrideConfiguration(options -> options.retryStrategy(DefaultRetryStrategy.doNotRetry()));
            var endpoint = config.endpoints().get(region);
            clients.put(region, (endpoint == null ? builder : builder.endpointOverride(endpoint)).build());
        }
    }

    private static AwsCredentialsProvider ofFile(Path file, String profile) {
        PrivateFile.checkOwnerOnly(file, "credentials");
        return ProfileCredentialsProvider.builder()
                .profileName(profile)
                .profileFile(ProfileFileSupplier.reloadWhenModified(file, ProfileFile.Type.CREDENTIALS))
                .build();
    }

    boolean serves(AwsKeyName key) {
        return clients.containsKey(key.region());
    }

    /// A try of a call. The first asks in the key's own region; for a multi-Region key the next ones go round its
    /// replicas, so that a failover is bounded by what bounds the tries. A replica that is absent, disabled or
    /// closed to this node says nothing about the key: only its own region may say that.
    <T> KmsCalls.Try<T> attempt(AwsKeyName key, Request<T> request) {
        var route = route(key);
        var tries = new AtomicInteger();
        return _ -> {
            int at = tries.getAndIncrement() % route.size();
            if (at == 0) {
                return send(route.getFirst(), request);
            }
            meter.count("kms.aws.failover");
            try {
                return send(route.get(at), request);
            } catch (KmsFailure failure) {
                if (failure.reason().retryable() || failure.reason() == Reason.CIPHERTEXT_REFUSED) {
                    throw failure;
                }
                throw new KmsFailure(Reason.UNREACHABLE, failure);
            }
        };
    }

    /// A try that asks in the key's own region only.
    <T> KmsCalls.Try<T> attemptAtHome(AwsKeyName key, Request<T> request) {
        return _ -> send(key, request);
    }

    private List<AwsKeyName> route(AwsKeyName key) {
        var route = new ArrayList<AwsKeyName>();
        route.add(key);
        if (key.isMultiRegion()) {
            order.stream()
                    .filter(region -> !region.equals(key.region()))
                    .map(key::in)
                    .forEach(route::add);
        }
        return route;
    }

    private <T> T send(AwsKeyName key, Request<T> request) throws KmsFailure {
        var client = clients.get(key.region());
        if (client == null) {
            throw new KmsFailure(Reason.KEY_UNKNOWN);
        }
        try {
            credentials.resolveCredentials();
        } catch (SdkClientException absent) {
            throw new KmsFailure(Reason.DENIED, absent);
        }
        try {
            return request.send(client, key);
        } catch (SdkException failure) {
            throw AwsFailures.of(failure);
        }
    }

    @Override
    public void close() {
        clients.values().forEach(KmsClient::close);
        http.close();
        if (credentials instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
