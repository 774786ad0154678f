package dev.sotto.server.up;

import dev.sotto.core.ActorId;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.Closing;
import dev.sotto.server.node.Foundation;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeCore;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.NodeServices;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.node.Presence;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.Simulated;
import dev.sotto.server.web.MicrometerMeter;
import dev.sotto.server.web.SetupLink;
import dev.sotto.server.web.WebParts;
import dev.sotto.server.web.WebServer;
import dev.sotto.store.AttemptLimits;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// A node that is up: its core and its web listener. Thread-safe.
public final class RunningNode implements AutoCloseable {
    private final Foundation foundation;
    private final NodeCore core;
    private final URI dashboard;
    private final Closing closing;
    private final Optional<SetupLink> setupLink;
    private final Simulated simulated;

    private RunningNode(
            Foundation foundation,
            NodeCore core,
            URI dashboard,
            Closing closing,
            Optional<SetupLink> setupLink,
            Simulated simulated) {
        this.foundation = foundation;
        this.core = core;
        this.dashboard = dashboard;
        this.closing = closing;
        this.setupLink = setupLink;
        this.simulated = simulated;
    }

    /// How to start.
    ///
    /// @param attempts how many identity attempts are allowed, where not the default
    /// @param simulated whether a scripted simulator talks with callers
    public record Options(
            NodePlaces places,
            NodeConfig config,
            boolean demo,
            PassphraseSource passphrase,
            Optional<AttemptLimits> attempts,
            Simulated simulated) {
        /// A node on which the keypad is all there is, unless the configuration names a model.
        public Options(
                NodePlaces places,
                NodeConfig config,
                boolean demo,
                PassphraseSource passphrase,
                Optional<AttemptLimits> attempts) {
            this(places, config, demo, passphrase, attempts, Simulated.NO);
        }
    }

    /// Starts a node; when this returns it is ready. What was started is closed again if a part fails.
    public static RunningNode start(Options options) {
        var closing = new Closing();
        try {
            return start(options, closing);
        } catch (RuntimeException failure) {
            closing.close();
            throw failure;
        }
    }

    private static RunningNode start(Options options, Closing closing) {
        Clock clock = Clock.systemUTC();
        var meter = closing.add(new MicrometerMeter());
        Foundation foundation = closing.add(Foundation.create(
                options.places(), options.config(), options.demo(), options.passphrase(), clock, meter));
        var gate = new Gate();
        // The database takes about as long to start as the web layer: side by side, each has a core.
        var core = new FutureTask<>(
                () -> NodeCore.start(foundation, meter, new NodeCore.Extras(options.attempts(), options.simulated())));
        Thread.ofPlatform().name("sotto-core-start").start(core);
        var presence = closing.add(Presence.claim(foundation));
        WebServer web;
        try {
            web = WebServer.start(new WebParts(
                    options.config().server(),
                    options.config().sessions(),
                    foundation.identityFor(options.config().server(), "Sotto"),
                    gate,
                    presence.operatorToken(),
                    meter,
                    clock,
                    foundation.random()));
        } catch (RuntimeException failure) {
            closeWhenStarted(core, closing);
            throw failure;
        }
        NodeCore started;
        try {
            started = closing.add(await(core));
        } finally {
            closing.add(web); // closed first: nothing new comes in while the rest ends
        }
        gate.open(started);
        closing.add(gate::close);
        URI dashboard = presence.publish(web.port(), started);
        var link = SetupLink.offer(started.services(), dashboard, clock, foundation.random());
        return new RunningNode(foundation, started, dashboard, closing, link, options.simulated());
    }

    /// Whether a scripted simulator talks with callers.
    public boolean simulated() {
        return simulated != Simulated.NO;
    }

    private static void closeWhenStarted(FutureTask<NodeCore> core, Closing closing) {
        try {
            closing.add(await(core));
        } catch (RuntimeException _) {
            // it failed too and closed what it had; the first failure is the one to tell
        }
    }

    private static NodeCore await(FutureTask<NodeCore> core) {
        try {
            return core.get();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(ServerError.NODE_NOT_READY, "the start was interrupted", interrupted);
        }
    }

    public Foundation foundation() {
        return foundation;
    }

    public NodeCore core() {
        return core;
    }

    /// What browsers call the dashboard.
    public URI dashboard() {
        return dashboard;
    }

    /// How the first administrator is made, while there is none.
    public Optional<SetupLink> setupLink() {
        return setupLink;
    }

    public ActorId actor() {
        return foundation.actor();
    }

    /// Stops: first what takes requests and calls, last the database and the keys.
    @Override
    public void close() {
        closing.close();
    }

    /// Opens once everything is there.
    private static final class Gate implements NodeGate {
        private volatile @Nullable NodeCore core;

        void open(NodeCore started) {
            core = started;
        }

        void close() {
            core = null;
        }

        @Override
        public NodeServices services() {
            NodeCore started = core;
            if (started == null) {
                throw new UnavailableException(ServerError.NODE_NOT_READY, "the node is not ready");
            }
            return started.services();
        }

        @Override
        public Map<String, Boolean> health() {
            NodeCore started = core;
            return started == null ? Map.of("node", false) : started.health();
        }

        @Override
        public Set<String> degraded() {
            NodeCore started = core;
            return started == null ? Set.of() : started.degraded();
        }
    }
}
