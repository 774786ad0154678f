package dev.sotto.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.standardwebhooks.Webhook;
import dev.sotto.core.Admission;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.TenantId;
import dev.sotto.simulator.MailSimulator;
import dev.sotto.simulator.Received;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.WebhookSimulator;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.Delivery;
import dev.sotto.store.DeliveryState;
import dev.sotto.store.NewNotice;
import dev.sotto.store.NewTurn;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Notices;
import dev.sotto.store.Speaker;
import dev.sotto.store.StoreFixture;
import dev.sotto.store.TestPostgres;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import dev.sotto.testkit.FakeEgressDoor;
import dev.sotto.testkit.LeakScan;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The dispatcher over a real database and real sockets; the clock is the test's.
final class DispatcherTest {
    private static final String OLD = "whsec_" + Base64.getEncoder().encodeToString(new byte[24]);
    private static final String NEW = "whsec_" + Base64.getEncoder().encodeToString(new byte[40]);
    private static final SensitiveText PASSWORD = SensitiveText.of("a mail password of this test");
    private static final String CANARY = "Maren Oakfield was born in May";
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final int UNRECORDED_ONCE = 1;

    @TempDir
    Path folder;

    private final FakeEgressDoor door = new FakeEgressDoor();
    private StoreFixture fixture;
    private TenantId tenant;
    private CallId call;
    private ServerIdentity identity;
    private Path anchors;
    private WebhookSimulator hooks;
    private MailSimulator mail;
    private Dispatcher dispatcher;

    @BeforeEach
    void open() throws Exception {
        fixture = new StoreFixture(TestPostgres.shared(), folder.resolve("objects"));
        tenant = fixture.tenant().id();
        call = fixture.connected(tenant);
        identity = TestIdentity.loopback();
        anchors = TestIdentity.pem(folder.resolve("anchors.pem"), identity);
        hooks = WebhookSimulator.start(0, identity);
        mail = MailSimulator.start(0, identity, new MailSimulator.Login("sotto", PASSWORD));
        door.open();
    }

    @AfterEach
    void close() {
        if (dispatcher != null) {
            dispatcher.close();
        }
        mail.close();
        hooks.close();
        fixture.close();
    }

    private Endpoint webhook(Path trusted) {
        return endpoint(
                "webhook.crm",
                new Channel.Webhook(
                        hooks.uri("/in?tenant=7"),
                        List.of(WebhookSecret.parse(SensitiveText.of(NEW)), WebhookSecret.parse(SensitiveText.of(OLD))),
                        Optional.of(trusted)));
    }

    private Endpoint mail(int port, Channel.Mail.Tls tls, SensitiveText password) {
        return endpoint(
                "alert.mail",
                new Channel.Mail(
                        "localhost",
                        port,
                        tls,
                        tls == Channel.Mail.Tls.INSECURE_NONE
                                ? Optional.empty()
                                : Optional.of(new Channel.Mail.Login("sotto", password)),
                        "sotto@clinic.example",
                        List.of("dpo@clinic.example", "privacy@clinic.example"),
                        Optional.of(anchors)));
    }

    private Endpoint mail() {
        return mail(mail.port(), Channel.Mail.Tls.STARTTLS, PASSWORD);
    }

    /// The database is shared with other tests, and endpoints are asked for over all tenants.
    private Endpoint endpoint(String name, Channel channel) {
        return new Endpoint(
                name + "-" + tenant,
                tenant,
                Set.of(NoticeType.values()),
                "partner",
                name.startsWith("alert") ? Endpoint.Purpose.ALERT : Endpoint.Purpose.WEBHOOK,
                channel);
    }

    private void start(EgressDoor through, Endpoint... endpoints) {
        dispatcher = Dispatcher.start(
                fixture.store,
                List.of(endpoints),
                through,
                new DispatcherParts(
                        fixture.nodeId,
                        RetryPlan.after(FIRST),
                        "audit-unavailable"::equals,
                        fixture.meter,
                        fixture.clock,
                        new SecureRandom()));
        fixture.store
                .notices()
                .tell(new Notices.Audience(
                        List.of(endpoints).stream().map(Endpoint::subscription).toList(),
                        Duration.ofDays(3),
                        _ -> {},
                        dispatcher::wake));
    }

    private void raise() {
        fixture.clock.advance(Duration.ofMillis(1)); // ids sort by time
        fixture.store
                .notices()
                .raise(new NewNotice(
                        tenant,
                        NoticeType.DISCLOSURE_DENIED,
                        Optional.of(call),
                        fixture.clock.instant(),
                        4,
                        Map.of("rule", "no-rule", "destination", "model-a")));
    }

    private Map<String, Delivery> deliveries() {
        return fixture
                .store
                .notices()
                .list(tenant, Optional.empty(), Optional.empty(), 1)
                .getFirst()
                .deliveries()
                .stream()
                .collect(Collectors.toMap(
                        delivery -> delivery.endpoint()
                                .substring(0, delivery.endpoint().indexOf('-')),
                        each -> each));
    }

    private Delivery crm() {
        return deliveries().get("webhook.crm");
    }

    private Delivery mailed() {
        return deliveries().get("alert.mail");
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private void later(Duration step) {
        fixture.clock.advance(step);
        dispatcher.wake();
    }

    @Test
    void notice_isSentToEach_signedAudited_andOnlyAfterTheDoorSaidYes() throws Exception {
        start(door, webhook(anchors), mail());
        raise();
        await("both are sent", () -> crm().state() == DeliveryState.SENT && mailed().state() == DeliveryState.SENT);

        var notice = fixture.store
                .notices()
                .list(tenant, Optional.empty(), Optional.empty(), 1)
                .getFirst();
        var delivery = hooks.deliveries().getFirst();
        assertThat(delivery.path()).isEqualTo("/in?tenant=7");
        assertThat(delivery.header("content-type")).contains("application/cloudevents+json");
        assertThat(delivery.header("webhook-id")).contains(notice.id().toString());
        var headers = HttpHeaders.of(
                delivery.headers().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))),
                (_, _) -> true);
        // The reference library refuses what is not of this minute, so it is asked for the signature and not the time.
        long at = Long.parseLong(delivery.header("webhook-timestamp").orElseThrow());
        assertThat(at).isEqualTo(fixture.clock.instant().getEpochSecond());
        assertThat(headers.firstValue("webhook-signature").orElseThrow().split(" "))
                .containsExactly(
                        new Webhook(NEW).sign(notice.id().toString(), at, delivery.body()),
                        new Webhook(OLD).sign(notice.id().toString(), at, delivery.body()));

        var message = mail.messages().getFirst();
        assertThat(message.secure()).isTrue();
        assertThat(message.from()).isEqualTo("sotto@clinic.example");
        assertThat(message.to()).containsExactly("dpo@clinic.example", "privacy@clinic.example");
        assertThat(message.content())
                .contains("Subject: Sotto: a disclosure was denied (4 times)")
                .contains("Message-ID: <" + notice.id())
                .contains("Auto-Submitted: auto-generated")
                .contains("call: " + call)
                .contains("rule: no-rule");

        assertThat(door.asked())
                .extracting(Disclosure::destination, Disclosure::dataClass, Disclosure::call)
                .containsOnly(tuple("partner", DataClass.CALL_METADATA, Optional.of(call)));
        assertThat(door.asked()).extracting(Disclosure::purpose).containsExactlyInAnyOrder("webhook", "alert");
        assertThat(fixture.audit.events("notice.sent")).hasSize(2);
    }

    @Test
    void webhookThatFails_isTriedAgainLater_underTheSameId() {
        start(door, webhook(anchors));
        hooks.failNext(1, 500);
        raise();
        await("it failed", () -> crm().lastError().isPresent());
        assertThat(crm().lastError()).contains("NOT_TAKEN 500");
        assertThat(crm().state()).isEqualTo(DeliveryState.WAITING);
        assertThat(crm().nextAttemptAt().orElseThrow())
                .isBetween(
                        fixture.clock.instant().plusSeconds(5),
                        fixture.clock.instant().plusSeconds(10));

        hooks.failNext(1, 302);
        later(FIRST);
        await("it failed again", () -> crm().lastError().equals(Optional.of("REDIRECTED 302")));
        later(FIRST.multipliedBy(2));
        await("it is sent", () -> crm().state() == DeliveryState.SENT);

        assertThat(crm().attempts()).isEqualTo(3);
        assertThat(hooks.deliveries())
                .hasSize(3)
                .extracting(each -> each.header("webhook-id").orElseThrow())
                .containsOnly(hooks.deliveries().getFirst().header("webhook-id").orElseThrow());
        assertThat(door.asked()).as("each attempt is a disclosure").hasSize(3);
    }

    @Test
    void webhookThatKeepsFailing_isGivenUp_andCanBeSentAgain() {
        start(door, webhook(anchors));
        hooks.failNext(1, 503);
        raise();
        await("it failed", () -> crm().lastError().isPresent());
        later(Duration.ofDays(4));
        await("it is given up", () -> crm().state() == DeliveryState.FAILED);
        assertThat(hooks.deliveries()).hasSize(1);
        assertThat(fixture.audit.events("notice.given_up")).hasSize(1);

        var id = fixture.store
                .notices()
                .list(tenant, Optional.empty(), Optional.empty(), 1)
                .getFirst()
                .id();
        fixture.store.notices().sendAgain(tenant, id, Optional.empty(), StoreFixture.USER);
        await("it is sent", () -> crm().state() == DeliveryState.SENT);
        assertThat(hooks.deliveries().getLast().header("webhook-id")).contains(id.toString());
    }

    @Test
    void certificateThatIsNotBelieved_orOfAnotherName_getsNothing() throws Exception {
        Path others = TestIdentity.pem(folder.resolve("others.pem"), TestIdentity.loopback());
        start(door, webhook(others));
        raise();
        await("it failed", () -> crm().lastError().isPresent());
        assertThat(crm().lastError()).contains("TLS_FAILED");
        assertThat(hooks.deliveries()).isEmpty();
        dispatcher.close();
        hooks.close();

        ServerIdentity elsewhere = TestIdentity.of(new GeneralName(GeneralName.dNSName, "elsewhere.example"));
        hooks = WebhookSimulator.start(0, elsewhere);
        mail.close();
        mail = MailSimulator.start(0, elsewhere, new MailSimulator.Login("sotto", PASSWORD));
        anchors = TestIdentity.pem(folder.resolve("elsewhere.pem"), elsewhere);
        start(door, webhook(anchors), mail());
        raise();
        await(
                "both failed",
                () -> crm().lastError().isPresent() && mailed().lastError().isPresent());
        assertThat(crm().lastError()).contains("TLS_FAILED");
        assertThat(mailed().lastError()).contains("TLS_FAILED");
        assertThat(hooks.deliveries()).isEmpty();
        assertThat(text(mail.received())).doesNotContain("AUTH").doesNotContain("MAIL FROM");
    }

    @Test
    void webhookThatDoesNotAnswer_isGivenAWhile() throws Exception {
        hooks.answerAfter(Duration.ofSeconds(30));
        try (var sender = new WebhookSender((Channel.Webhook) webhook(anchors).channel(), Duration.ofMillis(300))) {
            var told = Told.completed();
            var allowed = (EgressDoor.Verdict.Allowed) door.decide(new Disclosure(
                    tenant, told.call(), "partner", DataClass.CALL_METADATA, "webhook", sender.pieces(told)));

            assertThat(sender.send(told, allowed, Instant.now())).isEqualTo(new Outcome.Failed(NotifyError.TIMED_OUT));
        }
    }

    @Test
    void mailServerThatIsDown_getsTheMailWhenItIsBack() throws Exception {
        int port = mail.port();
        mail.close();
        start(door, mail(port, Channel.Mail.Tls.STARTTLS, PASSWORD));
        raise();
        await("it failed", () -> mailed().lastError().isPresent());
        assertThat(mailed().lastError()).contains("CONNECT_FAILED");
        assertThat(fixture.store.notices().backlog(tenant).waiting()).isEqualTo(1);

        mail = MailSimulator.start(port, identity, new MailSimulator.Login("sotto", PASSWORD));
        mail.failNext(1);
        later(FIRST);
        await("it is put off", () -> mailed().lastError().equals(Optional.of("NOT_TAKEN 451")));
        later(FIRST.multipliedBy(2));
        await("it is sent", () -> mailed().state() == DeliveryState.SENT);
        assertThat(mail.messages()).hasSize(1);
    }

    @Test
    void mailServerWithoutTls_orWithAnotherPassword_getsNoMail() {
        try (MailSimulator plain = MailSimulator.startInsecurePlain(0)) {
            start(door, mail(plain.port(), Channel.Mail.Tls.STARTTLS, PASSWORD));
            raise();
            await("it failed", () -> mailed().lastError().isPresent());
            assertThat(mailed().lastError()).contains("TLS_FAILED");
            assertThat(text(plain.received()))
                    .contains("EHLO")
                    .doesNotContain("MAIL FROM")
                    .doesNotContain("AUTH");
        }
        dispatcher.close();
        start(door, mail(mail.port(), Channel.Mail.Tls.STARTTLS, SensitiveText.of("another")));
        raise();
        await("it failed", () -> mailed().lastError().isPresent());
        assertThat(mailed().lastError()).contains("LOGIN_REFUSED");
        assertThat(mail.messages()).isEmpty();
    }

    @Test
    void deniedByTheDoor_isNotSent_andSaysByWhichRule() {
        door.close();
        start(door, webhook(anchors), mail());
        raise();
        await(
                "both are denied",
                () -> crm().state() == DeliveryState.DENIED && mailed().state() == DeliveryState.DENIED);

        assertThat(crm().lastError()).contains("fake-closed");
        assertThat(hooks.deliveries()).isEmpty();
        assertThat(hooks.received().entries()).isEmpty();
        assertThat(mail.received().entries()).as("not even a connection").isEmpty();
        later(Duration.ofHours(1));
        assertThat(door.asked()).as("it is not asked again by itself").hasSize(2);
    }

    @Test
    void disclosureThatCouldNotBeRecorded_isAskedForAgain() {
        var answers = new AtomicInteger();
        EgressDoor unrecorded = new EgressDoor() {
            @Override
            public Verdict decide(Disclosure disclosure) {
                return answers.getAndIncrement() < UNRECORDED_ONCE
                        ? new Verdict.Denied("audit-unavailable")
                        : door.decide(disclosure);
            }

            @Override
            public Admission grant(StreamDisclosure disclosure) {
                return new Admission.Denied("none");
            }
        };
        start(unrecorded, webhook(anchors));
        raise();
        await("it waits", () -> crm().lastError().isPresent());
        assertThat(crm().state()).isEqualTo(DeliveryState.WAITING);
        assertThat(hooks.deliveries()).isEmpty();
        later(FIRST);
        await("it is sent", () -> crm().state() == DeliveryState.SENT);
    }

    @Test
    void nodeThatDiesWithAClaim_sendsAgainUnderTheSameId() {
        hooks.answerAfter(Duration.ofSeconds(30)); // it is taken, and the node dies before it hears so
        start(door, webhook(anchors));
        raise();
        await("it arrived", () -> hooks.deliveries().size() == 1);
        dispatcher.close();
        hooks.answerAfter(Duration.ZERO);

        start(door, webhook(anchors)); // the same node, its next life
        await("it is sent", () -> crm().state() == DeliveryState.SENT);
        assertThat(hooks.deliveries())
                .hasSize(2)
                .extracting(each -> each.header("webhook-id"))
                .containsOnly(hooks.deliveries().getFirst().header("webhook-id"));
    }

    @Test
    void nothingThatWasSaid_isInAnyByteThatWasSent() throws Exception {
        var scan = new LeakScan().text("canary", CANARY).text("number", "+14155550123");
        Path planted = Files.createDirectory(folder.resolve("planted"));
        for (var form : scan.forms().entrySet()) {
            Files.write(planted.resolve("f" + form.getKey().hashCode()), form.getValue());
        }
        assertThat(scan.search(planted)).as("the search finds what is planted").hasSizeGreaterThanOrEqualTo(12);

        start(door, webhook(anchors), mail());
        fixture.store
                .turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(
                                fixture.ids.turnId(),
                                Speaker.CALLER,
                                TurnKind.SPEECH,
                                Duration.ZERO,
                                Duration.ZERO,
                                TurnText.clear(CANARY)));
        raise();
        fixture.store.calls().setOutcome(tenant, call, CallOutcome.TRANSFERRED, fixture.clock.instant());
        await("all are sent", () -> fixture.store.notices().backlog(tenant).waiting() == 0);

        assertThat(hooks.deliveries()).hasSize(3);
        assertThat(mail.messages()).hasSize(3);
        Path received = Files.createDirectory(folder.resolve("received"));
        hooks.received().saveTo(Files.createDirectory(received.resolve("hooks")));
        mail.received().saveTo(Files.createDirectory(received.resolve("mail")));
        Files.writeString(
                received.resolve("messages"),
                mail.messages().stream().map(MailSimulator.Message::content).collect(Collectors.joining()));
        assertThat(hooks.received().complete() && mail.received().complete()).isTrue();
        assertThat(scan.search(received)).isEmpty();
    }

    private static String text(Received received) {
        return received.entries().stream().map(Received.Entry::text).collect(Collectors.joining("\n"));
    }
}
