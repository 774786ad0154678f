package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.agent.Catalogue;
import dev.sotto.agent.GatedModels;
import dev.sotto.agent.StrictModels;
import dev.sotto.agent.TalkModels;
import dev.sotto.agent.Talking;
import dev.sotto.agent.TextModels;
import dev.sotto.agent.WrapUpModels;
import dev.sotto.audit.AuditLog;
import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.guard.DenialListener;
import dev.sotto.guard.Guard;
import dev.sotto.guard.GuardParts;
import dev.sotto.guard.GuardRules;
import dev.sotto.guard.HashKey;
import dev.sotto.guard.RuleFiles;
import dev.sotto.media.TlsIdentity;
import dev.sotto.model.Health;
import dev.sotto.model.ModelEndpoint;
import dev.sotto.model.Provider;
import dev.sotto.model.RealtimeSettings;
import dev.sotto.model.Synthesizer;
import dev.sotto.model.Transcriber;
import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Pace;
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
import java.util.function.BooleanSupplier;
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
    private static final String VERTICAL = "healthcare";
    /// Nobody waits on the line for what is written after a call.
    private static final Duration WRITING_PATIENCE = Duration.ofSeconds(20);
    private static final Duration DEMO_PATIENCE = Duration.ofSeconds(2);
    /// Realtime providers make speech faster than it is heard.
    private static final Pace REALTIME_PACE = new Pace(4);

    private final Foundation foundation;
    private final Store store;
    private final AuditLog audit;
    private final Meter meter;
    private final Closing closing;
    private final DenialListener onDenial;

    TalkWiring(
            Foundation foundation, Store store, AuditLog audit, Meter meter, Closing closing, DenialListener onDenial) {
        this.onDenial = onDenial;
        this.foundation = foundation;
        this.store = store;
        this.audit = audit;
        this.meter = meter;
        this.closing = closing;
    }

    /// What came of the wiring.
    ///
    /// @param talking what talks with callers; empty if the keypad is all there is
    /// @param guard decides disclosures and reads what callers write, with or without a model
    /// @param writing what writes about calls that ended; empty if rules do
    /// @param scripted whether the answers come from a script
    record Talk(
            Optional<Talking> talking, Guard guard, GuardView view, Optional<WrapUpModels> writing, boolean scripted) {}

    /// Opens what the configuration names.
    ///
    /// @param simulated whether a scripted simulator stands in for a provider
    Talk open(Simulated simulated) {
        if (simulated != Simulated.NO) {
            return simulator(simulated);
        }
        return foundation.config().models().map(this::provider).orElseGet(this::withoutModels);
    }

    /// Visitors of the chat still write, and people are still told of things.
    private Talk withoutModels() {
        NotifyConfig notify = foundation.config().notices();
        boolean configured = notify.policy().isPresent() && notify.register().isPresent();
        GuardRules shipped = GuardRules.shipped();
        Supplier<GuardRules> rules = configured
                ? files(notify.policy().orElseThrow(), notify.register().orElseThrow())
                : () -> shipped;
        GuardView view = configured ? new GuardRulesView(rules, verticals()) : GuardView.none();
        return new Talk(Optional.empty(), guard(rules), view, Optional.empty(), false);
    }

    private Guard guard(Supplier<GuardRules> rules) {
        var key = HashKey.of(foundation.derived("guard hash").reveal().getBytes(UTF_8));
        var parts = GuardParts.of(foundation.actor(), key, "", meter, foundation.clock())
                .withVerticals(verticals())
                .with(onDenial);
        return new Guard(rules, audit, parts);
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
        var endpoints = new Endpoints(open(provider), open(provider));
        TalkModels models = config.realtime()
                .map(realtime -> gated(endpoints.calls(), config, realtime))
                .orElseGet(() -> strict(endpoints.calls(), config));
        return talk(
                rules,
                endpoints,
                models,
                Optional.of(config.chat()).filter(name -> !name.isEmpty()),
                config.patience());
    }

    private static TalkModels strict(ModelEndpoint endpoint, ModelConfig config) {
        Transcriber transcriber = endpoint.transcriber(config.transcription(), config.language());
        return strict(
                endpoint,
                config.chat(),
                _ -> transcriber,
                endpoint.synthesizer(config.speech(), config.voice()),
                config.patience());
    }

    private static TalkModels strict(
            ModelEndpoint endpoint,
            String chat,
            Function<CallId, Transcriber> transcriber,
            Synthesizer synthesizer,
            Duration patience) {
        String destination = endpoint.destination();
        return new StrictModels(
                transcriber,
                destination,
                endpoint.languageModel(chat, MAX_TOKENS),
                destination,
                synthesizer,
                destination,
                usable(endpoint),
                patience);
    }

    private static TalkModels gated(ModelEndpoint endpoint, ModelConfig config, RealtimeConfig realtime) {
        var settings = realtime.settings(config.voice(), config.transcription(), config.language());
        return gated(endpoint, settings, config.patience(), realtime.hold());
    }

    private static TalkModels gated(
            ModelEndpoint endpoint, RealtimeSettings settings, Duration patience, Duration hold) {
        return new GatedModels(
                (request, passage) -> endpoint.realtime(settings, request, passage),
                endpoint.destination(),
                settings.format() == RealtimeSettings.Format.PCM_24K,
                usable(endpoint),
                patience,
                hold);
    }

    private static BooleanSupplier usable(ModelEndpoint endpoint) {
        return () -> endpoint.health() != Health.RESTING;
    }

    private Supplier<GuardRules> files(Path policy, Path register) {
        return closing.add(
                RuleFiles.open(policy, register, audit, foundation.actor()).watch(RULES_LOOK));
    }

    private Talk simulator(Simulated mode) {
        var token = foundation.derived("model simulator");
        TlsIdentity identity = foundation.loopbackIdentity("Sotto model simulator");
        var config = SimulatorConfig.demo(token, new ServerIdentity(identity.key(), identity.chain()))
                .withScenes(List.of(Scene.shipped(SCENE)))
                .withPace(mode == Simulated.GATED ? REALTIME_PACE : Pace.REAL_TIME);
        ModelSimulator simulator = closing.add(ModelSimulator.start(config));
        URI base = simulator.baseUri();
        Provider provider = Provider.of(SIMULATOR, base, token)
                .trustAnchors(foundation.state().authorityCertificate());
        var endpoints = new Endpoints(open(provider), open(provider));
        ModelEndpoint endpoint = endpoints.calls();
        GuardRules rules = GuardRules.shipped();
        TalkModels models = mode == Simulated.GATED
                ? gated(
                        endpoint,
                        RealtimeSettings.conversation(SIMULATOR + "/" + SCENE, SIMULATOR, SIMULATOR, ENGLISH),
                        DEMO_PATIENCE,
                        RealtimeConfig.HOLD)
                : strict(
                        endpoint,
                        SIMULATOR + "/" + SCENE,
                        call -> endpoint.transcriber(SIMULATOR, ENGLISH, call.toString()),
                        endpoint.synthesizer(SIMULATOR, SIMULATOR),
                        DEMO_PATIENCE);
        return talk(() -> rules, endpoints, models, Optional.of(SIMULATOR + "/" + SCENE), DEMO_PATIENCE);
    }

    private ModelEndpoint open(Provider provider) {
        return closing.add(ModelEndpoint.open(provider, meter));
    }

    /// A provider twice, so that the work after calls has connections and a circuit breaker of its own.
    private record Endpoints(ModelEndpoint calls, ModelEndpoint after) {}

    /// @param chat the language model that writes; empty if there is none beside the one that speaks
    private Talk talk(
            Supplier<GuardRules> rules,
            Endpoints endpoints,
            TalkModels models,
            Optional<String> chat,
            Duration patience) {
        var guard = guard(rules);
        String destination = endpoints.calls().destination();
        Optional<TextModels> text = chat.map(name -> new TextModels(
                endpoints.calls().languageModel(name, MAX_TOKENS), destination, usable(endpoints.calls()), patience));
        Optional<WrapUpModels> writing = chat.map(name -> new WrapUpModels(
                guard,
                endpoints.after().languageModel(name, MAX_TOKENS),
                destination,
                name,
                usable(endpoints.after()),
                WRITING_PATIENCE));
        return new Talk(
                Optional.of(new Talking(guard, models, text, catalogue())),
                guard,
                new GuardRulesView(rules, verticals()),
                writing,
                destination.equals(SIMULATOR));
    }

    private Catalogue catalogue() {
        CatalogueConfig config = foundation.config().catalogue();
        Catalogue catalogue = config.file()
                .map(file -> Catalogue.file(file, audit, foundation.actor(), meter))
                .orElseGet(() -> Catalogue.shipped(VERTICAL, audit, foundation.actor(), meter));
        return closing.add(catalogue.watch(config.check()));
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
