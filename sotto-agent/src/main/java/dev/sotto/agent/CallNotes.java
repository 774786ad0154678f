package dev.sotto.agent;

import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Speaker;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes down what was said, keyed and done in a call, as turns. Belongs to the call loop's thread, but for
/// [#tool].
final class CallNotes {
    private static final TurnText UNHEARD = TurnText.clear("[speech, not transcribed]");

    private final Scribe scribe;
    private final IdSource ids;
    private final Line line;
    private final int most;
    private final Runnable full;
    private final SentenceLog sentences;
    private @Nullable Duration firstKey;
    private @Nullable Duration speechFrom;

    /// @param full told once when the call has as many turns as it may
    /// @param sentence told what was heard of a sentence that a model said
    CallNotes(Scribe scribe, CallParts parts, Line line, Runnable full, Consumer<SentenceLog.Sentence> sentence) {
        this.scribe = scribe;
        this.ids = parts.ids();
        this.line = line;
        this.most = parts.limits().turns();
        this.full = full;
        this.sentences = new SentenceLog(done -> {
            note(Speaker.AGENT, line.kind(), done.at(), done.length(), done.text());
            sentence.accept(done);
        });
    }

    /// The caller heard something of what was said.
    void heard(Playback.Heard heard) {
        switch (heard.what()) {
            case Phrase phrase ->
                note(Speaker.AGENT, TurnKind.PROMPT, heard.at(), heard.length(), line.words(phrase, heard.length()));
            case Spoken spoken -> sentences.heard(spoken, heard);
        }
    }

    /// Nothing more of what is being said will be heard.
    void hushed() {
        sentences.cut();
    }

    void key() {
        if (firstKey == null) {
            firstKey = line.position();
        }
    }

    void keys(String label, SensitiveText keys) {
        var now = line.position();
        var from = firstKey == null ? now : firstKey;
        firstKey = null;
        note(Speaker.CALLER, TurnKind.KEYPAD, from, now.minus(from), Wording.keys(label, keys));
    }

    void speechStarted(Duration at) {
        speechFrom = at;
    }

    /// Speech that nobody transcribes is over, if there was any.
    void speechStopped(Duration until) {
        if (speechFrom != null) {
            unheard(speechFrom, until.minus(speechFrom));
        }
    }

    /// Somebody else writes down the speech that is going on.
    void speechIsTranscribed() {
        speechFrom = null;
    }

    void unheard(Duration at, Duration length) {
        speechFrom = null;
        note(Speaker.CALLER, TurnKind.SPEECH, at, length, UNHEARD);
    }

    void said(TurnText shown, Duration at, Duration length) {
        note(Speaker.CALLER, TurnKind.SPEECH, at, length, shown);
    }

    /// Called on the tool's own thread.
    void tool(String tool, ToolResult result, Duration at, Duration took) {
        line.tool(tool);
        note(Speaker.SYSTEM, TurnKind.TOOL, at, took, TurnText.clear(tool + ": " + result.word()));
    }

    /// What the caller typed or said to somebody else's transcriber.
    ///
    /// @param kept told, on the scribe's thread, once it is kept
    void typed(TurnText shown, Duration at, Runnable kept) {
        note(new NewTurn(ids.turnId(), Speaker.CALLER, line.kind(), at, Duration.ZERO, shown), kept);
    }

    private void note(Speaker speaker, TurnKind kind, Duration at, Duration length, TurnText text) {
        note(new NewTurn(ids.turnId(), speaker, kind, at, length, text), () -> {});
    }

    private void note(NewTurn turn, Runnable kept) {
        if (scribe.note(turn, kept) == most) {
            full.run();
        }
    }
}
