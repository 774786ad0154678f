package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.server.call.PeerTrust;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A member of staff at the dashboard: cookies, forms and the API, over real TLS.
final class Browser implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");
    private static final String SESSION = "__Host-sotto";

    private final HttpClient http;
    private final URI dashboard;
    private final Map<String, String> cookies = new HashMap<>();

    /// @param dashboard where the node's pages are
    Browser(Home home, URI dashboard) {
        this.http = PeerTrust.withAuthority(home.state("ca.pem")).client().build();
        this.dashboard = dashboard;
    }

    /// What the node answered.
    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    record Answer(int status, Map<String, String> headers, byte[] bytes) {
        String body() {
            return new String(bytes, UTF_8);
        }

        String everything() {
            return status + " " + headers + " " + body();
        }
    }

    /// Becomes the first administrator by the setup link, through the page.
    void setUp(URI link, String email, String password) throws IOException, InterruptedException {
        String token = link.getQuery().substring("token=".length());
        String path = link.getRawPath() + "?" + link.getRawQuery();
        Answer done = submit(
                path, "/setup", Map.of("token", token, "email", email, "password", password, "repeated", password));
        requireSession(done);
    }

    void signIn(String email, String password) throws IOException, InterruptedException {
        requireSession(submit("/sign-in", "/sign-in", Map.of("email", email, "password", password)));
    }

    private void requireSession(Answer answer) {
        if (answer.status() / 100 != 3 || !cookies.containsKey(SESSION)) {
            throw new AssertionError("no session was begun: " + answer.status());
        }
    }

    /// The token of the session.
    Optional<String> session() {
        return Optional.ofNullable(cookies.get(SESSION));
    }

    /// Every cookie the node has given.
    Map<String, String> cookies() {
        return Map.copyOf(cookies);
    }

    /// Shows the page at `path` and sends its form to `action`.
    Answer submit(String path, String action, Map<String, String> form) throws IOException, InterruptedException {
        Matcher csrf = CSRF.matcher(get(path).body());
        if (!csrf.find()) {
            throw new AssertionError("the page has no form: " + get(path).everything());
        }
        Map<String, String> whole = new HashMap<>(form);
        whole.put("_csrf", csrf.group(1));
        return send(request(action)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(whole))));
    }

    /// Fields as a form sends them.
    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    /// Asks for a part of a file.
    Answer get(String path, String range) throws IOException, InterruptedException {
        return send(request(path).header("Range", range).GET());
    }

    /// Sends a request made by hand, with this browser's cookies.
    Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        answer.headers().allValues("Set-Cookie").forEach(this::keep);
        Map<String, String> headers = new HashMap<>();
        answer.headers().map().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        return new Answer(answer.statusCode(), headers, answer.body());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(dashboard.resolve(path)).timeout(TIMEOUT);
    }

    private void keep(String cookie) {
        String pair = cookie.substring(0, cookie.indexOf(';'));
        int equals = pair.indexOf('=');
        String value = pair.substring(equals + 1);
        if (value.isEmpty()) {
            cookies.remove(pair.substring(0, equals));
        } else {
            cookies.put(pair.substring(0, equals), value);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
