package dev.sotto.server.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.CallRecord;
import dev.sotto.store.NewCall;
import dev.sotto.store.StaffRole;
import dev.sotto.store.Tenant;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A browser without a screen: keeps cookies, fills in forms.
final class Visit {
    static final String PASSWORD = "four quiet words here";
    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());
    private static final Passwords PASSWORDS = new Passwords();

    private final HttpClient http;
    private final URI base;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    Visit(SharedNode.Running node) {
        this(node, node.node().dashboard());
    }

    /// @param base another listener of the same node
    Visit(SharedNode.Running node, URI base) {
        this.base = base;
        this.http = node.http();
    }

    /// A tenant that nobody else uses.
    static TenantId tenant(SharedNode.Running node) {
        TenantId id = IDS.tenantId();
        long number = Math.floorMod(id.value().getLeastSignificantBits(), 1_000_000L);
        node.services()
                .store()
                .tenants()
                .create(new Tenant(
                        id,
                        "Test",
                        "healthcare",
                        ZoneOffset.UTC,
                        true,
                        Optional.empty(),
                        "+1555%07d".formatted(number)));
        return id;
    }

    static String admin(SharedNode.Running node, TenantId tenant) {
        return member(node, tenant, StaffRole.ADMIN);
    }

    /// A new member of the tenant's staff; gives the address.
    static String member(SharedNode.Running node, TenantId tenant, StaffRole role) {
        String email = "admin-%s@lakeside.example".formatted(IDS.next());
        node.services()
                .store()
                .staff()
                .create(
                        tenant,
                        SensitiveText.of(email),
                        PASSWORDS.hash(SensitiveText.of(PASSWORD)),
                        role,
                        node.services().actor());
        return email;
    }

    /// A visit that is signed in as a new admin of the tenant.
    static Visit signedIn(SharedNode.Running node, TenantId tenant) throws IOException, InterruptedException {
        var visit = new Visit(node);
        HttpResponse<String> answer = visit.signIn(admin(node, tenant), PASSWORD);
        if (answer.statusCode() != 302) {
            throw new AssertionError("sign-in answered with status " + answer.statusCode());
        }
        return visit;
    }

    /// A call whose caller was just told that it is recorded.
    static CallId call(SharedNode.Running node, TenantId tenant) {
        CallId id = IDS.callId();
        byte[] token = Tokens.hash(id.toString());
        var calls = node.services().store().calls();
        calls.offer(NewCall.receptionist(
                tenant,
                id,
                "CA" + id,
                SensitiveText.of("+15550100777"),
                token,
                Instant.now().plusSeconds(60)));
        assertThat(calls.connect(tenant, id, token, node.node().actor().id(), Instant.now()))
                .isPresent();
        calls.announce(tenant, id, true, CallRecord.RECEPTIONIST, Instant.now());
        return id;
    }

    HttpResponse<String> signIn(String email, String password) throws IOException, InterruptedException {
        return submit("/sign-in", "/sign-in", Map.of("email", email, "password", password));
    }

    Optional<String> cookie(String name) {
        return Optional.ofNullable(cookies.get(name));
    }

    void setCookie(String name, String value) {
        cookies.put(name, value);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send(request(path, headers).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<byte[]> bytes(String path, String... headers) throws IOException, InterruptedException {
        return send(request(path, headers).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /// Gets the page of a form and sends it back, filled in.
    HttpResponse<String> submit(String page, String action, Map<String, String> fields)
            throws IOException, InterruptedException {
        Map<String, String> all = new LinkedHashMap<>(fields);
        Matcher token = CSRF.matcher(get(page).body());
        if (token.find()) {
            all.put("_csrf", token.group(1));
        }
        return post(action, all);
    }

    /// Posts to the API as a script of `page` does: with the form token in a header.
    HttpResponse<String> write(String page, String path, String... headers) throws IOException, InterruptedException {
        Matcher token = CSRF.matcher(get(page).body());
        if (!token.find()) {
            throw new AssertionError("the page has no form token");
        }
        var request = request(path, headers)
                .header("X-CSRF-Token", token.group(1))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, Map<String, String> fields, String... headers)
            throws IOException, InterruptedException {
        String body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        return send(
                request(path, headers)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String... headers) {
        var builder = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(30));
        if (!cookies.isEmpty()) {
            builder.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return builder;
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpResponse<T> response = http.send(request, handler);
        for (String cookie : response.headers().allValues("Set-Cookie")) {
            String[] pair = cookie.split(";", 2)[0].split("=", 2);
            if (pair[1].isEmpty()) {
                cookies.remove(pair[0]);
            } else {
                cookies.put(pair[0], pair[1]);
            }
        }
        return response;
    }
}
