package dev.sotto.simulator;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Faults of answers that are not events.
final class HttpFault {
    private HttpFault() {}

    /// Answers with the status that `fault` names, if it names one.
    ///
    /// @return whether the request is answered
    static boolean refuses(Exchange exchange, Fault fault) {
        return switch (fault.kind()) {
            case RATE_LIMITED -> {
                exchange.error(
                        HttpResponseStatus.TOO_MANY_REQUESTS,
                        "requests",
                        "rate_limit_exceeded",
                        "scripted: rate limit reached");
                yield true;
            }
            case SERVER_ERROR -> {
                exchange.error(
                        HttpResponseStatus.INTERNAL_SERVER_ERROR,
                        "server_error",
                        "server_error",
                        "scripted: the server had an error");
                yield true;
            }
            case DELAY,
                    STALL,
                    CLOSE,
                    BROKEN_JSON,
                    ENDLESS,
                    UNKNOWN_TOOL,
                    INVENTED_TOKEN,
                    CLAIMS_VERIFIED,
                    ECHO,
                    HUGE_FRAME,
                    OUT_OF_ORDER,
                    NEVER_FINAL -> false;
        };
    }

    /// Sends `body` as `fault` bends it: late, half and then nothing, half and then cut, half as if it were all, or
    /// over
    /// and over.
    static void whole(Exchange exchange, @Nullable Fault fault, String type, byte[] body) {
        if (fault == null) {
            exchange.whole(HttpResponseStatus.OK, type, body);
            return;
        }
        byte[] half = Arrays.copyOf(body, body.length / 2);
        switch (fault.kind()) {
            case DELAY ->
                exchange.timers().after(fault.delay(), () -> exchange.whole(HttpResponseStatus.OK, type, body));
            case STALL -> {
                exchange.begin(type);
                exchange.piece(half);
            }
            case CLOSE -> {
                exchange.begin(type);
                exchange.piece(half);
                exchange.cut();
            }
            case BROKEN_JSON -> exchange.whole(HttpResponseStatus.OK, type, half);
            case ENDLESS -> {
                exchange.begin(type);
                var again = IntStream.iterate(0, i -> i < ChatEndpoint.ENDLESS_PIECES && !exchange.gone(), i -> i + 1)
                        .mapToObj(i -> new Player.Cue(i, () -> exchange.piece(body)))
                        .iterator();
                new Player(exchange.timers(), Pace.REAL_TIME, again, exchange::ready).start(Duration.ZERO);
            }
            case RATE_LIMITED,
                    SERVER_ERROR,
                    UNKNOWN_TOOL,
                    INVENTED_TOKEN,
                    CLAIMS_VERIFIED,
                    ECHO,
                    HUGE_FRAME,
                    OUT_OF_ORDER,
                    NEVER_FINAL -> exchange.whole(HttpResponseStatus.OK, type, body);
        }
    }
}
