package dev.sotto.kms.vault;

import dev.sotto.core.TrustAnchors;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;

/// Requests to one server: TLS with the host's name checked, no redirect, no proxy, no cookie, and answers of a
/// bounded size. Thread-safe.
final class VaultHttp implements AutoCloseable {
    private static final int MAX_ANSWER = 64 * 1024;
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");
    private static final Reply REFUSED = new Reply(400, new byte[0]);

    private final URI address;
    private final Optional<String> namespace;
    private final HttpClient client;

    /// A status that [#send] does not turn into a failure: 2xx, 400, 403 or 404. The body is empty unless 2xx.
    static final class Reply {
        private final int status;
        private final byte[] body;

        private Reply(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }

        int status() {
            return status;
        }

        /// The array itself, so that who reads a key out of it can overwrite it.
        byte[] body() {
            return body;
        }

        boolean isGood() {
            return status / 100 == 2;
        }
    }

    VaultHttp(VaultConfig config) {
        this.address = config.address();
        this.namespace = config.namespace();
        var parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // one request a connection: giving one up harms no other
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .sslContext(TrustAnchors.context(config.trustAnchors()))
                .sslParameters(parameters)
                .build();
    }

    /// Reads.
    Reply get(String path, String token, Duration timeLeft) throws KmsFailure {
        return send(request(path, timeLeft).header("X-Vault-Token", token).GET().build());
    }

    /// Asks for something with a JSON body.
    Reply post(String path, Optional<String> token, byte[] body, Duration timeLeft) throws KmsFailure {
        var request = request(path, timeLeft)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        token.ifPresent(shown -> request.header("X-Vault-Token", shown));
        return send(request.build());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private HttpRequest.Builder request(String path, Duration timeLeft) {
        var request = HttpRequest.newBuilder(address.resolve("/v1/" + path))
                .timeout(timeLeft)
                .header("X-Vault-Request", "true")
                .header("Accept", "application/json");
        namespace.ifPresent(name -> request.header("X-Vault-Namespace", name));
        return request;
    }

    private Reply send(HttpRequest request) throws KmsFailure {
        try {
            var bytes = HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER);
            return reply(client.send(request, bytes));
        } catch (HttpTimeoutException | InterruptedIOException late) {
            throw new KmsFailure(Reason.TIMED_OUT);
        } catch (IOException broken) { // its message may hold an address: not kept
            throw new KmsFailure(Reason.UNREACHABLE);
        } catch (InterruptedException givenUp) {
            Thread.currentThread().interrupt();
            throw new KmsFailure(Reason.TIMED_OUT);
        }
    }

    private static Reply reply(HttpResponse<byte[]> response) throws KmsFailure {
        int status = response.statusCode();
        return switch (status) {
            case 200, 204 -> new Reply(status, response.body());
            case 400 -> REFUSED;
            case 403, 404 -> new Reply(status, new byte[0]);
            case 429 -> throw retryAfter(response).orElseGet(() -> new KmsFailure(Reason.THROTTLED));
            // 307: a standby that does not forward; 412: a node that lags; 472, 473: a standby; 503: sealed.
            case 307, 412, 472, 473, 500, 502, 503, 504 -> throw new KmsFailure(Reason.SERVICE_FAILED);
            default -> throw new KmsFailure(status >= 500 ? Reason.SERVICE_FAILED : Reason.REQUEST_REFUSED);
        };
    }

    private static Optional<KmsFailure> retryAfter(HttpResponse<byte[]> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(text -> SECONDS.matcher(text).matches())
                .map(text -> new KmsFailure(Reason.THROTTLED, Duration.ofSeconds(Long.parseLong(text))));
    }
}
