package dev.sotto.server.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/// Does a write of the API that carries an `Idempotency-Key` at most once. What was answered is not kept, because it
/// may be what a value is protected for: a second request is told that the first was done. Writes of the API carry no
/// body, so method, path and query are the request.
final class Idempotency extends OncePerRequestFilter {
    static final String HEADER = "Idempotency-Key";
    private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,128}");
    private static final int FIRST_REFUSAL = 300;

    private final IdempotencyKeys keys;

    Idempotency(IdempotencyKeys keys) {
        this.keys = keys;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getMethod().equals("POST")
                || !request.getServletPath().startsWith("/api/")
                || request.getHeader(HEADER) == null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String key = request.getHeader(HEADER);
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (who == null || !FORM.matcher(key).matches()) {
            Problem.of(HttpStatus.BAD_REQUEST, "request_invalid").write(response);
            return;
        }
        String user = who.getName();
        Problem refusal = refusal(keys.claim(user, key, asked(request)));
        if (refusal != null) {
            refusal.write(response);
            return;
        }
        boolean done = false;
        try {
            chain.doFilter(request, response);
            done = response.getStatus() < FIRST_REFUSAL;
        } finally {
            if (!done) {
                keys.release(user, key);
            }
        }
    }

    private static String asked(HttpServletRequest request) {
        String query = request.getQueryString();
        return request.getMethod() + ' ' + request.getRequestURI() + (query == null ? "" : '?' + query);
    }

    private static @Nullable Problem refusal(IdempotencyKeys.Claim claim) {
        return switch (claim) {
            case FRESH -> null;
            case USED -> Problem.of(HttpStatus.CONFLICT, "idempotency_key_used");
            case OTHER_REQUEST -> Problem.of(HttpStatus.UNPROCESSABLE_CONTENT, "idempotency_key_reused");
            case FULL -> Problem.of(HttpStatus.TOO_MANY_REQUESTS, "too_many");
        };
    }
}
