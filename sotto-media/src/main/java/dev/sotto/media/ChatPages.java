package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/// The page on which a visitor writes, its script and its style sheet. They hold nothing of anybody. Thread-safe.
final class ChatPages {
    static final String PAGE = "/chat";
    static final String TOKEN = "/chat/v1/token";
    static final String SOCKET = "/chat/v1/socket";

    private static final String SCRIPT = "/chat/chat.js";
    private static final String STYLE = "/chat/chat.css";
    private static final int NONCE_BYTES = 18;
    /// What is answered.
    record Reply(String type, Map<String, String> headers, String body) {}

    private final SecureRandom random = new SecureRandom();
    private final String socketOrigin;
    private final String page = resource("chat.html");
    private final String script = resource("chat.js");
    private final String style = resource("chat.css");

    ChatPages(String origin) {
        this.socketOrigin = "wss" + origin.substring("https".length());
    }

    Optional<Reply> get(String path) {
        return switch (path) {
            case PAGE -> Optional.of(page());
            case SCRIPT -> Optional.of(new Reply("text/javascript", Map.of(), script));
            case STYLE -> Optional.of(new Reply("text/css", Map.of(), style));
            default -> Optional.empty();
        };
    }

    private Reply page() {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        String nonce = Base64.getEncoder().encodeToString(bytes);
        return new Reply(
                "text/html",
                Map.of(
                        "content-security-policy", policy(nonce),
                        "referrer-policy", "no-referrer",
                        "x-frame-options", "DENY",
                        "permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()",
                        "cross-origin-opener-policy", "same-origin",
                        "cross-origin-resource-policy", "same-origin"),
                page.replace("{{nonce}}", nonce));
    }

    private String policy(String nonce) {
        return ("default-src 'none'; script-src 'nonce-%1$s'; style-src 'nonce-%1$s'; connect-src 'self' %2$s;"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                        + " require-trusted-types-for 'script'; trusted-types 'none'")
                .formatted(nonce, socketOrigin);
    }

    private static String resource(String name) {
        try (InputStream in = ChatPages.class.getResourceAsStream("chat/" + name)) {
            return new String(requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
