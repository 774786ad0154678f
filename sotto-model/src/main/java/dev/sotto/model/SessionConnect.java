package dev.sotto.model;

import dev.sotto.core.UnavailableException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Opens the WebSocket of a session (RFC 6455).
final class SessionConnect {
    private SessionConnect() {}

    /// One try to open the socket. The key is shown; nothing protected is sent.
    static ModelHttp.Try<WebSocket> attempt(
            ModelHttp http,
            RealtimeSettings settings,
            WebSocket.Listener listener,
            long until,
            CircuitBreaker.Permit given)
            throws InterruptedException {
        var builder = http.client()
                .newWebSocketBuilder()
                .connectTimeout(http.provider().limits().connect());
        http.key(builder::header);
        boolean beta = settings.dialect() == RealtimeSettings.Dialect.BETA;
        if (beta) {
            builder.header("OpenAI-Beta", "realtime=v1");
        }
        CompletableFuture<WebSocket> opening =
                builder.buildAsync(http.provider().address("ws", "realtime", query(settings, beta)), listener);
        try {
            var opened = opening.get(until - http.nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
            return new ModelHttp.Try.Answered<>(opened);
        } catch (TimeoutException late) {
            given.failed();
            abandon(opening);
            return new ModelHttp.Try.Failed<>(
                    new UnavailableException(ModelError.FIRST_BYTE_LATE, "the provider did not open a session in time"),
                    -1);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof WebSocketHandshakeException refused) {
                var answer = refused.getResponse();
                return http.refused(answer.statusCode(), answer.headers(), given);
            }
            return http.notSent(failed, given);
        } catch (InterruptedException interrupted) {
            abandon(opening);
            throw interrupted;
        }
    }

    private static void abandon(CompletableFuture<WebSocket> opening) {
        opening.cancel(true);
        var _ = opening.whenComplete((late, _) -> {
            if (late != null) {
                late.abort();
            }
        });
    }

    private static String query(RealtimeSettings settings, boolean beta) {
        if (settings.purpose() == RealtimeSettings.Purpose.TRANSCRIPTION) {
            return "intent=transcription";
        }
        return (beta ? "deployment=" : "model=") + settings.model();
    }
}
