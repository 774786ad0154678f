package dev.sotto.server.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.security.web.csrf.DefaultCsrfToken;

/// Binds each form to the session it was shown in, or to a form cookie before there is one. Nothing is kept: the
/// token derives from the cookie. Thread-safe.
final class CsrfTokens implements CsrfTokenRepository {
    private static final Duration FORM_LIFE = Duration.ofHours(2);
    private static final String MADE = CsrfTokens.class.getName();

    private final SecureRandom random;

    CsrfTokens(SecureRandom random) {
        this.random = random;
    }

    @Override
    public CsrfToken generateToken(HttpServletRequest request) {
        String base = Tokens.fresh(random);
        request.setAttribute(MADE, base);
        return token(base);
    }

    @Override
    public void saveToken(@Nullable CsrfToken token, HttpServletRequest request, HttpServletResponse response) {
        if (token == null) {
            Cookies.FORM.clear(response);
        } else if (request.getAttribute(MADE) instanceof String base) {
            Cookies.FORM.set(response, base, FORM_LIFE);
        }
    }

    @Override
    public @Nullable CsrfToken loadToken(HttpServletRequest request) {
        Optional<String> base = Cookies.SESSION.read(request).or(() -> Cookies.FORM.read(request));
        return base.isPresent() ? token(base.get()) : null;
    }

    private static CsrfToken token(String base) {
        return new DefaultCsrfToken("X-CSRF-Token", "_csrf", Tokens.derived(base, "csrf"));
    }
}
