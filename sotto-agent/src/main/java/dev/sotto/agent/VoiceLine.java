package dev.sotto.agent;

import dev.sotto.media.CallLeg;
import dev.sotto.media.LegListener;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A call by voice: what is said is played, and the sound of both sides may be kept.
final class VoiceLine implements Line {
    private final CallLeg leg;
    private final Ties ties;
    private final Playback playback;
    private final Recorder recorder;
    private final CallEars ears;
    private @Nullable Recorder message;

    VoiceLine(CallLeg leg, Ties ties) {
        this.leg = leg;
        this.ties = ties;
        var parts = ties.parts();
        playback = new Playback(leg, parts.voice(), parts.meter(), ties.heard(), this::begun);
        recorder = new Recorder(
                Recorder.Kind.CALL,
                () -> leg.position().toMillis(),
                parts.limits().longest(),
                parts.meter());
        ears = new CallEars(leg, ties.mailbox(), recorder, parts.meter());
        if (ties.talk() != null) {
            ears.talk(ties.talk());
        }
    }

    private void begun(long sentence) {
        if (ties.talk() != null) {
            ties.talk().begun(sentence);
        }
    }

    /// What the edge tells about this call.
    LegListener listener() {
        return ears;
    }

    @Override
    public Outlet outlet() {
        return playback;
    }

    @Override
    public Duration position() {
        return leg.position();
    }

    @Override
    public Duration unsent() {
        return leg.unsent();
    }

    @Override
    public TurnText words(Phrase phrase, Duration heard) {
        return Wording.of(phrase, heard, ties.parts().voice());
    }

    @Override
    public TurnKind kind() {
        return TurnKind.SPEECH;
    }

    @Override
    public void keep() {
        recorder.keep(ties.parts().beside(), ties.file()::startRecording, () -> {}, ties.failed());
    }

    @Override
    public void stopKeeping() {
        recorder.stop();
    }

    @Override
    public void startMessage() {
        var next = new Recorder(
                Recorder.Kind.MESSAGE,
                () -> leg.position().toMillis(),
                ties.parts().times().messageLimit().plus(Duration.ofSeconds(5)),
                ties.parts().meter());
        message = next;
        ears.message(next);
        next.keep(
                ties.parts().beside(),
                ties.file()::startMessage,
                () -> ties.mailbox().post(new CallEvent.MessageKept()),
                ties.failed());
    }

    @Override
    public void finishMessage() {
        ears.message(null);
        if (message != null) {
            message.stop();
        }
    }

    @Override
    public boolean seal(Duration closing) throws InterruptedException {
        finishMessage();
        boolean left = sealed(message, closing);
        recorder.stop();
        sealed(recorder, closing);
        return left;
    }

    private static boolean sealed(@Nullable Recorder any, Duration closing) throws InterruptedException {
        return any != null && any.begun() && any.awaitSealed(closing);
    }

    @Override
    public void close() {
        leg.close();
    }
}
