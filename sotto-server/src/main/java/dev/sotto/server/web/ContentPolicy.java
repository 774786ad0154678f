package dev.sotto.server.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.security.web.header.HeaderWriter;

/// Allows a page its own style sheet, script, audio, API and forms, and nothing else: nothing inline, nothing from
/// elsewhere, and no script that makes markup out of text. A page names its style sheet and its script with the nonce
/// of that one answer.
final class ContentPolicy implements HeaderWriter {
    private static final String NONCE = ContentPolicy.class.getName();
    private static final int NONCE_BYTES = 16;
    private static final String POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; connect-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
            + "trusted-types 'none'; ";

    private final SecureRandom random;

    ContentPolicy(SecureRandom random) {
        this.random = random;
    }

    /// The nonce of this request's answer, the same each time it is asked for.
    String nonce(HttpServletRequest request) {
        if (request.getAttribute(NONCE) instanceof String made) {
            return made;
        }
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        String nonce = Base64.getEncoder().encodeToString(bytes);
        request.setAttribute(NONCE, nonce);
        return nonce;
    }

    @Override
    public void writeHeaders(HttpServletRequest request, HttpServletResponse response) {
        String nonce = "'nonce-" + nonce(request) + "'";
        response.setHeader("Content-Security-Policy", POLICY + "script-src " + nonce + "; style-src " + nonce);
    }
}
