package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.agent.Sessions.Session;
import dev.sotto.core.ActorId;
import dev.sotto.core.AuditSink;
import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import dev.sotto.media.CallDesk;
import dev.sotto.media.CallLeg;
import dev.sotto.media.IncomingCall;
import dev.sotto.media.LegListener;
import dev.sotto.media.Refusal;
import dev.sotto.media.StreamEnded;
import dev.sotto.media.StreamStart;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.NewCall;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers calls with the built-in receptionist: decides who is connected, runs each call, and says what comes after
/// its
/// stream. Thread-safe; blocks.
public final class ReceptionDesk implements CallDesk, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReceptionDesk.class);
    private static final String KEYPAD = "receptionist";
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration AFTER_WAIT = Duration.ofSeconds(4);
    private static final Duration FINISH = Duration.ofSeconds(15);

    private final ReceptionConfig config;
    private final Store store;
    private final AuditSink audit;
    private final SecureRandom random;
    private final CallParts parts;
    private final Optional<Talking> talking;
    private final Admission admission;
    private final Sessions sessions;
    private final RefusalLog refusals;
    private final Aftercare aftercare;
    private final Runnable closing;

    private ReceptionDesk(
            ReceptionConfig config,
            Store store,
            AuditSink audit,
            SecureRandom random,
            CallParts parts,
            Optional<Talking> talking,
            Runnable closing) {
        this.config = config;
        this.store = store;
        this.audit = audit;
        this.random = random;
        this.parts = parts;
        this.talking = talking;
        this.closing = closing;
        var node = new ActorId(ActorId.Kind.NODE, config.nodeId());
        admission = new Admission(config.maxCalls(), parts.timers(), parts.meter());
        sessions = new Sessions(config.maxCalls());
        refusals = new RefusalLog(audit, node, parts.timers(), parts.beside(), parts.meter(), config.refusalsAudited());
        aftercare = new Aftercare(parts.timers(), parts.beside(), parts.meter(), RETRY);
    }

    /// Opens the desk.
    ///
    /// @param talking what talks with callers; empty if the keypad is all there is
    /// @throws dev.sotto.core.BugException if a clip the receptionist can say is not shipped
    public static ReceptionDesk open(
            ReceptionConfig config,
            Store store,
            AuditSink audit,
            Clock clock,
            SecureRandom random,
            Meter meter,
            Optional<Talking> talking) {
        var timers = new SystemTimers();
        ExecutorService beside = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("sotto-call-", 0).factory());
        var parts = new CallParts(
                Voice.shipped(),
                config.times(),
                config.limits(),
                timers,
                beside,
                clock,
                new IdSource(clock, random),
                meter);
        return open(config, store, audit, random, parts, talking, () -> {
            finish(beside);
            timers.close();
        });
    }

    /// Lets calls whose streams have closed come to their ends.
    private static void finish(ExecutorService beside) {
        beside.shutdown();
        try {
            if (!beside.awaitTermination(FINISH.toNanos(), TimeUnit.NANOSECONDS)) {
                beside.shutdownNow();
            }
        } catch (InterruptedException stopped) {
            beside.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    static ReceptionDesk open(
            ReceptionConfig config,
            Store store,
            AuditSink audit,
            SecureRandom random,
            CallParts parts,
            Optional<Talking> talking,
            Runnable closing) {
        return new ReceptionDesk(
                requireNonNull(config, "config"),
                requireNonNull(store, "store"),
                requireNonNull(audit, "audit"),
                requireNonNull(random, "random"),
                parts,
                talking,
                closing);
    }

    @Override
    public Optional<SensitiveText> authToken(String accountSid) {
        return Optional.ofNullable(config.accounts().get(accountSid));
    }

    @Override
    public Answer answer(IncomingCall call) {
        var place = admission.enter();
        if (place.isEmpty()) {
            refusals.note("call_limit", Map.of("carrier_call", call.callSid()));
            return new Answer.Refuse(Answer.RejectReason.BUSY);
        }
        boolean held = false;
        try {
            var tenant = store.tenants().byInboundNumber(call.to());
            if (tenant.isEmpty()) {
                refusals.note("unknown_number", Map.of("carrier_call", call.callSid()));
                return new Answer.Refuse(Answer.RejectReason.REJECTED);
            }
            var answer = offer(call, tenant.get().id(), place.get());
            held = true;
            return answer;
        } catch (ConflictException seen) {
            refusals.note("repeated_call", Map.of("carrier_call", call.callSid()));
            return new Answer.Refuse(Answer.RejectReason.REJECTED);
        } catch (UnavailableException down) {
            unavailable("agent.answer.unavailable", down);
            return new Answer.Refuse(Answer.RejectReason.BUSY);
        } finally {
            if (!held) {
                place.get().close();
            }
        }
    }

    private Answer offer(IncomingCall call, TenantId tenant, Admission.Place place) {
        var token = OneTimeToken.draw(random);
        var id = parts.ids().callId();
        var now = parts.clock().instant();
        store.calls()
                .offer(new NewCall(
                        tenant,
                        id,
                        call.callSid(),
                        call.from(),
                        talking.map(with -> with.models().mode()).orElse(KEYPAD),
                        HexFormat.of().formatHex(OneTimeToken.hash(token)),
                        now.plus(config.tokenLife())));
        admission.hold(
                id,
                place,
                call.from(),
                config.tokenLife(),
                () -> parts.beside().execute(() -> neverConnected(tenant, id)));
        return new Answer.Connect(id, token);
    }

    /// An offer whose token expired here may have connected to another node, which then says how it ended.
    private void neverConnected(TenantId tenant, CallId call) {
        try {
            var record = store.calls().find(tenant, call);
            if (record.filter(found -> found.state() == CallState.OFFERED).isPresent()) {
                store.calls()
                        .setOutcome(
                                tenant, call, CallOutcome.LOST, parts.clock().instant());
            }
        } catch (SottoException failure) {
            unavailable("agent.offer.unended", failure);
        }
    }

    @Override
    public Optional<LegListener> connect(StreamStart start, CallLeg leg) {
        var token = start.customParameters().get("token");
        var call = callId(start.customParameters().get("call"));
        if (token == null || call.isEmpty()) {
            return Optional.empty();
        }
        var offered = admission.claim(call.get());
        var place = offered.map(Admission.Offered::place).or(admission::enter);
        if (place.isEmpty()) {
            refusals.note("call_limit", Map.of("carrier_call", start.callSid()));
            return Optional.empty();
        }
        boolean running = false;
        try {
            var listener = connected(start, call.get(), token)
                    .map(record -> run(
                            record,
                            leg,
                            place.get(),
                            offered.map(Admission.Offered::from).orElse(null)));
            running = listener.isPresent();
            return listener;
        } catch (UnavailableException down) {
            unavailable("agent.connect.unavailable", down);
            return Optional.empty();
        } finally {
            if (!running) {
                giveBack(call.get(), offered, place.get());
            }
        }
    }

    /// A wrong token does not take the place of the call it was tried on.
    private void giveBack(CallId call, Optional<Admission.Offered> offered, Admission.Place place) {
        offered.ifPresentOrElse(
                held -> admission.hold(call, held.place(), held.from(), config.tokenLife(), held.expired()),
                place::close);
    }

    private static Optional<CallId> callId(@Nullable SensitiveText text) {
        try {
            return Optional.ofNullable(text).map(SensitiveText::reveal).map(CallId::parse);
        } catch (RejectedException malformed) {
            return Optional.empty();
        }
    }

    private Optional<CallRecord> connected(StreamStart start, CallId call, SensitiveText token) {
        return store.calls()
                .byCarrierCall(start.callSid())
                .filter(record -> record.id().equals(call))
                .flatMap(record -> store.calls()
                        .connect(
                                record.tenant(),
                                call,
                                OneTimeToken.hash(token),
                                config.nodeId(),
                                parts.clock().instant()));
    }

    private LegListener run(CallRecord record, CallLeg leg, Admission.Place place, @Nullable SensitiveText from) {
        var tenant = store.tenants()
                .find(record.tenant())
                .orElseThrow(() -> new IllegalStateException("a call of no tenant"));
        var number = from != null
                ? from
                : store.calls().revealFrom(record.tenant(), record.id(), StoreCallFile.RECEPTIONIST);
        var session =
                new Session(tenant.id(), record.id(), tenant.transferNumber().orElse(null));
        var loop = loop(tenant, record.id(), number, leg, session::end);
        sessions.add(record.carrierCallId(), session);
        parts.meter().count("agent.call.started");
        log.atInfo()
                .addKeyValue("event", "agent.call.started")
                .addKeyValue("call", record.id())
                .addKeyValue("tenant", tenant.id())
                .log("a call connected");
        parts.beside().execute(() -> {
            try {
                var end = loop.run();
                if (!end.whole()) {
                    aftercare.take(end);
                }
                log.atInfo()
                        .addKeyValue("event", "agent.call.ended")
                        .addKeyValue("call", record.id())
                        .addKeyValue("outcome", end.outcome())
                        .log("a call ended");
                parts.meter().count("agent.call.ended." + end.outcome().name().toLowerCase(Locale.ROOT));
            } finally {
                session.end(CallOutcome.LOST); // unless it has ended otherwise
                place.close();
            }
        });
        return loop.listener();
    }

    private CallLoop loop(Tenant tenant, CallId call, SensitiveText from, CallLeg leg, Consumer<CallOutcome> ending) {
        var file = new StoreCallFile(store, tenant.id(), call, from, config.attempts(), parts.clock());
        var callAudit = new CallAudit(audit, tenant.id(), call);
        boolean person = tenant.transferNumber().isPresent();
        var gate = new IdentityGate(file, callAudit, config.attempts());
        var tools = new ToolDesk(file, callAudit, gate, tenant.zone(), person);
        var talk = talking.flatMap(models -> models.open(tenant, call, parts.beside(), parts.clock(), parts.meter()));
        return new CallLoop(parts, leg, file, callAudit, tools, tenant.recording(), person, talk, ending);
    }

    @Override
    public AfterStream after(StreamEnded ended) {
        var session = sessions.find(ended.callSid(), ended.call());
        try {
            if (session.isPresent()) {
                var outcome = session.get().awaitEnd(AFTER_WAIT).orElse(CallOutcome.LOST);
                return next(outcome, session.get().transferNumber());
            }
            return store.calls()
                    .byCarrierCall(ended.callSid())
                    .filter(record -> record.id().equals(ended.call()))
                    .map(this::afterElsewhere)
                    .orElseGet(AfterStream.HangUp::new);
        } catch (UnavailableException down) {
            unavailable("agent.after.unavailable", down);
            return new AfterStream.Apologise();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new AfterStream.Apologise();
        }
    }

    /// The call was another node's, or of an earlier life of this one. If it did not end, its stream is dead.
    private AfterStream afterElsewhere(CallRecord record) {
        if (record.state() != CallState.ENDED) {
            store.calls()
                    .setOutcome(
                            record.tenant(),
                            record.id(),
                            CallOutcome.LOST,
                            parts.clock().instant());
        }
        var number = store.tenants().find(record.tenant()).flatMap(Tenant::transferNumber);
        return next(record.outcome().orElse(CallOutcome.LOST), number);
    }

    private static AfterStream next(CallOutcome outcome, Optional<String> number) {
        return switch (outcome) {
            case HUNG_UP, COMPLETED, VOICEMAIL -> new AfterStream.HangUp();
            case TRANSFERRED, LOST ->
                number.<AfterStream>map(AfterStream.Dial::new).orElseGet(AfterStream.Apologise::new);
            case FAILED -> number.<AfterStream>map(AfterStream.Dial::new).orElseGet(AfterStream.HangUp::new);
        };
    }

    @Override
    public void refused(Refusal refusal) {
        var details = refusal.authenticated() && !refusal.callSid().isEmpty()
                ? Map.of("carrier_call", refusal.callSid())
                : Map.<String, String>of();
        refusals.note(refusal.reason().name().toLowerCase(Locale.ROOT), details);
    }

    private static void unavailable(String event, SottoException failure) {
        log.atWarn()
                .addKeyValue("event", event)
                .addKeyValue("code", failure.code().name())
                .log("the store or the audit log does not answer");
    }

    /// Waits a while for calls to end, so close the edge first. Calls that still run are found as lost at the next
    /// start.
    @Override
    public void close() {
        closing.run();
    }
}
