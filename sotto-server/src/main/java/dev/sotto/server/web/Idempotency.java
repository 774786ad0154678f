package dev.sotto.server.web;

import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeGate;
import dev.sotto.store.IdempotencyKeys;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger LOG = LoggerFactory.getLogger(Idempotency.class);

    private final NodeGate gate;

    Idempotency(NodeGate gate) {
        this.gate = gate;
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
        if (who == null
                || !(who.getPrincipal() instanceof Visitor visitor)
                || !FORM.matcher(key).matches()) {
            Problem.of(HttpStatus.BAD_REQUEST, "request_invalid").write(response);
            return;
        }
        TenantId tenant = tenant(visitor);
        String user = who.getName();
        Problem refusal = claimed(tenant, user, key, asked(request));
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
                release(tenant, user, key);
            }
        }
    }

    /// Tools on this machine act for the operator, whichever tenant they ask about.
    private static TenantId tenant(Visitor visitor) {
        return switch (visitor) {
            case Visitor.Staff staff -> staff.tenant();
            case Visitor.Operator _ -> TenantId.OPERATOR;
        };
    }

    private @Nullable Problem claimed(TenantId tenant, String user, String key, String request) {
        try {
            return refusal(gate.services().store().idempotency().claim(tenant, user, key, request));
        } catch (SottoException failure) {
            return Problem.of(failure);
        }
    }

    private void release(TenantId tenant, String user, String key) {
        try {
            gate.services().store().idempotency().release(tenant, user, key);
        } catch (SottoException failure) { // the key stays used for a day, which is the safe side
            LOG.atWarn()
                    .addKeyValue("event", "server.idempotency.unreleased")
                    .addKeyValue("code", failure.code().name())
                    .log("a key could not be given back");
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
