package dev.sotto.server.call;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// What a caller says, a frame each 20 ms: all of it from the first moment on, or by turns, each stretch when the agent
/// has spoken and pauses. Belongs to one leg; not thread-safe.
final class CallerVoice {
    private static final int FRAME_BYTES = VirtualSpeaker.FRAME_BYTES;
    private static final long FRAME_NANOS = 20_000_000;
    /// Longer silence than this parts what is said in one turn from what is said in the next.
    private static final int GAP_FRAMES = 50;
    /// The mean magnitude of 16-bit samples above which a frame is sound.
    private static final int AUDIBLE = 250;
    /// A pause of the agent that is an invitation to speak.
    private static final long INVITED_NANOS = Duration.ofMillis(1_300).toNanos();
    /// How long the caller waits for an agent that says nothing.
    private static final long PATIENCE_NANOS = Duration.ofSeconds(15).toNanos();

    private final AgentEar ear;
    private final boolean byTurns;
    private final Deque<AudioClip> waiting;
    private AudioClip saying = AudioClip.empty();
    private int offset;
    private long end;

    /// @param start of the stream
    CallerVoice(AudioClip voice, boolean byTurns, AgentEar ear, long start) {
        this.ear = ear;
        this.byTurns = byTurns;
        this.waiting = new ArrayDeque<>(byTurns ? turns(voice) : List.of());
        if (!byTurns) {
            saying = voice;
        }
        end = start + (byTurns ? 0 : voice.duration().toNanos());
    }

    /// Fills `frame` with what is said next.
    ///
    /// @param playing whether the agent is being heard
    void next(long now, boolean playing, byte[] frame) {
        if (offset >= saying.sizeBytes() && !waiting.isEmpty() && invited(now, playing)) {
            saying = waiting.remove();
            offset = 0;
        }
        int length = Math.min(FRAME_BYTES, saying.sizeBytes() - offset);
        saying.copyTo(offset, frame, 0, length);
        Arrays.fill(frame, length, FRAME_BYTES, Mulaw.SILENCE);
        boolean spoke = length > 0;
        offset += length;
        if (byTurns && spoke) {
            end = now + FRAME_NANOS;
            if (offset >= saying.sizeBytes()) {
                ear.listenFrom(now, playing);
            }
        }
    }

    private boolean invited(long now, boolean playing) {
        if (!ear.spoke()) {
            return !playing && now - ear.listensFrom() >= PATIENCE_NANOS;
        }
        return !playing && now - ear.voiceEnd() >= INVITED_NANOS;
    }

    /// When the caller's own voice ends or has ended; the end of time while more is to be said.
    long end() {
        return waiting.isEmpty() ? end : Long.MAX_VALUE;
    }

    /// The stretches of sound in a clip, without the silence between them.
    static List<AudioClip> turns(AudioClip voice) {
        byte[] mulaw = voice.toByteArray();
        var turns = new ArrayList<AudioClip>();
        int from = -1;
        int end = 0;
        int quiet = 0;
        for (int at = 0; at < mulaw.length; at += FRAME_BYTES) {
            int until = Math.min(at + FRAME_BYTES, mulaw.length);
            if (audible(mulaw, at, until)) {
                from = from < 0 ? at : from;
                end = until;
                quiet = 0;
            } else if (from >= 0 && ++quiet >= GAP_FRAMES) {
                turns.add(AudioClip.of(Arrays.copyOfRange(mulaw, from, end)));
                from = -1;
            }
        }
        if (from >= 0) {
            turns.add(AudioClip.of(Arrays.copyOfRange(mulaw, from, end)));
        }
        return turns;
    }

    private static boolean audible(byte[] mulaw, int from, int until) {
        long sum = 0;
        for (int i = from; i < until; i++) {
            sum += Math.abs(Mulaw.decode(mulaw[i]));
        }
        return sum > (long) AUDIBLE * (until - from);
    }
}
