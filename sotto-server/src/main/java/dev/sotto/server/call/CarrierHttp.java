package dev.sotto.server.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.DeniedException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.TwilioSignature;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// Signed requests of a carrier account. Thread-safe; blocks.
final class CarrierHttp {
    /// As long as Twilio waits for a webhook.
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int SERVER_FAULT = 500;

    private final HttpClient client;
    private final CarrierAccount account;
    private final boolean plain;

    /// @param plain whether the server speaks no TLS itself, as one behind a proxy: its streams are opened as it takes
    /// them, whatever it calls them
    CarrierHttp(HttpClient client, CarrierAccount account, boolean plain) {
        this.client = client;
        this.account = account;
        this.plain = plain;
    }

    /// Posts a signed form and gives the answer's text.
    String post(URI url, Map<String, String> form) {
        Map<String, List<String>> signed = new TreeMap<>();
        form.forEach((name, value) -> signed.put(name, List.of(value)));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(ANSWER)
                .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                .header(TwilioSignature.HEADER, TwilioSignature.sign(account.authToken(), url.toString(), signed))
                .POST(HttpRequest.BodyPublishers.ofString(encode(form)))
                .build();
        try {
            HttpResponse<String> answer = client.send(
                    request,
                    HttpResponse.BodyHandlers.limiting(
                            HttpResponse.BodyHandlers.ofString(UTF_8), TwimlReader.MAX_CHARACTERS));
            if (answer.statusCode() != OK) {
                throw refused(url, answer.statusCode());
            }
            return answer.body();
        } catch (IOException failure) {
            throw PeerFailures.of(failure, url);
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
    }

    /// Opens a signed WebSocket.
    WebSocket open(URI url, WebSocket.Listener listener) {
        try {
            return client.newWebSocketBuilder()
                    .connectTimeout(ANSWER)
                    .header(TwilioSignature.HEADER, TwilioSignature.sign(account.authToken(), url.toString(), Map.of()))
                    .buildAsync(plain ? withoutTls(url) : url, listener)
                    .get(ANSWER.toSeconds() + 1, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw notOpened(url, failure);
        } catch (TimeoutException late) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED, "%s does not open a stream in time".formatted(url.getAuthority()), late);
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
    }

    private static URI withoutTls(URI url) {
        return URI.create("ws" + url.toString().substring(url.getScheme().length()));
    }

    private static RuntimeException notOpened(URI url, ExecutionException failure) {
        return switch (failure.getCause()) {
            case WebSocketHandshakeException refused ->
                refused(url, refused.getResponse().statusCode());
            case IOException broken -> PeerFailures.of(broken, url);
            case RuntimeException fault -> fault;
            case null, default -> new IllegalStateException("a stream could not be opened", failure);
        };
    }

    private static SottoException refused(URI url, int status) {
        String where = url.getAuthority() + url.getPath();
        if (status == FORBIDDEN) {
            return new DeniedException(
                    ServerError.CALL_FAILED,
                    "%s refused the signature (403)\nhint: it must be of an account the node knows, and over the public url the node knows"
                            .formatted(where));
        }
        if (status >= SERVER_FAULT) {
            return new UnavailableException(
                    ServerError.CALL_FAILED, "%s cannot take the call now (%d)".formatted(where, status));
        }
        return new RejectedException(ServerError.CALL_FAILED, "%s is no voice webhook (%d)".formatted(where, status));
    }

    private static String encode(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field ->
                        URLEncoder.encode(field.getKey(), UTF_8) + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }
}
