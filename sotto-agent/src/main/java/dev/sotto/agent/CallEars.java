package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.media.CallLeg;
import dev.sotto.media.CloseReason;
import dev.sotto.media.LegListener;
import dev.sotto.media.SpeechDetector;
import org.jspecify.annotations.Nullable;

/// What the edge tells of one call, turned into events; audio goes to the recorders and never passes the mailbox. Waits
/// for nothing.
final class CallEars implements LegListener {
    private static final String KEYS = "0123456789*#";

    private final CallLeg leg;
    private final Mailbox mailbox;
    private final Recorder recorder;
    private final Meter meter;
    private final SpeechDetector detector = new SpeechDetector();
    private volatile @Nullable Recorder message;
    private volatile @Nullable Talk talk;

    CallEars(CallLeg leg, Mailbox mailbox, Recorder recorder, Meter meter) {
        this.leg = leg;
        this.mailbox = mailbox;
        this.recorder = recorder;
        this.meter = meter;
    }

    /// From now on the caller's audio goes there too.
    void message(@Nullable Recorder next) {
        message = next;
    }

    /// From now on the caller's audio goes there too.
    void talk(Talk listening) {
        talk = listening;
    }

    @Override
    public void audio(long timestampMillis, byte[] mulaw) {
        var change = detector.accept(mulaw);
        var listening = talk;
        if (listening != null) {
            listening.audio(mulaw);
            if (change != SpeechDetector.Change.NONE) {
                listening.speech(change == SpeechDetector.Change.STARTED, leg.position());
            }
        }
        switch (change) {
            case STARTED -> offer(new CallEvent.SpeechStarted(leg.position()));
            case STOPPED -> offer(new CallEvent.SpeechStopped(leg.position()));
            case NONE -> {
                // most frames change nothing
            }
        }
        recorder.caller(timestampMillis, mulaw);
        var taking = message;
        if (taking != null) {
            taking.caller(timestampMillis, mulaw);
        }
    }

    @Override
    public void heard(long positionMillis, byte[] mulaw) {
        recorder.heard(positionMillis, mulaw);
    }

    @Override
    public void dtmf(char digit) {
        if (KEYS.indexOf(digit) >= 0) {
            offer(new CallEvent.Dtmf(digit));
        }
    }

    @Override
    public void mark(String name) {
        offer(new CallEvent.MarkPlayed(name));
    }

    @Override
    public void closed(CloseReason reason) {
        mailbox.post(new CallEvent.Ended(
                switch (reason) {
                    case STOPPED, LEG_CLOSED -> true;
                    case PEER_CLOSED, REFUSED, IDLE, STALLED, EDGE_CLOSED, FAILED -> false;
                }));
    }

    private void offer(CallEvent event) {
        if (!mailbox.offer(event)) {
            meter.count("agent.mailbox.dropped");
        }
    }
}
