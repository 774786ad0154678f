package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.EgressDoor;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.guard.DenialListener;
import dev.sotto.guard.Guard;
import dev.sotto.keys.KeyWatcher;
import dev.sotto.media.TlsIdentity;
import dev.sotto.notify.Alert;
import dev.sotto.notify.AlertBox;
import dev.sotto.notify.Channel;
import dev.sotto.notify.Dispatcher;
import dev.sotto.notify.DispatcherParts;
import dev.sotto.notify.Endpoint;
import dev.sotto.notify.RetryPlan;
import dev.sotto.notify.WebhookSecret;
import dev.sotto.simulator.MailSimulator;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.WebhookSimulator;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Notices;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts together who is told of what. Endpoints of the configuration are told of its own business and of no other.
final class NotifyWiring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NotifyWiring.class);
    private static final Set<String> OWN_PURPOSES = Arrays.stream(Endpoint.Purpose.values())
            .map(Endpoint.Purpose::code)
            .collect(Collectors.toUnmodifiableSet());

    private final Foundation foundation;
    private final Store store;
    private final Meter meter;
    private final AlertBox alerts;
    private volatile Optional<TenantId> told;

    NotifyWiring(Foundation foundation, Store store, Meter meter) {
        this.foundation = foundation;
        this.store = store;
        this.meter = meter;
        alerts = AlertBox.start(store.notices(), foundation.config().notices().window(), meter, foundation.clock());
        // Recovery comes before the first business is made: what it finds is told too.
        Optional<Tenant> business = business();
        told = business.map(Tenant::id);
        business.ifPresent(tenant -> tell(configured(tenant.id()), () -> {}));
    }

    /// Makes alerts of denials. Those of alerts and webhooks themselves are seen where the delivery stands; told, they
    /// would go round and round.
    DenialListener onDenial() {
        return denial -> {
            if (!OWN_PURPOSES.contains(denial.purpose())) {
                alerts.raise(new Alert(
                        denial.tenant(),
                        NoticeType.DISCLOSURE_DENIED,
                        denial.call(),
                        Map.of(
                                "rule", denial.rule(),
                                "destination", denial.destination(),
                                "data_class", denial.dataClass().code(),
                                "purpose", denial.purpose()),
                        denial.at()));
            }
        };
    }

    /// Makes alerts of unusual uses of keys. One that is about no tenant's keys is told to the business of this node.
    KeyWatcher onKeyAnomaly() {
        return anomaly -> anomaly.tenant()
                .filter(tenant -> !tenant.equals(TenantId.OPERATOR))
                .or(() -> told)
                .ifPresent(tenant -> alerts.raise(new Alert(
                        tenant,
                        NoticeType.KEY_ANOMALY,
                        Optional.empty(),
                        Map.of("reason", anomaly.kind().code()),
                        anomaly.at())));
    }

    /// Starts to send.
    ///
    /// @param simulated whether simulators inside this node are told, if the configuration names nobody
    /// @param closing closes what is started
    void start(EgressDoor door, boolean simulated, Closing closing) {
        NotifyConfig config = foundation.config().notices();
        told = business().map(Tenant::id); // the first start made it since
        List<Endpoint> endpoints = List.of();
        if (config.tellsSomebody()) {
            TenantId tenant = business()
                    .orElseThrow(() -> new RejectedException(
                            ServerError.CONFIG_INVALID,
                            "alert.* and webhook.* are for the business of tenant.inbound-number, which is not given or"
                                    + " not known"))
                    .id();
            endpoints = configured(tenant);
        } else if (simulated && foundation.data().isDemo()) {
            endpoints =
                    business().map(tenant -> simulated(tenant.id(), closing)).orElse(List.of());
        }
        Dispatcher dispatcher = closing.add(Dispatcher.start(
                store,
                endpoints,
                door,
                new DispatcherParts(
                        foundation.data().nodeId(),
                        RetryPlan.after(config.retryAfter()),
                        Guard::isUnrecorded,
                        meter,
                        foundation.clock(),
                        foundation.random())));
        tell(endpoints, dispatcher::wake);
    }

    private void tell(List<Endpoint> endpoints, Runnable onRaised) {
        store.notices()
                .tell(new Notices.Audience(
                        endpoints.stream().map(Endpoint::subscription).toList(),
                        foundation.config().notices().giveUpAfter(),
                        alerts::locked,
                        onRaised));
    }

    private Optional<Tenant> business() {
        Optional<String> number = foundation.data().isDemo()
                ? Optional.of(DemoTenant.INBOUND)
                : foundation.config().tenant().map(NodeConfig.FirstBusiness::inboundNumber);
        return number.flatMap(store.tenants()::byInboundNumber);
    }

    private List<Endpoint> configured(TenantId tenant) {
        NotifyConfig config = foundation.config().notices();
        var endpoints = new ArrayList<Endpoint>();
        config.mail()
                .ifPresent(mail -> endpoints.add(new Endpoint(
                        NotifyConfig.MAIL,
                        tenant,
                        alertTypes(),
                        mail.destination(),
                        Endpoint.Purpose.ALERT,
                        channel(mail))));
        for (NotifyConfig.Hook hook : config.hooks()) {
            boolean alert = hook.key().equals(NotifyConfig.ALERT_HOOK);
            endpoints.add(new Endpoint(
                    hook.key(),
                    tenant,
                    hook.events(),
                    hook.destination(),
                    alert ? Endpoint.Purpose.ALERT : Endpoint.Purpose.WEBHOOK,
                    new Channel.Webhook(hook.url(), secrets(hook), hook.trustAnchors())));
        }
        return endpoints;
    }

    private Channel.Mail channel(NotifyConfig.Mail mail) {
        if (mail.tls() == Channel.Mail.Tls.INSECURE_NONE) {
            LOG.atWarn()
                    .addKeyValue("event", "server.alert.insecure_mail")
                    .log("insecure: alerts are mailed without TLS");
        }
        Optional<Channel.Mail.Login> login = mail.user()
                .flatMap(user -> mail.passwordSecret()
                        .map(name -> new Channel.Mail.Login(user, stripped(Secrets.read(foundation.state(), name)))));
        return new Channel.Mail(
                mail.host(), mail.port(), mail.tls(), login, mail.from(), mail.to(), mail.trustAnchors());
    }

    private static SensitiveText stripped(SensitiveText secret) {
        return SensitiveText.of(secret.reveal().strip());
    }

    private List<WebhookSecret> secrets(NotifyConfig.Hook hook) {
        var secrets = new ArrayList<WebhookSecret>();
        for (String name : hook.secrets()) {
            try {
                secrets.add(WebhookSecret.parse(Secrets.read(foundation.state(), name)));
            } catch (RejectedException unusable) {
                throw new RejectedException(
                        ServerError.CONFIG_INVALID,
                        "%s.secret or %s.previous-secret (secret://%s) cannot be used: %s"
                                .formatted(hook.key(), hook.key(), name, unusable.getMessage()),
                        unusable);
            }
        }
        return secrets;
    }

    private static Set<NoticeType> alertTypes() {
        return Arrays.stream(NoticeType.values()).filter(NoticeType::isAlert).collect(Collectors.toUnmodifiableSet());
    }

    /// Receivers inside this node, so that a demo shows the whole way without anybody outside.
    private List<Endpoint> simulated(TenantId tenant, Closing closing) {
        TlsIdentity identity = foundation.loopbackIdentity("Sotto mail and webhook simulators");
        var shown = new ServerIdentity(identity.key(), identity.chain());
        var anchors = Optional.of(foundation.state().authorityCertificate());
        var login = new MailSimulator.Login("sotto", foundation.derived("mail simulator"));
        MailSimulator mail = closing.add(MailSimulator.start(0, shown, login));
        WebhookSimulator hooks = closing.add(WebhookSimulator.start(0, shown));
        var secret = WebhookSecret.parse(SensitiveText.of(
                "whsec_" + Base64.getEncoder().encodeToString(sha256(foundation.derived("webhook simulator")))));
        return List.of(
                new Endpoint(
                        NotifyConfig.MAIL,
                        tenant,
                        alertTypes(),
                        "demo-mail",
                        Endpoint.Purpose.ALERT,
                        new Channel.Mail(
                                "localhost",
                                mail.port(),
                                Channel.Mail.Tls.STARTTLS,
                                Optional.of(new Channel.Mail.Login(login.user(), login.password())),
                                "sotto@lakeside.example",
                                List.of("privacy@lakeside.example"),
                                anchors)),
                new Endpoint(
                        NotifyConfig.HOOK + "demo",
                        tenant,
                        EnumSet.allOf(NoticeType.class),
                        "demo-webhook",
                        Endpoint.Purpose.WEBHOOK,
                        new Channel.Webhook(hooks.uri("/hooks"), List.of(secret), anchors)));
    }

    private static byte[] sha256(SensitiveText text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.reveal().getBytes(UTF_8));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has SHA-256", missing);
        }
    }

    /// Keeps the alerts that are still held.
    @Override
    public void close() {
        alerts.close();
    }
}
