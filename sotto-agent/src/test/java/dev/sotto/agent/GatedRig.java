package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.NewTurn;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/// Calls in gated mode through the real loop, with a fake provider.
final class GatedRig {
    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int FRAME_BYTES = 160;

    final FakeRealtime provider = new FakeRealtime();
    final FakeTurnGuard guard = new FakeTurnGuard();
    private final Duration hold;
    private final Duration patience;
    private final boolean wide;
    private long at;

    GatedRig() {
        this(PATIENCE, PATIENCE, false);
    }

    GatedRig(Duration patience, Duration hold, boolean wide) {
        this.patience = patience;
        this.hold = hold;
        this.wide = wide;
    }

    CallRig rig() {
        var models = new GatedModels(provider, "live", wide, () -> true, patience, hold);
        var rig = new CallRig(true, true);
        return rig.talks((loop, tools) -> new GatedTalk(
                        models,
                        guard,
                        tools,
                        Vertical.shipped("healthcare"),
                        () -> SensitiveText.of("be kind"),
                        rig.beside,
                        loop,
                        rig.meter)
                .open());
    }

    /// To where the caller was greeted.
    static CallRig greeted(CallRig rig) throws Exception {
        rig.start().hears("announce.ai", "announce.recorded").listens();
        rig.hears("talk.greeting").listens();
        rig.timers.awaitPending(CallRig.TIMES.noInput());
        return rig;
    }

    /// Half a second of noise as loud as speech.
    void noise(CallRig rig) {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 25; i++) {
            var loud = new byte[FRAME_BYTES];
            random.nextBytes(loud);
            frame(rig, loud);
        }
    }

    void quiet(CallRig rig) {
        var silence = new byte[FRAME_BYTES];
        Arrays.fill(silence, (byte) 0xFF);
        for (int i = 0; i < 30; i++) {
            frame(rig, silence);
        }
    }

    private void frame(CallRig rig, byte[] mulaw) {
        rig.leg.listener().audio(at, mulaw);
        at += 20;
    }

    /// Waits until so much was said, and says how much.
    static Duration hears(CallRig rig, Duration expected) throws Exception {
        var heard = Duration.ZERO;
        while (heard.compareTo(expected) < 0) {
            heard = heard.plus(rig.leg.next().duration());
        }
        assertThat(heard).isEqualTo(expected);
        return heard;
    }

    /// The sound of a whole answer.
    static Duration sound(String words) {
        long letters = words.chars().filter(Character::isLetterOrDigit).count();
        return Duration.ofMillis(letters * FakeRealtime.LETTER_BYTES / 8);
    }

    static List<String> turns(CallRig rig) {
        return rig.file.turns.stream().map(GatedRig::words).toList();
    }

    private static String words(NewTurn turn) {
        return turn.speaker().name().toLowerCase(Locale.ROOT) + ": "
                + turn.text().redacted().strip();
    }

    static void until(BooleanSupplier holds) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it does not come true");
            }
            Thread.onSpinWait();
        }
    }
}
