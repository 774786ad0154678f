package dev.sotto.server.node;

import dev.sotto.agent.ChatConfig;
import dev.sotto.agent.ReceptionConfig;
import dev.sotto.agent.ReceptionDesk;
import dev.sotto.agent.Talking;
import dev.sotto.agent.WrapUpConfig;
import dev.sotto.agent.WrapUpDesk;
import dev.sotto.audit.AuditLog;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.CryptoModule;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.media.EdgeLimits;
import dev.sotto.media.TlsIdentity;
import dev.sotto.media.TwilioEdge;
import dev.sotto.media.TwilioEdgeConfig;
import dev.sotto.store.AttemptLimits;
import dev.sotto.store.PostgresNode;
import dev.sotto.store.Recovered;
import dev.sotto.store.Role;
import dev.sotto.store.Store;
import dev.sotto.store.StoreConfig;
import dev.sotto.store.Tenant;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything of a node but its web listener, started in the only order that is safe: database, keys, audit log,
/// business rows, recovery, and calls last. Thread-safe once started.
public final class NodeCore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCore.class);

    private final Closing closing;
    private final NodeServices services;
    private final PostgresNode database;
    private final URI mediaUrl;
    private final boolean chats;
    private final Optional<DemoTenant> demo;
    private final List<Recovered> recovered;
    private final Optional<Talking> talking;

    private NodeCore(Foundation foundation, Meter meter, Extras extras, Closing closing) {
        this.closing = closing;
        Vault vault = closing.add(Vault.open(foundation, meter));
        database = vault.database();
        AuditLog audit = vault.audit();
        CryptoModule crypto = CryptoProvider.install();
        audit.append(AuditEvent.of("node.started", foundation.actor())
                .detail("provider", crypto.provider() + " " + crypto.version())
                .build());

        Store store = closing.add(Store.open(
                new StoreConfig(foundation.data().objects(), foundation.data().nodeId()),
                database.dataSource(Role.APP),
                vault.keys(),
                audit,
                foundation.clock(),
                new IdSource(foundation.clock(), foundation.random()),
                meter));
        var notify = closing.add(new NotifyWiring(foundation, store, meter));
        vault.keys().watch(notify.onKeyAnomaly());
        closing.add(KeyKeeper.start(
                vault.keys(),
                new Resealing(vault.keys(), store, notify.onKeyAnomaly(), foundation.clock(), meter),
                new Reindexing(vault.keys(), store, meter),
                foundation.actor(),
                meter));
        recovered = store.recordings().recoverAll(foundation.data().nodeId());
        demo = foundation.data().isDemo() ? Optional.of(DemoTenant.provide(foundation, store)) : Optional.empty();
        if (demo.isEmpty()) {
            foundation.config().tenant().ifPresent(first -> FirstTenant.provide(first, store, foundation));
        }
        NodeConfig.Listener media = foundation.config().media();
        int port = Addresses.portOrFree(media);
        mediaUrl = Addresses.publicUrl(media, port);
        TalkWiring.Talk talk =
                new TalkWiring(foundation, store, audit, meter, closing, notify.onDenial()).open(extras.simulated());
        closing.add(WrapUpDesk.open(
                WrapUpConfig.of(
                        foundation.data().nodeId(),
                        foundation.config().afterCall().summary(),
                        foundation.config().afterCall().analytics()),
                store,
                talk.writing(),
                foundation.clock(),
                foundation.random(),
                meter));
        talking = talk.talking();
        notify.start(talk.guard(), extras.simulated() != Simulated.NO, closing);
        Optional<ChatConfig> chat = chats(foundation, store);
        chats = chat.isPresent();
        TwilioEdge edge = closing.add(openEdge(foundation, store, audit, meter, extras.attempts(), talk, chat, port));
        services = new NodeServices(
                foundation.actor(),
                store,
                audit,
                vault.keys(),
                edge,
                vault.trustedKeys(),
                database.dataSource(Role.READER),
                Vault.checkpoints(foundation),
                talk.view());
    }

    /// What is no setting.
    ///
    /// @param attempts how many identity attempts are allowed, where not the default
    /// @param simulated whether a scripted simulator talks with callers
    public record Extras(Optional<AttemptLimits> attempts, Simulated simulated) {}

    /// Starts everything; when this returns, calls are taken.
    public static NodeCore start(Foundation foundation, Meter meter, Extras extras) {
        var closing = new Closing();
        try {
            return new NodeCore(foundation, meter, extras, closing);
        } catch (RuntimeException failure) {
            closing.close();
            throw failure;
        }
    }

    private TwilioEdge openEdge(
            Foundation foundation,
            Store store,
            AuditLog audit,
            Meter meter,
            Optional<AttemptLimits> attempts,
            TalkWiring.Talk talk,
            Optional<ChatConfig> chat,
            int port) {
        NodeConfig config = foundation.config();
        Map<String, SensitiveText> accounts = new LinkedHashMap<>();
        demo.ifPresent(tenant -> accounts.put(tenant.accountSid(), tenant.authToken()));
        config.twilio()
                .ifPresent(account ->
                        accounts.put(account.accountSid(), Secrets.read(foundation.state(), account.secretName())));
        var defaults = ReceptionConfig.defaults(foundation.data().nodeId(), accounts);
        var reception = new ReceptionConfig(
                defaults.nodeId(),
                defaults.accounts(),
                config.calls().limit(),
                defaults.tokenLife(),
                attempts.orElse(demo.isPresent() ? DemoTenant.ATTEMPTS : defaults.attempts()),
                defaults.times(),
                defaults.limits(),
                defaults.refusalsAudited());
        ReceptionDesk desk = closing.add(ReceptionDesk.open(
                reception, store, audit, foundation.clock(), foundation.random(), meter, talk.talking()));
        if (config.text().relay()) {
            desk.relayed(talk.guard());
        }
        TlsIdentity identity = foundation.identityFor(config.media(), "Sotto media");
        return TwilioEdge.start(
                new TwilioEdgeConfig(
                        config.media().address(),
                        port,
                        mediaUrl,
                        identity,
                        config.calls().lead(),
                        EdgeLimits.defaults()),
                desk,
                chat.map(any -> desk.chats(any.scripted(talk.scripted()), talk.guard())),
                meter);
    }

    /// Where there is one business, and its page is to be served.
    private Optional<ChatConfig> chats(Foundation foundation, Store store) {
        TextEdges text = foundation.config().text();
        if (!text.served(demo.isPresent())) {
            return Optional.empty();
        }
        Optional<TenantId> tenant = demo.map(DemoTenant::tenant)
                .or(() -> foundation
                        .config()
                        .tenant()
                        .flatMap(first -> store.tenants().byInboundNumber(first.inboundNumber()))
                        .map(Tenant::id));
        if (tenant.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("event", "server.chat.nobody")
                    .log("chat is on, but tenant.inbound-number names no business: the page is not served");
        }
        return tenant.map(whose -> new ChatConfig(
                whose, false, text.maxChats(), text.maxChatsPerAddress(), text.resume(), text.idle(), text.longest()));
    }

    public NodeServices services() {
        return services;
    }

    /// Whether visitors can write to this node.
    public boolean chats() {
        return chats;
    }

    /// What carriers call the media listener.
    public URI mediaUrl() {
        return mediaUrl;
    }

    public Optional<DemoTenant> demo() {
        return demo;
    }

    /// What recovery found at this start.
    public List<Recovered> recovered() {
        return recovered;
    }

    /// What works now, by part.
    public Map<String, Boolean> health() {
        boolean alive = database.alive();
        return Map.of(
                "database",
                alive,
                "audit",
                alive && works(this::auditAnswers),
                "keys",
                alive && works(this::keysAnswer));
    }

    /// What does not work now although calls are taken without it.
    public Set<String> degraded() {
        return talking.filter(models -> !models.catalogue().isUsable())
                .map(_ -> Set.of("tool-catalogue"))
                .orElseGet(Set::of);
    }

    private boolean auditAnswers() {
        services.audit().latestCheckpoint();
        return true;
    }

    private boolean keysAnswer() {
        CryptoProvider.check();
        return !services.keys().list(Optional.of(TenantId.OPERATOR)).isEmpty();
    }

    private static boolean works(BooleanSupplier probe) {
        try {
            return probe.getAsBoolean();
        } catch (SottoException failure) {
            LOG.atWarn()
                    .addKeyValue("event", "server.health.failed")
                    .addKeyValue("code", failure.code().name())
                    .log("a part of the node does not answer");
            return false;
        }
    }

    /// Stops taking calls, ends those that run, and closes the rest in order. The log's last entry says so.
    @Override
    public void close() {
        try {
            services.audit()
                    .append(AuditEvent.of("node.stopping", services.actor()).build());
        } catch (SottoException failure) {
            LOG.atWarn()
                    .addKeyValue("event", "server.stop.unaudited")
                    .addKeyValue("code", failure.code().name())
                    .log("the audit log did not take the node's stop");
        }
        closing.close();
    }
}
