package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.media.CloseReason;
import dev.sotto.media.RelayListener;
import dev.sotto.media.RelayPeer;
import dev.sotto.store.CallOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call that the carrier transcribes and speaks: what it made out goes to the loop, what is to be spoken goes
/// through the guard to it. Thread-safe.
final class RelaySession implements RelayListener, TextPeer {
    private static final Logger log = LoggerFactory.getLogger(RelaySession.class);
    private static final int WAITING = 64;
    private static final long LOOK_MILLIS = 200;

    private record ToSay(SensitiveText words, boolean decided) {}

    private record Said(SensitiveText text, Duration at) {}

    private final RelayPeer peer;
    private final Mailbox mailbox;
    private final CallParts parts;
    private final TurnGuard guard;
    private final Passage hearing;
    private final long began;
    private final BlockingQueue<ToSay> saying = new ArrayBlockingQueue<>(WAITING);
    private final BlockingQueue<Said> said = new ArrayBlockingQueue<>(WAITING);
    private volatile CallOutcome outcome = CallOutcome.LOST;
    private volatile boolean over;
    private volatile boolean greeted;

    /// @param hearing the right to have the caller transcribed; closed with the session
    RelaySession(RelayPeer peer, Mailbox mailbox, CallParts parts, TurnGuard guard, Passage hearing) {
        this.peer = peer;
        this.mailbox = mailbox;
        this.parts = parts;
        this.guard = guard;
        this.hearing = hearing;
        this.began = parts.timers().nanoTime();
    }

    @Override
    public void prompt(SensitiveText text) {
        var at = Duration.ofNanos(parts.timers().nanoTime() - began);
        if (!text.reveal().isBlank() && !said.offer(new Said(text, at))) {
            parts.meter().count("agent.mailbox.dropped");
        }
    }

    @Override
    public void dtmf(char digit) {
        offer(new CallEvent.Dtmf(digit));
    }

    @Override
    public void interrupted(SensitiveText heard) {
        offer(new CallEvent.Interrupted(heard));
    }

    private void offer(CallEvent event) {
        if (!mailbox.offer(event)) {
            parts.meter().count("agent.mailbox.dropped");
        }
    }

    @Override
    public void closed(CloseReason reason) {
        mailbox.post(new CallEvent.Ended(reason == CloseReason.STOPPED || reason == CloseReason.LEG_CLOSED));
    }

    /// Hands what the caller said to the loop. Blocks until the call is over; called once.
    void listen() {
        try {
            while (!over) {
                var next = said.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (next == null) {
                    continue;
                }
                if (!hearing.open()) { // the rules have changed: nobody may be transcribed there any more
                    parts.meter().count("agent.relay.shut");
                    mailbox.post(new CallEvent.Failed());
                    return;
                }
                hearing.sent(1, next.text().length());
                offer(new CallEvent.Typed(next.text(), guard.heard(next.text()), next.at(), () -> {}));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// Has the carrier speak what is to be said, in order. Blocks until the call is over; called once.
    void speak() {
        try {
            while (!over || !saying.isEmpty()) {
                var next = saying.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    speak(next);
                }
            }
            peer.end("{\"outcome\":\"%s\"}".formatted(outcome.name().toLowerCase(Locale.ROOT)));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            hearing.close();
            guard.close();
        }
    }

    private void speak(ToSay next) {
        if (next.decided()) {
            peer.say(next.words());
            return;
        }
        try {
            guard.decide(
                            TextMouth.Way.RELAY.destination(),
                            DataClass.TRANSCRIPT,
                            TextMouth.Way.RELAY.purpose(),
                            List.of(next.words()))
                    .ifPresentOrElse(allowed -> peer.say(allowed.pieces().getFirst()), this::unsaid);
        } catch (SottoException refused) {
            log.atWarn()
                    .addKeyValue("event", "agent.relay.unsaid")
                    .addKeyValue("code", refused.code().name())
                    .log("what is to be said may not go to the carrier");
            unsaid();
        }
    }

    /// Where nothing may be spoken the call cannot go on here: what comes behind it in the TwiML takes over.
    private void unsaid() {
        parts.meter().count("agent.relay.unsaid");
        mailbox.post(new CallEvent.Ended(false));
    }

    /// The first words were in the TwiML already: the carrier speaks them while the session connects.
    @Override
    public void say(SensitiveText words, boolean decided) {
        if (!greeted) {
            greeted = true;
        } else if (!saying.offer(new ToSay(words, decided))) {
            unsaid();
        }
    }

    void ended(CallOutcome how) {
        outcome = how;
    }

    @Override
    public void close() {
        over = true;
    }
}
