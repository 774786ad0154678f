package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.agent.StrictModels;
import dev.sotto.agent.Talking;
import dev.sotto.agent.Vertical;
import dev.sotto.audit.AuditLog;
import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.guard.Guard;
import dev.sotto.guard.GuardParts;
import dev.sotto.guard.GuardRules;
import dev.sotto.guard.HashKey;
import dev.sotto.guard.RuleFiles;
import dev.sotto.media.TlsIdentity;
import dev.sotto.model.Health;
import dev.sotto.model.ModelEndpoint;
import dev.sotto.model.Provider;
import dev.sotto.model.Transcriber;
import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Scene;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.SimulatorConfig;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts guard and models together: the provider of the configuration, or the simulator of a demo.
final class TalkWiring {
    private static final Logger LOG = LoggerFactory.getLogger(TalkWiring.class);
    private static final Duration RULES_LOOK = Duration.ofSeconds(2);
    private static final int MAX_TOKENS = 600;
    private static final String SIMULATOR = "simulator";
    private static final String SCENE = "healthcare-conversation";
    private static final String ENGLISH = "en";
    private static final Duration DEMO_PATIENCE = Duration.ofSeconds(2);

    private final Foundation foundation;
    private final Store store;
    private final AuditLog audit;
    private final Meter meter;
    private final Closing closing;

    TalkWiring(Foundation foundation, Store store, AuditLog audit, Meter meter, Closing closing) {
        this.foundation = foundation;
        this.store = store;
        this.audit = audit;
        this.meter = meter;
        this.closing = closing;
    }

    /// What came of the wiring.
    ///
    /// @param talking what talks with callers; empty if the keypad is all there is
    /// @param guard reads what callers write, with or without a model
    /// @param scripted whether the answers come from a script
    record Talk(Optional<Talking> talking, Guard guard, GuardView view, boolean scripted) {}

    /// Opens what the configuration names.
    ///
    /// @param simulated whether a scripted simulator stands in for a provider
    Talk open(boolean simulated) {
        if (simulated) {
            return simulator();
        }
        return foundation.config().models().map(this::provider).orElseGet(() -> {
            GuardRules rules = GuardRules.shipped();
            return new Talk(Optional.empty(), guard(() -> rules), GuardView.none(), false);
        });
    }

    private Talk provider(ModelConfig config) {
        Supplier<GuardRules> rules = config.policy()
                .flatMap(policy -> config.register().map(register -> files(policy, register)))
                .orElseGet(() -> GuardRules::shipped);
        SensitiveText key = config.keySecret()
                .map(name -> Secrets.read(foundation.state(), name))
                .orElseGet(() -> SensitiveText.of(""));
        if (config.insecureLoopback()) {
            LOG.atWarn()
                    .addKeyValue("event", "server.model.insecure_loopback")
                    .log("insecure: the model on this machine is asked over plain http");
        }
        Provider provider = config.insecureLoopback()
                ? Provider.insecureLoopback(config.destination(), config.base())
                : Provider.of(config.destination(), config.base(), key);
        if (config.apiKeyHeader()) {
            provider = provider.keyHeader(Provider.KeyHeader.API_KEY);
        }
        if (config.trustAnchors().isPresent()) {
            provider = provider.trustAnchors(config.trustAnchors().get());
        }
        ModelEndpoint endpoint = closing.add(ModelEndpoint.open(provider, meter));
        Transcriber transcriber = endpoint.transcriber(config.transcription(), config.language());
        return talk(
                rules,
                endpoint,
                config.chat(),
                _ -> transcriber,
                new Spoken(config.speech(), config.voice()),
                config.patience());
    }

    private Supplier<GuardRules> files(Path policy, Path register) {
        return closing.add(
                RuleFiles.open(policy, register, audit, foundation.actor()).watch(RULES_LOOK));
    }

    private Talk simulator() {
        var token = foundation.derived("model simulator");
        TlsIdentity identity = foundation.loopbackIdentity("Sotto model simulator");
        var config = SimulatorConfig.demo(token, new ServerIdentity(identity.key(), identity.chain()))
                .withScenes(List.of(Scene.shipped(SCENE)));
        ModelSimulator simulator = closing.add(ModelSimulator.start(config));
        URI base = simulator.baseUri();
        ModelEndpoint endpoint = closing.add(ModelEndpoint.open(
                Provider.of(SIMULATOR, base, token)
                        .trustAnchors(foundation.state().authorityCertificate()),
                meter));
        GuardRules rules = GuardRules.shipped();
        return talk(
                () -> rules,
                endpoint,
                SIMULATOR + "/" + SCENE,
                call -> endpoint.transcriber(SIMULATOR, ENGLISH, call.toString()),
                new Spoken(SIMULATOR, SIMULATOR),
                DEMO_PATIENCE);
    }

    /// What the synthesizer is asked for.
    private record Spoken(String model, String voice) {}

    private Talk talk(
            Supplier<GuardRules> rules,
            ModelEndpoint endpoint,
            String chat,
            Function<CallId, Transcriber> transcriber,
            Spoken spoken,
            Duration patience) {
        var guard = guard(rules);
        String destination = endpoint.destination();
        var models = new StrictModels(
                transcriber,
                destination,
                endpoint.languageModel(chat, MAX_TOKENS),
                destination,
                endpoint.synthesizer(spoken.model(), spoken.voice()),
                destination,
                () -> endpoint.health() != Health.RESTING,
                patience);
        return new Talk(
                Optional.of(new Talking(guard, models, Vertical.shipped("healthcare"))),
                guard,
                new GuardRulesView(rules, verticals()),
                destination.equals(SIMULATOR));
    }

    private Guard guard(Supplier<GuardRules> rules) {
        var key = HashKey.of(foundation.derived("guard hash").reveal().getBytes(UTF_8));
        var parts = GuardParts.of(foundation.actor(), key, "", meter, foundation.clock())
                .withVerticals(verticals());
        return new Guard(rules, audit, parts);
    }

    /// The vertical of each tenant as of the start; one that came later has none, so that nothing is allowed for it.
    private Function<TenantId, String> verticals() {
        List<Tenant> tenants = store.tenants().all();
        Map<TenantId, String> verticals = new HashMap<>();
        tenants.forEach(tenant -> verticals.put(tenant.id(), tenant.vertical()));
        Map<TenantId, String> known = Map.copyOf(verticals);
        return tenant -> known.getOrDefault(tenant, "");
    }
}
