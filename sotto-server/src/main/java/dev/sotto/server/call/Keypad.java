package dev.sotto.server.call;

import dev.sotto.core.SensitiveText;
import java.util.ArrayDeque;
import java.util.Deque;

/// The fingers of a caller: types the groups of a [KeyPlan] when the agent pauses or has said enough. Belongs
/// to one leg; not thread-safe.
final class Keypad {
    /// What the agent says this long after a group is what it was saying already.
    private static final long ECHO_NANOS = 300_000_000;

    /// The rest of the caller's telephone.
    interface Phone {
        void key(char key);

        /// Whether the agent is being heard.
        boolean playing();
    }
    /// An agent without marks does not say where a prompt ends: so long a pause does.
    private static final long LONG_PAUSE_NANOS = 1_000_000_000;

    private final Deque<SensitiveText> groups;
    private final AgentEar ear;
    private final Phone phone;
    private final long pause;
    private final long intoPrompt;
    private final long between;
    private final long patience;

    private String typing = "";
    private int at;
    private long nextKey;
    private long lastKey;

    Keypad(KeyPlan plan, KeyTiming timing, AgentEar ear, long start, Phone phone) {
        this.groups = new ArrayDeque<>(plan.groups());
        this.ear = ear;
        this.phone = phone;
        this.pause = timing.pause().toNanos();
        this.intoPrompt = timing.intoPrompt().toNanos();
        this.between = timing.between().toNanos();
        this.patience = timing.patience().toNanos();
        this.lastKey = start;
    }

    /// Types what is due.
    void tick(long now) {
        if (!isTyping() && !groups.isEmpty() && invited(now)) {
            typing = groups.remove().reveal();
            at = 0;
            nextKey = now;
        }
        while (isTyping() && now >= nextKey) {
            phone.key(typing.charAt(at));
            at++;
            lastKey = now;
            nextKey += between;
            if (!isTyping()) {
                typing = "";
                at = 0;
                ear.listenFrom(now + ECHO_NANOS, phone.playing());
            }
        }
    }

    boolean done() {
        return groups.isEmpty() && !isTyping();
    }

    /// When the last key was typed; the start, if none was.
    long lastKey() {
        return lastKey;
    }

    private boolean isTyping() {
        return at < typing.length();
    }

    private boolean invited(long now) {
        if (!ear.spoke()) {
            return now - ear.listensFrom() >= patience;
        }
        long quiet = now - ear.voiceEnd();
        boolean asked = quiet >= pause || ear.intoPrompt(now) >= intoPrompt;
        return quiet >= LONG_PAUSE_NANOS || (ear.spokeAnew() && asked);
    }
}
