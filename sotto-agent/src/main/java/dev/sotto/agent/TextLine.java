package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// A call in text: typed and shown, or transcribed and spoken by somebody else. There is no sound of it to keep.
final class TextLine implements Line {
    /// Who carries it.
    enum Kind {
        /// The page of a visitor.
        CHAT,
        /// A carrier that transcribes and speaks.
        RELAY
    }

    private final Kind kind;
    private final TextPeer peer;
    private final UnaryOperator<String> texts;
    private final Ties ties;
    private final long began;
    private final TextOutlet outlet;
    private boolean messageTyped;

    TextLine(Kind kind, TextPeer peer, Ties ties) {
        this.kind = kind;
        this.peer = peer;
        this.ties = ties;
        this.began = ties.parts().timers().nanoTime();
        this.texts = kind == Kind.CHAT
                ? WrittenWords.over(ties.parts().voice())
                : ties.parts().voice()::text;
        this.outlet = new TextOutlet(peer, texts, kind == Kind.RELAY, this::position, ties);
    }

    @Override
    public Outlet outlet() {
        return outlet;
    }

    @Override
    public Duration position() {
        return Duration.ofNanos(ties.parts().timers().nanoTime() - began);
    }

    @Override
    public Duration unsent() {
        return Duration.ZERO;
    }

    @Override
    public TurnText words(Phrase phrase, Duration heard) {
        var whole = Wording.whole(phrase, texts);
        if (kind == Kind.CHAT) {
            return whole;
        }
        long characters = heard.toMillis() * SentenceLog.CHARACTERS_PER_SECOND / 1_000;
        return characters + 1 >= Wording.full(whole).length() ? whole : SentenceLog.beginning(whole, characters);
    }

    @Override
    public TurnKind kind() {
        return kind == Kind.CHAT ? TurnKind.TEXT : TurnKind.SPEECH;
    }

    @Override
    public void interrupted(SensitiveText words) {
        outlet.interrupted(words);
    }

    @Override
    public void working(boolean now) {
        peer.working(now);
    }

    @Override
    public void tool(String name) {
        peer.tool(name);
    }

    @Override
    public void messageTyped() {
        messageTyped = true;
    }

    @Override
    public void keep() {
        throw new IllegalStateException("a call in text has no sound");
    }

    @Override
    public void stopKeeping() {
        // There is nothing that was kept.
    }

    @Override
    public void startMessage() {
        messageTyped = false;
    }

    /// Where nobody typed a message, none will be kept.
    @Override
    public void finishMessage() {
        if (!messageTyped) {
            ties.mailbox().post(new CallEvent.LimitReached());
        }
    }

    @Override
    public boolean seal(Duration closing) {
        return false;
    }

    @Override
    public void close() {
        peer.close();
    }
}
