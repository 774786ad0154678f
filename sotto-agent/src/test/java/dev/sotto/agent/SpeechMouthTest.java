package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DeniedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.SpeechEvent;
import dev.sotto.model.SpeechStream;
import dev.sotto.model.Synthesizer;
import dev.sotto.store.TurnText.Part;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpeechMouthTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final FakeSpeech speech = new FakeSpeech();
    private final FakeTurnGuard guard = new FakeTurnGuard();
    private final FakeMeter meter = new FakeMeter();
    private final List<Spoken> pieces = new ArrayList<>();
    private final TurnClock clock = new TurnClock(System.nanoTime(), meter);
    private final Mouth mouth = mouth(speech);

    private SpeechMouth mouth(Synthesizer synthesizer) {
        return new SpeechMouth(synthesizer, "voice", guard, PATIENCE, meter);
    }

    private boolean say(String words) {
        return mouth.say(7, SensitiveText.of(words), () -> true, clock, pieces::add);
    }

    private Duration length() {
        return pieces.stream().map(piece -> piece.clip().duration()).reduce(Duration.ZERO, Duration::plus);
    }

    @Test
    void sentence_isPlayedWhileItIsMade_aShortPieceFirst() {
        assertThat(say("Thirty characters are in here.")).isTrue(); // the fake makes 20 ms of each character

        assertThat(pieces)
                .extracting(piece -> piece.clip().duration())
                .containsExactly(Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(100));
        assertThat(pieces).extracting(Spoken::last).containsExactly(false, false, true);
        assertThat(pieces).extracting(Spoken::sentence).containsOnly(7L);
        assertThat(meter.timed("agent.talk.sentence_guarded")).hasSize(1);
    }

    @Test
    void sentence_ofAnyLength_isPlayedWholeAndEndsOnce() {
        Samples.forAll(100, random -> "x".repeat(random.nextInt(1, 200)), words -> {
            pieces.clear();
            assertThat(say(words)).isTrue();
            assertThat(length()).isEqualTo(FakeSpeech.FRAME.multipliedBy(words.length()));
            assertThat(pieces).filteredOn(Spoken::last).containsExactly(pieces.getLast());
        });
    }

    @Test
    void sentence_isSaidInFullAndShownWithItsProtectedPart() {
        assertThat(say("  Thank you, <PERSON_1>. ")).isTrue();

        assertThat(speech.spoken).containsExactly("Thank you, Maren Oakfield.");
        assertThat(guard.sent)
                .containsExactly(
                        new FakeTurnGuard.Sent("voice", "speech-synthesis", List.of("Thank you, Maren Oakfield.")));
        assertThat(pieces.getFirst().text().redacted()).isEqualTo("Thank you, [PERSON].");
        assertThat(pieces.getFirst().text().parts())
                .contains(new Part.Protected("PERSON", SensitiveText.of("Maren Oakfield")));
        assertThat(pieces.getFirst()).hasToString("Spoken[7]");
    }

    @Test
    void blanks_areNotWorthADisclosure() {
        assertThat(say(" \n ")).isTrue();

        assertThat(guard.sent).isEmpty();
        assertThat(speech.spoken).isEmpty();
        assertThat(pieces).isEmpty();
    }

    @Test
    void sentence_thatIsNotAllowed_neverReachesTheSynthesizer() {
        guard.blocked = "secret";

        assertThat(say("This is a secret.")).isFalse();

        assertThat(speech.spoken).isEmpty();
        assertThat(pieces).isEmpty();
    }

    @Test
    void synthesizer_outOfPolicy_isAFailureAndHearsNothing() {
        guard.outOfPolicy = SpeechMouth.PURPOSE;

        assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> say("Hello."));
        assertThat(speech.spoken).isEmpty();
    }

    @Test
    void disclosure_thatCannotBeRecorded_doesNotHappen() {
        guard.down = SpeechMouth.PURPOSE;

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> say("Hello."));
        assertThat(speech.spoken).isEmpty();
    }

    @Test
    void synthesizer_thatIsDown_isAFailure() {
        speech.synthesizerDown = true;

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> say("Hello."));
        assertThat(pieces).isEmpty();
    }

    /// Says nothing.
    private static final class Silent implements SpeechStream {
        private final List<Duration> waited = new ArrayList<>();
        private boolean closed;

        @Override
        public Optional<SpeechEvent> next(Duration patience) {
            waited.add(patience);
            return Optional.empty();
        }

        @Override
        public long sentNanos() {
            return System.nanoTime();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void synthesizer_thatSaysNothing_isGivenUpAfterThePatienceAndClosed() {
        var silent = new Silent();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> mouth(_ -> silent).say(1, SensitiveText.of("Hello."), () -> true, clock, pieces::add))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(AgentError.MODEL_TOO_SLOW));
        assertThat(silent.waited).containsExactly(PATIENCE);
        assertThat(silent.closed).isTrue();
    }

    @Test
    void sentence_nobodyWantsAnyMore_isNotWaitedForAndTheStreamIsClosed() {
        var silent = new Silent();

        assertThat(mouth(_ -> silent).say(1, SensitiveText.of("Hello."), () -> false, clock, pieces::add))
                .isTrue();

        assertThat(silent.waited).isEmpty();
        assertThat(silent.closed).isTrue();
        assertThat(pieces).isEmpty();
    }

    @Test
    void sentence_nobodyWantsAfterItsFirstPiece_endsThere() {
        assertThat(mouth.say(1, SensitiveText.of("x".repeat(60)), pieces::isEmpty, clock, pieces::add))
                .isTrue();

        assertThat(pieces).extracting(Spoken::last).containsExactly(false);
        assertThat(length()).isEqualTo(Duration.ofMillis(100));
    }
}
