package dev.sotto.server.web;

import dev.sotto.core.SottoException;
import dev.sotto.server.node.NodeGate;
import dev.sotto.store.StaffSession;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/// Finds out who sends a request: the session cookie's owner, or a local tool with the operator token. A request
/// with a wrong operator token is refused, not treated as anonymous.
final class SessionFilter extends OncePerRequestFilter {
    private static final String BEARER = "Bearer ";

    private final NodeGate gate;
    private final String operatorToken;
    private final Clock clock;

    SessionFilter(NodeGate gate, String operatorToken, Clock clock) {
        this.gate = gate;
        this.operatorToken = operatorToken;
        this.clock = clock;
    }

    /// Whether the request relies on a token that no browser sends by itself.
    static boolean bearsToken(HttpServletRequest request) {
        return request.getHeader("Authorization") != null;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getServletPath();
        return path.startsWith("/assets/") || (path.startsWith("/health") && !path.equals("/health/crypto"));
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<Visitor> visitor;
        String authorization = request.getHeader("Authorization");
        try {
            visitor = authorization == null ? staff(request, response) : operator(authorization);
        } catch (SottoException failure) {
            Problem.of(failure).write(response);
            return;
        }
        if (authorization != null && visitor.isEmpty()) {
            Problem.of(HttpStatus.UNAUTHORIZED, "not_allowed").write(response);
            return;
        }
        if (visitor.isPresent()) {
            var context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(new Visitor.Token(visitor.get()));
            SecurityContextHolder.setContext(context);
        }
        chain.doFilter(request, response);
    }

    private Optional<Visitor> operator(String authorization) {
        boolean right = authorization.startsWith(BEARER)
                && Tokens.same(authorization.substring(BEARER.length()), operatorToken);
        return right ? Optional.of(new Visitor.Operator()) : Optional.empty();
    }

    private Optional<Visitor> staff(HttpServletRequest request, HttpServletResponse response) {
        Optional<String> token = Cookies.SESSION.read(request);
        if (token.isEmpty()) {
            return Optional.empty();
        }
        Optional<StaffSession> session =
                gate.services().store().staff().session(Tokens.hash(token.get()), clock.instant());
        if (session.isEmpty()) {
            Cookies.SESSION.clear(response);
        }
        return session.map(found -> new Visitor.Staff(found.tenant(), found.user(), found.role()));
    }
}
