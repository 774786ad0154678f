package dev.sotto.server.bench;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.server.call.CallPlan;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.KeyPlan;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.server.call.PlacedCall;
import dev.sotto.server.call.TwilioCaller;
import dev.sotto.server.node.ServerError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Callers who come one after another, each stay for the same time, talk, and hang up.
final class Party {
    /// Fifty come within the eight seconds or so of a turn: real callers do not speak in step.
    private static final Duration APART = Duration.ofMillis(170);
    private static final Duration PATIENCE = Duration.ofSeconds(45);
    private static final int TONE_HERTZ = 440;
    private static final int LOUD = 8_000;
    private static final int UTTERANCE_SECONDS = 2;

    private final CallTarget target;
    private final int calls;

    /// @param calls at once
    Party(CallTarget target, int calls) {
        this.target = target;
        this.calls = calls;
    }

    /// Everybody answers whenever the agent pauses.
    List<CallReport> inTurns(Duration each) throws InterruptedException {
        int turns = (int) each.toSeconds() / UTTERANCE_SECONDS;
        return meet(each, voice(0, UTTERANCE_SECONDS * 2, turns), true);
    }

    /// Everybody speaks at set times, whatever the agent does, so that two agents are told the same.
    ///
    /// @param first when, in seconds from the start
    /// @param every how long from one utterance to the next, in seconds
    List<CallReport> atSetTimes(Duration each, int first, int every) throws InterruptedException {
        int turns = Math.max(0, (int) each.toSeconds() - first - UTTERANCE_SECONDS) / every + 1;
        return meet(each, voice(first, every, turns), false);
    }

    private List<CallReport> meet(Duration each, AudioClip voice, boolean byTurns) throws InterruptedException {
        List<CallReport> reports = new ArrayList<>();
        try (TwilioCaller caller = TwilioCaller.open(target.voiceUrl(), target.account(), target.trust())) {
            List<PlacedCall> placed = new ArrayList<>();
            for (int number = 0; number < calls; number++) {
                placed.add(caller.place(plan(number, each, voice, byTurns)));
                Thread.sleep(APART);
            }
            for (PlacedCall call : placed) {
                reports.add(call.await(each.plus(PATIENCE)));
            }
        }
        long broken = reports.stream()
                .filter(report -> !(report.ending() instanceof CallReport.Ending.HungUp))
                .count();
        if (broken > 0) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED,
                    "%d of %d calls did not last as long as the callers wanted: nothing to measure"
                            .formatted(broken, calls));
        }
        return reports;
    }

    private CallPlan plan(int number, Duration each, AudioClip voice, boolean byTurns) {
        return new CallPlan(
                SensitiveText.of("+1555013%04d".formatted(number)),
                target.to(),
                voice,
                KeyPlan.none(),
                KeyTiming.patient(),
                false,
                each,
                byTurns);
    }

    /// Utterances of two seconds of a tone, and silence.
    private static AudioClip voice(int first, int every, int turns) {
        int rate = AudioClip.SAMPLE_RATE_HERTZ;
        byte[] mulaw = new byte[(first + turns * every) * rate];
        for (int i = 0; i < mulaw.length; i++) {
            boolean speaks = i >= first * rate && (i - first * rate) % (every * rate) < UTTERANCE_SECONDS * rate;
            double phase = 2 * Math.PI * TONE_HERTZ * i / rate;
            mulaw[i] = speaks ? Mulaw.encode((short) (LOUD * Math.sin(phase))) : Mulaw.SILENCE;
        }
        return AudioClip.of(mulaw);
    }
}
