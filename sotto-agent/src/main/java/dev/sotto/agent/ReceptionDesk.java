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
import dev.sotto.guard.Guard;
import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import dev.sotto.media.CallDesk;
import dev.sotto.media.CallLeg;
import dev.sotto.media.ChatDesk;
import dev.sotto.media.IncomingCall;
import dev.sotto.media.LegListener;
import dev.sotto.media.Refusal;
import dev.sotto.media.RelayListener;
import dev.sotto.media.RelayPeer;
import dev.sotto.media.StreamEnded;
import dev.sotto.media.StreamStart;
import dev.sotto.store.CallChannel;
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
import org.jspecify.annotations.Nullable;

/// Answers calls with the built-in receptionist: decides who is connected, runs each call, and says what comes after
/// its
/// stream. Thread-safe; blocks.
public final class ReceptionDesk implements CallDesk, AutoCloseable {
    static final String KEYPAD = CallRecord.RECEPTIONIST;
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration FINISH = Duration.ofSeconds(15);

    private final ReceptionConfig config;
    private final Store store;
    private final AuditSink audit;
    private final SecureRandom random;
    private final CallParts parts;
    private final Optional<Talking> talking;
    private volatile Optional<RelayReception> relay = Optional.empty();
    private final Admission admission;
    private final Sessions sessions;
    private final AfterCalls after;
    private final RefusalLog refusals;
    private final CallRuns runs;
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
        admission = new Admission(config.maxCalls(), parts.timers(), parts.meter(), "agent.calls.held");
        sessions = new Sessions(config.maxCalls());
        after = new AfterCalls(sessions, store, parts.clock());
        refusals = new RefusalLog(audit, node, parts.timers(), parts.beside(), parts.meter(), config.refusalsAudited());
        runs = new CallRuns(parts, new Aftercare(parts.timers(), parts.beside(), parts.meter(), RETRY));
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
            var answer = offer(call, tenant.get(), place.get());
            held = true;
            return answer;
        } catch (ConflictException seen) {
            refusals.note("repeated_call", Map.of("carrier_call", call.callSid()));
            return new Answer.Refuse(Answer.RejectReason.REJECTED);
        } catch (UnavailableException down) {
            CallRuns.unavailable("agent.answer.unavailable", down);
            return new Answer.Refuse(Answer.RejectReason.BUSY);
        } finally {
            if (!held) {
                place.get().close();
            }
        }
    }

    private Answer offer(IncomingCall call, Tenant tenant, Admission.Place place) {
        var token = OneTimeToken.draw(random);
        var id = parts.ids().callId();
        var now = parts.clock().instant();
        var relayed = relay.filter(any -> any.allows(tenant, id));
        store.calls()
                .offer(new NewCall(
                        tenant.id(),
                        id,
                        call.callSid(),
                        call.from(),
                        talking.map(with -> with.models().mode()).orElse(KEYPAD),
                        HexFormat.of().formatHex(OneTimeToken.hash(token)),
                        now.plus(config.tokenLife()),
                        relayed.isPresent() ? CallChannel.RELAY : CallChannel.VOICE));
        admission.hold(
                id,
                place,
                call.from(),
                config.tokenLife(),
                () -> parts.beside().execute(() -> neverConnected(tenant.id(), id)));
        return relayed.<Answer>map(any -> new Answer.Relay(id, token, any.greeting()))
                .orElseGet(() -> new Answer.Connect(id, token));
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
            CallRuns.unavailable("agent.offer.unended", failure);
        }
    }

    /// Runs a call that connected, in a place that it gives back.
    private interface Run<T> {
        T run(CallRecord record, Admission.Place place, @Nullable SensitiveText from);
    }

    @Override
    public Optional<LegListener> connect(StreamStart start, CallLeg leg) {
        return connect(start, CallChannel.VOICE, (record, place, from) -> run(record, leg, place, from));
    }

    @Override
    public Optional<RelayListener> relay(StreamStart start, RelayPeer peer) {
        return relay.flatMap(
                any -> connect(start, CallChannel.RELAY, (record, place, from) -> run(any, record, peer, place, from)));
    }

    private <T> Optional<T> connect(StreamStart start, CallChannel channel, Run<T> run) {
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
            var listener = connected(start, channel, call.get(), token)
                    .map(record -> run.run(
                            record,
                            place.get(),
                            offered.map(Admission.Offered::from).orElse(null)));
            running = listener.isPresent();
            return listener;
        } catch (UnavailableException down) {
            CallRuns.unavailable("agent.connect.unavailable", down);
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

    private Optional<CallRecord> connected(StreamStart start, CallChannel channel, CallId call, SensitiveText token) {
        return store.calls()
                .byCarrierCall(start.callSid())
                .filter(record -> record.id().equals(call) && record.channel() == channel)
                .flatMap(record -> store.calls()
                        .connect(
                                record.tenant(),
                                call,
                                OneTimeToken.hash(token),
                                config.nodeId(),
                                parts.clock().instant()));
    }

    private LegListener run(CallRecord record, CallLeg leg, Admission.Place place, @Nullable SensitiveText from) {
        var setting = setting(record, from);
        var talk = talking.flatMap(
                models -> models.open(setting.tenant(), record.id(), parts.beside(), parts.clock(), parts.meter()));
        var loop = new CallLoop(
                parts,
                ties -> new VoiceLine(leg, ties),
                setting.file(),
                setting.audit(),
                setting.tools(),
                new Receptionist(setting.person(), parts.times()),
                setting.tenant().recording(),
                talk,
                setting.session()::end);
        runs.start(record, loop, () -> over(setting.session(), place));
        return loop.listener();
    }

    private RelayListener run(
            RelayReception by, CallRecord record, RelayPeer peer, Admission.Place place, @Nullable SensitiveText from) {
        var setting = setting(record, from);
        var ready = by.open(
                setting.tenant(), setting.file(), setting.audit(), setting.tools(), peer, setting.session()::end);
        return ready.start(runs, record, () -> over(setting.session(), place));
    }

    private static void over(Session session, Admission.Place place) {
        session.end(CallOutcome.LOST); // unless it has ended otherwise
        place.close();
    }

    private CallSetting setting(CallRecord record, @Nullable SensitiveText from) {
        var setting = CallSetting.of(record, from, config, store, audit, parts.clock());
        sessions.add(record.carrierCallId(), setting.session());
        return setting;
    }

    @Override
    public AfterStream after(StreamEnded ended) {
        return after.of(ended);
    }

    @Override
    public void refused(Refusal refusal) {
        var details = refusal.authenticated() && !refusal.callSid().isEmpty()
                ? Map.of("carrier_call", refusal.callSid())
                : Map.<String, String>of();
        refusals.note(refusal.reason().name().toLowerCase(Locale.ROOT), details);
    }

    /// From now on the carrier transcribes and speaks, where the guard allows it and a model talks.
    public void relayed(Guard guard) {
        relay = talking.map(any -> new RelayReception(guard, any, parts));
    }

    /// The desk of those who write. What it starts ends with this desk.
    ///
    /// @param guard reads what visitors write
    public ChatDesk chats(ChatConfig chat, Guard guard) {
        return new ChatReception(
                requireNonNull(chat, "chat"),
                config,
                store,
                audit,
                random,
                parts.in(chat.times(parts.times()), chat.limits(parts.limits())),
                talking,
                requireNonNull(guard, "guard"),
                runs);
    }

    /// Waits a while for calls to end, so close the edge first. Calls that still run are found as lost at the next
    /// start.
    @Override
    public void close() {
        closing.run();
    }
}
