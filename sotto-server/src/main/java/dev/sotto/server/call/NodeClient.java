package dev.sotto.server.call;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.LocalAccess;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks the node on this machine, with its operator token and under its own authority. Thread-safe.
public final class NodeClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(30);
    private static final int OK = 200;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final NodeFile node;
    private final LocalAccess access;
    private final HttpClient http;

    private NodeClient(NodeFile node, LocalAccess access) {
        this.node = node;
        this.access = access;
        this.http = Trust.only(access.authorityCertificate());
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

    HttpClient http() {
        return http;
    }

    /// The answer to `GET path`, which must be 200.
    public JsonNode get(String path) {
        try (InputStream body = send(path, TIMEOUT, false)) {
            return JSON.readTree(body);
        } catch (IOException | JacksonException failure) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING, "the node's answer could not be read", failure);
        }
    }

    /// Does `POST path` without a body; the answer must be 200.
    public void post(String path) {
        try (InputStream body = send(path, TIMEOUT, true)) {
            body.transferTo(OutputStream.nullOutputStream());
        } catch (IOException failure) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING, "the node's answer could not be read", failure);
        }
    }

    /// As [#get(String)], for answers that are large or slow. The caller closes it.
    public InputStream open(String path) {
        return send(path, LONG_TIMEOUT, false);
    }

    private InputStream send(String path, Duration timeout, boolean post) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(node.dashboard()).resolve(path))
                .timeout(timeout)
                .header("Authorization", "Bearer " + access.operatorToken().reveal())
                .method(post ? "POST" : "GET", HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != OK) {
                response.body().close();
                throw new UnavailableException(
                        ServerError.NODE_NOT_RUNNING,
                        "the node answered with status %d".formatted(response.statusCode()));
            }
            return response.body();
        } catch (IOException failure) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING,
                    "the node does not answer (%s)".formatted(failure.getClass().getSimpleName()),
                    failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(ServerError.NODE_NOT_RUNNING, "the request was interrupted", interrupted);
        }
    }
}
