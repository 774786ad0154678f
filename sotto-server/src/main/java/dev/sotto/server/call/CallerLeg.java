package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.server.node.ServerError;
import java.time.Duration;
import java.util.Map;

/// The carrier's and the caller's side of one stream: a frame of the caller's voice each 20 ms, keys, the
/// speaker and its marks. Told the time, it waits for nothing. Times are of one monotonic clock, in
/// nanoseconds. Not thread-safe.
final class CallerLeg implements VirtualSpeaker.Listener, Keypad.Phone {
    private static final int FRAME_BYTES = VirtualSpeaker.FRAME_BYTES;
    private static final long FRAME_MILLIS = 20;
    private static final long FRAME_NANOS = FRAME_MILLIS * 1_000_000;
    private static final int MAX_QUEUED_BYTES = 300 * AudioClip.SAMPLE_RATE_HERTZ;
    private static final int MAX_QUEUED_ITEMS = 20_000;

    /// Where messages go. Nothing here may block.
    interface Wire {
        /// Sends a message after those before it.
        ///
        /// @param audio whether it may be dropped when the peer does not take it
        void send(String message, boolean audio);
    }

    private final CarrierMessages messages;
    private final Wire wire;
    private final CallWatcher watcher;
    private final long start;
    private final AgentEar ear;
    private final Keypad keypad;
    private final HangUpRule hangUp;
    private final VirtualSpeaker speaker;
    private final CallerVoice voice;
    private final byte[] frame = new byte[FRAME_BYTES];
    private long frames;
    private int keys;
    private boolean stopped;

    CallerLeg(CallSids sids, CallPlan plan, long start, Wire wire) {
        this(sids, plan, start, wire, new CallWatcher() {});
    }

    /// @param watcher is told what is heard
    CallerLeg(CallSids sids, CallPlan plan, long start, Wire wire, CallWatcher watcher) {
        this.messages = new CarrierMessages(sids);
        this.wire = wire;
        this.watcher = watcher;
        this.start = start;
        this.ear = new AgentEar(start);
        this.keypad = new Keypad(plan.keys(), plan.timing(), ear, start, this);
        this.hangUp = new HangUpRule(plan, ear, keypad, start);
        this.speaker = new VirtualSpeaker(MAX_QUEUED_BYTES, MAX_QUEUED_ITEMS, this);
        this.voice = new CallerVoice(plan.voice(), plan.byTurns(), ear, start);
    }

    /// The first two messages of the stream.
    void begin(Map<String, SensitiveText> parameters) {
        wire.send(messages.connected(), false);
        wire.send(messages.start(parameters), false);
    }

    /// Sends what is due.
    ///
    /// @return false once the caller has hung up
    boolean tick(long now) {
        if (stopped) {
            return false;
        }
        speaker.advance(now);
        while (now - frameEnd(frames) >= 0) {
            sendFrame(now);
        }
        keypad.tick(now);
        if (hangUp.due(now, voice.end())) {
            stop();
        }
        return !stopped;
    }

    /// A message of the server.
    ///
    /// @throws RejectedException if more waits to be played than any agent says in one go
    void received(long now, ServerMessage message) {
        if (stopped) {
            return;
        }
        boolean taken = switch (message) {
            case ServerMessage.Media(AudioClip audio) -> speaker.play(now, audio);
            case ServerMessage.Mark(String name) -> speaker.mark(now, name);
            case ServerMessage.Clear _ -> {
                speaker.clear(now);
                ear.promptEnded();
                yield true;
            }
            case ServerMessage.Other _ -> true;
        };
        if (!taken) {
            throw new RejectedException(
                    ServerError.CALL_FAILED,
                    "the server sent more than %d seconds of audio ahead"
                            .formatted(MAX_QUEUED_BYTES / AudioClip.SAMPLE_RATE_HERTZ));
        }
    }

    /// The agent has given an answer to what was keyed up to `until`, time since the start of the stream.
    void answered(long now, Duration until) {
        if (until.toNanos() > keypad.lastKey() - start) {
            hangUp.answered(now);
        }
    }

    /// The caller hangs up at the next tick.
    void hangUp() {
        hangUp.told();
    }

    boolean stopped() {
        return stopped;
    }

    /// What was heard so far.
    CallReport.Heard heard() {
        return new CallReport.Heard(
                Duration.ofNanos(speaker.playedNanos()),
                Duration.ofNanos(ear.totalVoicedNanos()),
                Duration.ofNanos(speaker.clearedNanos()),
                speaker.marks(),
                speaker.clears(),
                speaker.gaps(),
                keys,
                frames);
    }

    @Override
    public void played(long startNanos, long lengthNanos, byte[] mulaw, int length) {
        ear.heard(startNanos, lengthNanos, mulaw, length);
        watcher.heard(mulaw, length);
    }

    @Override
    public void mark(String name) {
        ear.promptEnded();
        wire.send(messages.mark(name), false);
    }

    @Override
    public boolean playing() {
        return speaker.playing();
    }

    @Override
    public void key(char key) {
        keys++;
        wire.send(messages.dtmf(key), false);
    }

    /// A frame is sent when it has been spoken: at its end.
    private long frameEnd(long number) {
        return start + (number + 1) * FRAME_NANOS;
    }

    private void sendFrame(long now) {
        voice.next(now, speaker.playing(), frame);
        wire.send(messages.media(frames * FRAME_MILLIS, frame), true);
        frames++;
    }

    private void stop() {
        stopped = true;
        wire.send(messages.stop(), false);
    }
}
