package dev.sotto.server.up;

import dev.sotto.server.call.PeerTrust;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.NodeServices;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.store.AttemptLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// One demo node for all tests that ask for it as a parameter; stopped when the last test is done.
public final class SharedNode implements ParameterResolver {
    /// The node and how to reach it.
    public static final class Running implements AutoCloseable {
        private final Path folder;
        private final NodePlaces places;
        private final RunningNode node;

        private Running() {
            try {
                folder = Files.createTempDirectory("sotto-it-");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            places = NodePlaces.below(folder);
            node = start(places);
        }

        public NodePlaces places() {
            return places;
        }

        public RunningNode node() {
            return node;
        }

        public NodeServices services() {
            return node.core().services();
        }

        /// Believes the node's authority, follows no redirects and keeps no cookies.
        public HttpClient http() {
            return PeerTrust.withAuthority(places.state().authorityCertificate())
                    .client()
                    .build();
        }

        public String operatorToken() throws IOException {
            return Files.readString(places.state().root().resolve("operator-token"))
                    .strip();
        }

        @Override
        public void close() throws IOException {
            node.close();
            delete(folder);
        }
    }

    /// A demo node that allows many identity attempts.
    public static RunningNode start(NodePlaces places) {
        return RunningNode.start(new RunningNode.Options(
                places,
                NodeConfig.defaults().withPort(0),
                true,
                new PassphraseSource(Optional.empty()),
                Optional.of(new AttemptLimits(3, 1_000, 1_000, 1_000))));
    }

    public static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Running.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Running.class, _ -> new Running(), Running.class);
    }
}
