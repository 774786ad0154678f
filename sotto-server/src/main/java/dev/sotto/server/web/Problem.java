package dev.sotto.server.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.BugException;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.LimitedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import org.springframework.http.HttpStatus;

/// A refusal as RFC 9457 writes it. Says what kind it is and never repeats anything of the request.
///
/// @param code why, in lower case, from the module's list of error codes
record Problem(int status, String title, String code) {
    /// Repeats the code, for tools that read no body.
    static final String CODE_HEADER = "Sotto-Code";

    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(HttpStatus status, String code) {
        return new Problem(status.value(), status.getReasonPhrase(), code);
    }

    static Problem of(SottoException failure) {
        HttpStatus status = switch (failure) {
            case RejectedException _ -> HttpStatus.BAD_REQUEST;
            case DeniedException _ -> HttpStatus.FORBIDDEN;
            case NotFoundException _ -> HttpStatus.NOT_FOUND;
            case ConflictException _ -> HttpStatus.CONFLICT;
            case LimitedException _ -> HttpStatus.TOO_MANY_REQUESTS;
            case UnavailableException _ -> HttpStatus.SERVICE_UNAVAILABLE;
            case IntegrityException _, BugException _ -> HttpStatus.INTERNAL_SERVER_ERROR;
        };
        return of(status, failure.code().name().toLowerCase(Locale.ROOT));
    }

    /// All parts are constants of ours, so nothing in them needs escaping.
    String json() {
        return "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\"}"
                .formatted(title, status, code);
    }

    void write(HttpServletResponse response) throws IOException {
        byte[] body = json().getBytes(UTF_8);
        response.setStatus(status);
        response.setHeader(CODE_HEADER, code);
        response.setContentType(MEDIA_TYPE);
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
