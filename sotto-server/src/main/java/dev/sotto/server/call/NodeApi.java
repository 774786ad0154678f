package dev.sotto.server.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.CallId;
import dev.sotto.core.DeniedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// A node's API, as an operator's tool on the same machine uses it. Thread-safe; blocks, with a timeout.
public final class NodeApi implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final long MAX_ANSWER_BYTES = 8L * 1024 * 1024;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final HttpClient client;
    private final URI base;
    private final SensitiveText token;

    /// @param base where the node's API is, without a path
    /// @param token the node's operator token
    public NodeApi(URI base, SensitiveText token, PeerTrust trust) {
        this.base = base;
        this.token = token;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .sslContext(trust.context())
                .sslParameters(PeerTrust.parameters())
                .build();
    }

    /// A call. Only what this tool shows is read.
    ///
    /// @param turns null if they were not asked for
    record Call(
            String state,
            @Nullable String outcome,
            @Nullable Long lengthMillis,
            int turnCount,
            @Nullable Recording recording,
            @Nullable List<Turn> turns) {
        boolean ended() {
            return state.equals("ended");
        }

        /// Whether nothing of it is still being written.
        boolean settled() {
            return ended() && (recording == null || !recording.state().equals("writing"));
        }
    }

    record Recording(String state, long sealedBytes) {}

    record Turn(int ordinal, String speaker, String kind, long atMillis, long lengthMillis, List<Part> parts) {
        /// Whether the node keeps something back in it.
        boolean hasLabel() {
            return parts.stream().anyMatch(part -> part.label() != null);
        }
    }

    /// Words, or the label of what is protected.
    record Part(@Nullable String text, @Nullable String label) {}

    /// What the audit log says about a call, with proofs.
    ///
    /// @param checkpoint the signed note the proofs lead to
    record Entries(List<Entry> entries, boolean truncated, @Nullable String checkpoint) {}

    record Entry(
            long sequence, String type, String leafHash, @Nullable Long treeSize, @Nullable List<String> path) {}

    Call call(String tenant, CallId id, boolean turns) {
        return get("/api/v1/calls/%s?tenant=%s&turns=%s".formatted(id, tenant, turns), Call.class);
    }

    Entries audit(String tenant, CallId id) {
        return get("/api/v1/calls/%s/audit?tenant=%s".formatted(id, tenant), Entries.class);
    }

    private <T> T get(String path, Class<T> type) {
        try {
            return JSON.readValue(text("GET", path), type);
        } catch (JacksonException malformed) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED, "the node's answer is not what this version knows", malformed);
        }
    }

    /// Asks for `path` and gives the answer's text.
    ///
    /// @throws NotFoundException if the node has no such thing
    /// @throws DeniedException if the token is not the node's
    public String text(String method, String path) {
        URI url = base.resolve(path);
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + token.reveal())
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<String> answer = client.send(
                    request,
                    HttpResponse.BodyHandlers.limiting(
                            HttpResponse.BodyHandlers.ofString(UTF_8), MAX_ANSWER_BYTES));
            return switch (answer.statusCode()) {
                case OK -> answer.body();
                case NOT_FOUND -> throw new NotFoundException(ServerError.NOT_HERE, "the node knows no such call");
                case 401, 403 ->
                    throw new DeniedException(
                            ServerError.NOT_ALLOWED,
                            "the node at %s does not accept this machine's operator token"
                                    .formatted(base.getAuthority()));
                default ->
                    throw new UnavailableException(
                            ServerError.CALL_FAILED,
                            "the node at %s does not answer as it should (%d)"
                                    .formatted(base.getAuthority(), answer.statusCode()));
            };
        } catch (IOException failure) {
            throw PeerFailures.of(failure, url);
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
