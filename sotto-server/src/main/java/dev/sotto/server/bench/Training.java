package dev.sotto.server.bench;

import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.node.Simulated;
import dev.sotto.server.up.RunningNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A demo node in this process, thrown away after a few requests and calls: what an AOT cache is trained
/// on.
public final class Training {
    private static final Duration CALL = Duration.ofSeconds(3);
    private static final Duration TALK = Duration.ofSeconds(20);
    private static final int TALKERS = 2;

    private Training() {}

    public static void run() throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.make()) {
            NodePlaces places = NodePlaces.below(scratch.folder());
            try (RunningNode node = start(places, Simulated.NO)) {
                NodeClient client = NodeClient.connect(places);
                browse(node, client.trust().client().build());
                try (Crowd crowd = Crowd.call(places, 1)) {
                    crowd.awaitConnected();
                    Thread.sleep(CALL);
                }
                client.get("/api/v1/audit/verify");
            }
            // A second start takes the ways of a node that has data.
            talk(places, Simulated.STRICT);
            talk(places, Simulated.GATED);
        }
    }

    /// Conversations with the scripted model, so that a node's first callers find its way of a turn compiled early.
    private static void talk(NodePlaces places, Simulated how) throws IOException, InterruptedException {
        try (RunningNode _ = start(places, how)) {
            var target = new LocalTarget(places).resolve(Optional.empty(), Optional.empty(), Optional.empty());
            new Party(target, TALKERS).inTurns(TALK);
        }
    }

    private static RunningNode start(NodePlaces places, Simulated simulated) throws IOException, InterruptedException {
        return RunningNode.start(new RunningNode.Options(
                places,
                NodeConfig.defaults().withPort(0),
                true,
                new PassphraseSource(Optional.empty()),
                Optional.empty(),
                simulated));
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
