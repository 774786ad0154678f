package dev.sotto.server.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/// The two cookies of the dashboard. Both have the `__Host-` prefix (RFC 6265bis section 4.1.3), so they are bound
/// to this host, sent over TLS only, hidden from scripts and never sent from another site.
enum Cookies {
    /// The session of a signed-in member of staff.
    SESSION("__Host-sotto"),
    /// What a form that needs no session is bound to.
    FORM("__Host-sotto-form");

    private final String cookieName;

    Cookies(String cookieName) {
        this.cookieName = cookieName;
    }

    /// The value sent, if it is one that this server could have made.
    Optional<String> read(HttpServletRequest request) {
        return Stream.ofNullable(request.getCookies())
                .flatMap(Arrays::stream)
                .filter(cookie -> cookie.getName().equals(cookieName))
                .map(Cookie::getValue)
                .filter(Tokens::isWellFormed)
                .findFirst();
    }

    void set(HttpServletResponse response, String value, Duration age) {
        response.addHeader(
                HttpHeaders.SET_COOKIE, build(value).maxAge(age).build().toString());
    }

    void clear(HttpServletResponse response) {
        set(response, "", Duration.ZERO);
    }

    private ResponseCookie.ResponseCookieBuilder build(String value) {
        return ResponseCookie.from(cookieName, value)
                .path("/")
                .secure(true)
                .httpOnly(true)
                .sameSite("Strict");
    }
}
