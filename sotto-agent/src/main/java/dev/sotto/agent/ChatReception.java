package dev.sotto.agent;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditSink;
import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.guard.Guard;
import dev.sotto.media.ChatDesk;
import dev.sotto.media.ChatListener;
import dev.sotto.store.CallChannel;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.NewCall;
import dev.sotto.store.Store;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// Answers those who write: the same loop, receptionist, tools and rows as a call, on another line. Thread-safe;
/// blocks.
final class ChatReception implements ChatDesk {
    private static final String MANNER =
            "\nYou are not on the telephone now: the caller writes to you in a chat window and reads what you answer.";

    private final ChatConfig chat;
    private final ReceptionConfig config;
    private final Store store;
    private final AuditSink audit;
    private final SecureRandom random;
    private final CallParts parts;
    private final Optional<Talking> talking;
    private final Guard guard;
    private final CallRuns runs;
    private final Admission admission;
    private final AddressShare addresses;
    private final RefusalLog refusals;
    /// Tokens of offered chats, and chats that go on or were on lately, by the hash of their token.
    private final Map<String, Offer> offers = new ConcurrentHashMap<>();

    private final Map<String, ChatSession> sessions = new ConcurrentHashMap<>();

    /// A chat that may connect.
    private record Offer(CallId call, InetAddress from) {}

    ChatReception(
            ChatConfig chat,
            ReceptionConfig config,
            Store store,
            AuditSink audit,
            SecureRandom random,
            CallParts parts,
            Optional<Talking> talking,
            Guard guard,
            CallRuns runs) {
        this.chat = chat;
        this.config = config;
        this.store = store;
        this.audit = audit;
        this.random = random;
        this.parts = parts;
        this.talking = talking;
        this.guard = guard;
        this.runs = runs;
        admission = new Admission(chat.most(), parts.timers(), parts.meter(), "agent.chats.held");
        addresses = new AddressShare(chat.mostPerAddress());
        refusals = new RefusalLog(
                audit,
                new ActorId(ActorId.Kind.NODE, config.nodeId()),
                parts.timers(),
                parts.beside(),
                parts.meter(),
                config.refusalsAudited());
    }

    @Override
    public Optional<SensitiveText> offer(InetAddress from) {
        if (!addresses.enter(from)) {
            refusals.note("chats_of_address", Map.of());
            return Optional.empty();
        }
        var place = admission.enter();
        if (place.isEmpty()) {
            addresses.leave(from);
            refusals.note("chat_limit", Map.of());
            return Optional.empty();
        }
        boolean held = false;
        try {
            var token = offered(from, place.get());
            held = true;
            return Optional.of(token);
        } finally {
            if (!held) {
                addresses.leave(from);
                place.get().close();
            }
        }
    }

    private SensitiveText offered(InetAddress from, Admission.Place place) {
        var token = OneTimeToken.draw(random);
        var id = parts.ids().callId();
        String hash = hash(token);
        // What an address may try of identities is counted like a number's.
        var caller = SensitiveText.of(from.getHostAddress());
        store.calls()
                .offer(new NewCall(
                        chat.tenant(),
                        id,
                        "chat-" + id,
                        caller,
                        talking.isPresent() ? Talking.STRICT : ReceptionDesk.KEYPAD,
                        hash,
                        parts.clock().instant().plus(config.tokenLife()),
                        CallChannel.CHAT));
        offers.put(hash, new Offer(id, from));
        admission.hold(id, place, caller, config.tokenLife(), () -> {
            offers.remove(hash);
            addresses.leave(from);
            parts.beside().execute(() -> neverConnected(id));
        });
        return token;
    }

    private static String hash(SensitiveText token) {
        return HexFormat.of().formatHex(OneTimeToken.hash(token));
    }

    private void neverConnected(CallId call) {
        try {
            if (store.calls()
                    .find(chat.tenant(), call)
                    .filter(found -> found.state() == CallState.OFFERED)
                    .isPresent()) {
                store.calls()
                        .setOutcome(
                                chat.tenant(),
                                call,
                                CallOutcome.LOST,
                                parts.clock().instant());
            }
        } catch (SottoException failure) {
            CallRuns.unavailable("agent.offer.unended", failure);
        }
    }

    @Override
    public Optional<ChatListener> connect(SensitiveText token) {
        var offer = offers.remove(hash(token));
        if (offer == null) {
            refusals.note("chat_token", Map.of());
            return Optional.empty();
        }
        var held = admission.claim(offer.call());
        if (held.isEmpty()) { // expired this moment, and given back
            return Optional.empty();
        }
        Runnable giveBack = () -> {
            held.get().place().close();
            addresses.leave(offer.from());
        };
        boolean running = false;
        try {
            var session = store.calls()
                    .connect(
                            chat.tenant(),
                            offer.call(),
                            OneTimeToken.hash(token),
                            config.nodeId(),
                            parts.clock().instant())
                    .map(record -> run(record, held.get().from(), giveBack));
            running = session.isPresent();
            return session.map(ChatListener.class::cast);
        } catch (UnavailableException down) {
            CallRuns.unavailable("agent.connect.unavailable", down);
            return Optional.empty();
        } finally {
            if (!running) {
                giveBack.run();
            }
        }
    }

    private ChatSession run(CallRecord record, SensitiveText from, Runnable giveBack) {
        var setting = CallSetting.of(record, from, config, store, audit, parts.clock());
        var tenant = setting.tenant();
        var resume = OneTimeToken.draw(random);
        var guarded = GuardedCall.open(guard, tenant.id(), record.id());
        var opened = new AtomicReference<ChatSession>();
        CallLoop loop;
        try {
            loop = loop(setting, resume, guarded, opened);
        } catch (RuntimeException failure) {
            guarded.close();
            throw failure;
        }
        var session = opened.get();
        String hash = hash(resume);
        sessions.put(hash, session);
        parts.meter().count("agent.chat.started");
        runs.start(record, loop, () -> {
            session.ended(CallOutcome.LOST); // unless it has ended otherwise
            giveBack.run();
            // A visitor who was away hears how it ended.
            parts.timers().after(chat.resumeWithin(), () -> sessions.remove(hash));
        });
        parts.beside().execute(session::run);
        return session;
    }

    private CallLoop loop(
            CallSetting setting, SensitiveText resume, TurnGuard guarded, AtomicReference<ChatSession> opened) {
        var tenant = setting.tenant();
        var talk = talking.flatMap(any -> any.openText(tenant, guarded, TextMouth.Way.CHAT, MANNER, parts));
        var terms = new ChatSession.Terms(
                resume,
                chat.resumeWithin(),
                tenant.name(),
                chat.scripted() && talk.isPresent(),
                tenant.transferNumber());
        Line.Source line = ties -> {
            var session = new ChatSession(terms, ties.mailbox(), parts, guarded);
            opened.set(session);
            return new TextLine(TextLine.Kind.CHAT, session, ties);
        };
        return new CallLoop(
                parts,
                line,
                setting.file(),
                setting.audit(),
                setting.tools(),
                new Receptionist(setting.person(), parts.times()),
                false,
                talk,
                outcome -> opened.get().ended(outcome));
    }

    @Override
    public Optional<ChatListener> resume(SensitiveText token) {
        var session = Optional.ofNullable(sessions.get(hash(token)));
        parts.meter().count(session.isPresent() ? "agent.chat.resumed" : "agent.chat.gone");
        return session.map(ChatListener.class::cast);
    }
}
