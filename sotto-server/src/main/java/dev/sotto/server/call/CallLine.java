package dev.sotto.server.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
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
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A carrier account that can place calls to a Sotto: signs its requests as Twilio does. Thread-safe.
///
/// @param voice the voice webhook, such as `https://localhost:8444/twilio/voice`
/// @param to the number that is dialled
public record CallLine(HttpClient http, URI voice, String accountSid, SensitiveText authToken, String to) {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int SID_BYTES = 16;
    private static final int OK = 200;

    /// Twilio's ids: two letters and 32 hex digits.
    static String sid(String prefix, SecureRandom random) {
        byte[] bytes = new byte[SID_BYTES];
        random.nextBytes(bytes);
        return prefix + HexFormat.of().formatHex(bytes);
    }

    /// Asks a webhook what to do with a call.
    Twiml ask(URI url, String callSid, String from, String status) {
        Map<String, String> form = new TreeMap<>(Map.of(
                "AccountSid", accountSid,
                "ApiVersion", "2010-04-01",
                "CallSid", callSid,
                "CallStatus", status,
                "Direction", "inbound",
                "From", from,
                "To", to));
        Map<String, List<String>> signed = new TreeMap<>();
        form.forEach((name, value) -> signed.put(name, List.of(value)));
        var body = new StringBuilder();
        form.forEach((name, value) -> body.append(body.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, UTF_8)));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header(TwilioSignature.HEADER, TwilioSignature.sign(authToken, url.toString(), signed))
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != OK) {
                throw new UnavailableException(
                        ServerError.CALL_FAILED,
                        "the webhook answered with status %d".formatted(response.statusCode()));
            }
            return Twiml.parse(response.body());
        } catch (IOException failure) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED,
                    "no answer from %s (%s)"
                            .formatted(url.getAuthority(), failure.getClass().getSimpleName()),
                    failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(ServerError.CALL_FAILED, "the call was interrupted", interrupted);
        }
    }

    /// Opens the stream; `listener` hears what comes back.
    WebSocket open(URI url, WebSocket.Listener listener) {
        try {
            return http.newWebSocketBuilder()
                    .connectTimeout(TIMEOUT)
                    .header(TwilioSignature.HEADER, TwilioSignature.sign(authToken, url.toString(), Map.of()))
                    .buildAsync(url, listener)
                    .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | CompletionException | TimeoutException failure) {
            throw new UnavailableException(ServerError.CALL_FAILED, "the stream was refused", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(ServerError.CALL_FAILED, "the call was interrupted", interrupted);
        }
    }
}
