package dev.sotto.server.bench;

import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.up.RunningNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A demo node in this process, thrown away after a few requests and a short call: what an AOT cache is trained
/// on.
public final class Training {
    private static final Duration CALL = Duration.ofSeconds(3);

    private Training() {}

    public static void run() throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.make()) {
            NodePlaces places = NodePlaces.below(scratch.folder());
            var options = new RunningNode.Options(
                    places,
                    NodeConfig.defaults().withPort(0),
                    true,
                    new PassphraseSource(Optional.empty()),
                    Optional.empty());
            try (RunningNode node = RunningNode.start(options)) {
                NodeClient client = NodeClient.connect(places);
                browse(node, client.trust().client().build());
                try (Crowd crowd = Crowd.call(places, 1)) {
                    crowd.awaitConnected();
                    Thread.sleep(CALL);
                }
                client.get("/api/v1/audit/verify");
            }
            // A second start takes the ways of a node that has data.
            RunningNode.start(options).close();
        }
    }

    private static void browse(RunningNode node, HttpClient http) throws IOException, InterruptedException {
        for (String path : List.of("/health", "/sign-in", "/assets/sotto.css", "/calls")) {
            http.send(
                    HttpRequest.newBuilder(node.dashboard().resolve(path))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }
}
