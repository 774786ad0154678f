package dev.sotto.notify;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TrustAnchors;
import dev.sotto.store.ClaimedDelivery;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// Posts events, signed as Standard Webhooks. Goes to the configured address and nowhere else: no redirect is followed,
/// no proxy and no cookie is used. The body of an answer is not read.
final class WebhookSender implements Sender {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int DEPTH = 5;

    private final Channel.Webhook channel;
    private final Duration patience;
    private final HttpClient client;

    /// @param patience how long the answer may take
    WebhookSender(Channel.Webhook channel, Duration patience) {
        this.channel = channel;
        this.patience = patience;
        var parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // one request a connection: giving one up harms no other
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .sslContext(TrustAnchors.context(channel.trustAnchors()))
                .sslParameters(parameters)
                .build();
    }

    @Override
    public List<SensitiveText> pieces(ClaimedDelivery delivery) {
        return List.of(SensitiveText.of(CloudEvent.json(delivery)));
    }

    @Override
    public Outcome send(ClaimedDelivery delivery, Verdict.Allowed allowed, Instant now) throws InterruptedException {
        String body = allowed.pieces().getFirst().reveal();
        String signatures = channel.secrets().stream()
                .map(secret -> secret.sign(delivery.notice(), now, body))
                .collect(Collectors.joining(" "));
        HttpRequest request = HttpRequest.newBuilder(channel.url())
                .timeout(patience)
                .header("Content-Type", CloudEvent.MEDIA_TYPE)
                .header("User-Agent", "Sotto")
                .header("webhook-id", delivery.notice().toString())
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", signatures)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            response.body().close(); // unread: it ends the exchange
            return outcome(response.statusCode());
        } catch (IOException failure) {
            return new Outcome.Failed(error(failure));
        }
    }

    static Outcome outcome(int status) {
        if (status >= 200 && status < 300) {
            return new Outcome.Taken();
        }
        return new Outcome.Failed(
                status >= 300 && status < 400 ? NotifyError.REDIRECTED : NotifyError.NOT_TAKEN, status);
    }

    private static NotifyError error(IOException failure) {
        @Nullable Throwable at = failure;
        for (int depth = 0; depth < DEPTH && at != null; depth++) {
            switch (at) {
                case SSLException _ -> {
                    return NotifyError.TLS_FAILED;
                }
                case HttpConnectTimeoutException _,
                        ConnectException _,
                        UnknownHostException _,
                        UnresolvedAddressException _ -> {
                    return NotifyError.CONNECT_FAILED;
                }
                case HttpTimeoutException _ -> {
                    return NotifyError.TIMED_OUT;
                }
                default -> at = at.getCause();
            }
        }
        return NotifyError.CONNECTION_LOST;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
