package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.Disclosure;
import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ReadingsTest {
    private static final Deadline DEADLINE = Deadline.in(Duration.ofMinutes(5), System::nanoTime);
    /// Texts that mean something else after one another than alone.
    private static final String[] SAID = {
        "What is your date of birth?",
        "Can I have your phone number?",
        "march fourteenth nineteen eighty four",
        "four one five",
        "five five five oh one two three",
        "my name is jane doe",
        "jane doe called before",
        "the code is one two three",
        "go ahead",
        "my card is four one one one one one one one one one one one one one one one",
        "room four one five",
        "What is your medical record number?",
    };

    private final AtomicInteger looks = new AtomicInteger();

    private GuardRig rig() {
        return new GuardRig(parts -> parts.with(Detection.standard().with(new Detector() {
            @Override
            public String name() {
                return "counting";
            }

            @Override
            public List<Finding> detect(Utterance utterance, Deadline deadline) {
                looks.incrementAndGet();
                return List.of();
            }
        })));
    }

    private static Disclosure conversation(List<String> said) {
        return toModel(said.toArray(String[]::new));
    }

    @Test
    void conversation_thatGrows_isReadOnceAText() {
        var rig = rig();
        rig.guard.openCall(CLINIC, CALL);
        var said = new ArrayList<String>();
        for (String text : SAID) {
            said.add(text);
            rig.guard.decide(conversation(said));
        }

        assertThat(looks).hasValue(SAID.length);
    }

    @Test
    void text_inAnotherLight_isReadAnew() {
        var rig = rig();
        rig.guard.openCall(CLINIC, CALL);

        rig.guard.decide(toModel("one two three"));
        rig.guard.decide(toModel("What is the security code on the back of your card?", "one two three"));

        assertThat(looks).hasValue(3);
    }

    @Test
    void disclosureOutsideACall_keepsNothing() {
        var rig = rig();

        rig.guard.decide(toModel("hello"));
        rig.guard.decide(toModel("hello"));

        assertThat(looks).hasValue(2);
    }

    /// The same growing conversation, once with what was kept and once with every text read anew.
    @Test
    void conversation_isReadAsIfEachTextWereReadAnew() {
        Samples.forAll(200, ReadingsTest::conversation, said -> {
            var keeping = new CallMemory();
            var forgetful = new CallMemory();
            for (int until = 1; until <= said.size(); until++) {
                forgetful.readings().forget();

                assertThat(read(keeping, said.subList(0, until))).isEqualTo(read(forgetful, said.subList(0, until)));
            }
        });
    }

    private static List<List<Finding>> read(CallMemory memory, List<String> said) {
        var texts = said.stream().map(SensitiveText::of).toList();
        return new ActReader(Detection.standard(), memory, DEADLINE)
                .read(texts).stream().map(ActReader.Read::findings).toList();
    }

    @Test
    void kept_isBoundedInTextsAndCharacters_andForgottenWithTheCall() {
        var memory = new CallMemory();
        for (int i = 0; i < 2 * Readings.MAX_TEXTS; i++) {
            read(memory, List.of("number " + i));
        }
        assertThat(memory.readings().size()).isEqualTo(Readings.MAX_TEXTS);

        for (int i = 0; i < 8; i++) {
            read(memory, List.of("x".repeat(20_000) + i));
        }
        assertThat(memory.readings().characters()).isBetween(1, Readings.MAX_CHARACTERS);

        memory.forget();
        read(memory, List.of("late"));
        assertThat(memory.readings().size()).isZero();
        assertThat(memory.readings().characters()).isZero();
    }

    private static List<String> conversation(RandomGenerator random) {
        var said = new ArrayList<String>();
        for (int i = random.nextInt(2, 14); i > 0; i--) {
            said.add(SAID[random.nextInt(SAID.length)]);
        }
        return said;
    }
}
