package dev.sotto.server.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.LocalAccess;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks the node on this machine, with its operator token and under its own authority. Thread-safe; blocks,
/// with a timeout.
public final class NodeClient {
    private static final Pattern CODE = Pattern.compile("[a-z0-9_]{1,64}");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(30);
    private static final long MAX_ANSWER_BYTES = 16L * 1024 * 1024;
    private static final int OK = 200;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final NodeFile node;
    private final LocalAccess access;
    private final PeerTrust trust;
    private final HttpClient http;

    private NodeClient(NodeFile node, LocalAccess access) {
        this.node = node;
        this.access = access;
        this.trust = PeerTrust.withAuthority(access.authorityCertificate());
        this.http = trust.client().build();
    }

    /// The node that runs there.
    ///
    /// @throws UnavailableException if none does
    public static NodeClient connect(NodePlaces places) {
        NodeFile running = NodeFile.running(places)
                .orElseThrow(() -> new UnavailableException(
                        ServerError.NODE_NOT_RUNNING,
                        "no node runs on %s\nhint: start one with ./sotto up --demo"
                                .formatted(places.data().root())));
        return new NodeClient(running, LocalAccess.of(places));
    }

    public NodeFile node() {
        return node;
    }

    public LocalAccess access() {
        return access;
    }

    /// Whom this client believes.
    public PeerTrust trust() {
        return trust;
    }

    /// The answer to `GET path`, which must be 200.
    public JsonNode get(String path) {
        return get(path, JsonNode.class);
    }

    <T> T get(String path, Class<T> type) {
        return read(
                send("GET", path, TIMEOUT, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES)), type);
    }

    /// As [#get(String)], for answers that are not JSON.
    public String text(String path) {
        return send("GET", path, TIMEOUT, BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), MAX_ANSWER_BYTES));
    }

    /// Does `POST path` without a body; the answer must be 200.
    public JsonNode post(String path) {
        return read(
                send("POST", path, TIMEOUT, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES)),
                JsonNode.class);
    }

    /// As [#get(String)], for answers that are large or slow. The caller closes it.
    public InputStream open(String path) {
        return send("GET", path, LONG_TIMEOUT, BodyHandlers.ofInputStream());
    }

    /// Does `POST path` with the bytes of a file, for answers that are large or slow. The caller closes it.
    ///
    /// @throws UnavailableException if the file cannot be read
    public InputStream exchange(String path, Path file) {
        try {
            return send(
                    "POST", path, LONG_TIMEOUT, HttpRequest.BodyPublishers.ofFile(file), BodyHandlers.ofInputStream());
        } catch (FileNotFoundException unreadable) {
            throw new UnavailableException(
                    ServerError.FILE_UNUSABLE, "the file (%s) cannot be read".formatted(file), unreadable);
        }
    }

    /// Does `POST path` without a body, for answers that are large or slow. The caller closes it.
    public InputStream take(String path) {
        return send("POST", path, LONG_TIMEOUT, BodyHandlers.ofInputStream());
    }

    private static <T> T read(byte[] json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JacksonException malformed) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING, "the node's answer is not what this version knows", malformed);
        }
    }

    private <B> B send(String method, String path, Duration timeout, BodyHandler<B> body) {
        return send(method, path, timeout, HttpRequest.BodyPublishers.noBody(), body);
    }

    private <B> B send(String method, String path, Duration timeout, BodyPublisher sent, BodyHandler<B> body) {
        URI url = URI.create(node.dashboard()).resolve(path);
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Authorization", "Bearer " + access.operatorToken().reveal())
                .method(method, sent)
                .build();
        try {
            // The body of a refusal is not read: its code is in a header.
            HttpResponse<B> answer = http.send(request, told -> {
                if (told.statusCode() != OK) {
                    throw refused(told.statusCode(), told.headers().firstValue("Sotto-Code"));
                }
                return body.apply(told);
            });
            return answer.body();
        } catch (IOException failure) {
            throw failure.getCause() instanceof SottoException refused ? refused : PeerFailures.of(failure, url);
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
    }

    private static SottoException refused(int status, Optional<String> told) {
        String code = told.filter(text -> CODE.matcher(text).matches()).orElse("unknown");
        return switch (status) {
            case 401, 403 ->
                new DeniedException(ServerError.NOT_ALLOWED, "the node does not accept this machine's operator token");
            case 400 ->
                new RejectedException(ServerError.ARGUMENT_INVALID, "the node refused the request as it was given");
            case 409 ->
                new ConflictException(
                        ServerError.NOT_ALLOWED,
                        "the node refused: what was asked for does not fit how things are now");
            case 500 -> new IntegrityException(ServerError.FILE_UNUSABLE, failed(code));
            case 404 -> new NotFoundException(ServerError.NOT_HERE, "the node knows no such thing");
            default -> new UnavailableException(ServerError.NODE_NOT_RUNNING, unavailable(status, code));
        };
    }

    /// What did not open has one failure for every cause, here as everywhere: it says nothing of which.
    private static String failed(String code) {
        return switch (code) {
            case "sealed_data_invalid" ->
                "it did not open: it was altered, or sealed for another tenant, class or name\nhint: give --tenant, --class and --name as when it was sealed";
            case "bug", "unknown" -> "the node has a fault\nhint: its log says which";
            default -> "what the node has is damaged (%s)\nhint: its log says more".formatted(code);
        };
    }

    private static String unavailable(int status, String code) {
        return switch (code) {
            case "key_revoked" -> "a key that is needed is revoked\nhint: keys list shows which";
            case "too_many" -> "the node is busy with another request of this kind\nhint: try again";
            default -> "the node answered with status %d (%s)".formatted(status, code);
        };
    }
}
