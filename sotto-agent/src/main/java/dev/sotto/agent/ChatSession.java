package dev.sotto.agent;

import dev.sotto.agent.Timers.Handle;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.media.ChatFrame;
import dev.sotto.media.ChatFrame.Fault;
import dev.sotto.media.ChatListener;
import dev.sotto.media.ChatPeer;
import dev.sotto.store.CallOutcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One chat, whichever socket it is on: what the visitor wrote goes to the loop once, whatever is sent again; what the
/// agent said is kept in memory until the chat is over, so that a socket that takes over misses nothing. Thread-safe.
final class ChatSession implements ChatListener, TextPeer {
    /// Messages that may wait to be read.
    private static final int WAITING = 8;

    private static final long LOOK_MILLIS = 200;

    /// A message and when it came.
    private record Written(String id, SensitiveText text, Duration at) {}

    private final Terms terms;
    private final Mailbox mailbox;
    private final CallParts parts;
    private final TurnGuard guard;
    private final long began;
    private final ArrayBlockingQueue<Written> written = new ArrayBlockingQueue<>(WAITING);
    // Guarded by this.
    private final ArrayDeque<ChatFrame> frames = new ArrayDeque<>();
    /// Whether each message is kept.
    private final Map<String, Boolean> messages = new HashMap<>();
    private long number;
    private @Nullable ChatPeer peer;
    private @Nullable Handle leaving;
    private boolean working;
    private boolean over;

    /// What a visitor is told of a chat.
    ///
    /// @param resume the token with which another socket goes on
    /// @param phone where a person answers
    record Terms(
            SensitiveText resume, Duration resumeWithin, String business, boolean scripted, Optional<String> phone) {}

    ChatSession(Terms terms, Mailbox mailbox, CallParts parts, TurnGuard guard) {
        this.terms = terms;
        this.mailbox = mailbox;
        this.parts = parts;
        this.guard = guard;
        this.began = parts.timers().nanoTime();
        synchronized (this) {
            awaitVisitor();
        }
    }

    private Duration position() {
        return Duration.ofNanos(parts.timers().nanoTime() - began);
    }

    @Override
    public synchronized void opened(ChatPeer next, long seen) {
        if (peer != null) {
            parts.meter().count("agent.chat.taken_over");
            peer.close(ChatPeer.Why.TAKEN_OVER);
        }
        peer = next;
        if (leaving != null) {
            leaving.cancel();
            leaving = null;
        }
        next.send(new ChatFrame.Hello(terms.resume(), terms.resumeWithin(), terms.business(), terms.scripted()));
        frames.stream().filter(frame -> number(frame) > seen).forEach(next::send);
        if (over) {
            next.close(ChatPeer.Why.DONE);
        } else if (working) {
            next.send(new ChatFrame.Working(true));
        }
    }

    private static long number(ChatFrame frame) {
        return switch (frame) {
            case ChatFrame.Said said -> said.number();
            case ChatFrame.Tool tool -> tool.number();
            case ChatFrame.Ended ended -> ended.number();
            case ChatFrame.Hello _, ChatFrame.Ack _, ChatFrame.Working _, ChatFrame.NotTaken _ -> 0;
        };
    }

    @Override
    public synchronized void closed(ChatPeer gone) {
        if (gone.equals(peer)) {
            peer = null;
            awaitVisitor();
        }
    }

    /// A visitor who does not come back has left.
    private void awaitVisitor() {
        if (!over) {
            leaving = parts.timers().after(terms.resumeWithin(), this::end);
        }
    }

    @Override
    public void end() {
        mailbox.post(new CallEvent.Ended(true));
    }

    @Override
    public synchronized void message(String id, SensitiveText text) {
        var known = messages.get(id);
        if (known != null) {
            parts.meter().count("agent.chat.repeated");
            if (known) {
                tell(new ChatFrame.Ack(id));
            }
        } else if (over) {
            tell(new ChatFrame.NotTaken(Fault.TOO_MANY_MESSAGES, id));
        } else if (messages.size() >= parts.limits().turns()) {
            refuse(Fault.TOO_MANY_MESSAGES, id);
        } else if (written.offer(new Written(id, text, position()))) {
            messages.put(id, false);
        } else {
            refuse(Fault.TOO_FAST, id);
        }
    }

    private void refuse(Fault fault, String id) {
        parts.meter().count("agent.chat.not_taken");
        tell(new ChatFrame.NotTaken(fault, id));
    }

    private void tell(ChatFrame frame) {
        if (peer != null) {
            peer.send(frame);
        }
    }

    /// Hands what was written to the loop, in order, until the chat is over. Blocks; called once.
    void run() {
        try {
            while (!over()) {
                var next = written.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    give(next);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void give(Written next) {
        var shown = guard.heard(next.text());
        var typed = new CallEvent.Typed(next.text(), shown, next.at(), () -> kept(next.id()));
        if (!mailbox.offer(typed)) {
            synchronized (this) {
                messages.remove(next.id());
                refuse(Fault.TOO_FAST, next.id());
            }
        }
    }

    private synchronized boolean over() {
        return over;
    }

    private synchronized void kept(String id) {
        messages.put(id, true);
        tell(new ChatFrame.Ack(id));
    }

    @Override
    public synchronized void say(SensitiveText words, boolean decided) {
        add(new ChatFrame.Said(++number, words));
    }

    @Override
    public synchronized void tool(String name) {
        add(new ChatFrame.Tool(++number, Tool.named(name).map(Tool::wireName).orElse("unknown")));
    }

    @Override
    public synchronized void working(boolean now) {
        if (working != now) {
            working = now;
            tell(new ChatFrame.Working(now));
        }
    }

    private void add(ChatFrame frame) {
        if (!over) {
            frames.addLast(frame);
            tell(frame);
        }
    }

    /// The call has ended so.
    synchronized void ended(CallOutcome outcome) {
        if (over) {
            return;
        }
        var reason = switch (outcome) {
            case COMPLETED -> ChatFrame.Reason.COMPLETED;
            case VOICEMAIL -> ChatFrame.Reason.MESSAGE_LEFT;
            case TRANSFERRED -> ChatFrame.Reason.TRANSFERRED;
            case HUNG_UP -> ChatFrame.Reason.LEFT;
            case FAILED, LOST -> ChatFrame.Reason.FAILED;
        };
        boolean passedOn = reason == ChatFrame.Reason.TRANSFERRED || reason == ChatFrame.Reason.FAILED;
        add(new ChatFrame.Ended(++number, reason, passedOn ? terms.phone() : Optional.empty()));
        over = true;
        if (leaving != null) {
            leaving.cancel();
        }
        if (peer != null) {
            peer.close(ChatPeer.Why.DONE);
        }
    }

    @Override
    public void close() {
        try {
            guard.close();
        } catch (SottoException refused) {
            parts.meter().count("agent.chat.guard_unclosed");
        }
    }
}
