package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.agent.CallAction.End;
import dev.sotto.agent.CallAction.Say;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.agent.ToolResult.Booking;
import dev.sotto.agent.ToolResult.Offer;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Walks every state the receptionist can reach with every event, and then a table of what is said.
class ReceptionistTest {
    private static final SensitiveText WORDS = SensitiveText.of("words");
    private static final ReceptionTimes TIMES = ReceptionTimes.defaults();
    private static final Booking FIRST = new Booking("A".repeat(26), LocalDateTime.parse("2026-11-24T10:30"));
    private static final Booking LATER = new Booking("B".repeat(26), LocalDateTime.parse("2026-12-24T10:30"));
    private static final List<Offer> OFFERS = List.of(
            new Offer("0".repeat(26), LocalDateTime.parse("2026-11-25T09:00")),
            new Offer("1".repeat(26), LocalDateTime.parse("2026-11-25T13:05")));
    private static final List<ToolResult> RESULTS = List.of(
            new ToolResult.Verified(),
            new ToolResult.NotVerified(2),
            new ToolResult.NotVerified(0),
            new ToolResult.Locked(),
            new ToolResult.AppointmentFound(FIRST),
            new ToolResult.NoAppointment(),
            new ToolResult.Offered(OFFERS),
            new ToolResult.Offered(List.of()),
            new ToolResult.Booked(LATER),
            new ToolResult.SlotTaken(),
            new ToolResult.Cancelled(),
            new ToolResult.NothingToCancel(),
            new ToolResult.TakingMessage(),
            new ToolResult.Transferring(),
            new ToolResult.NobodyThere(),
            new ToolResult.Refused(ToolResult.Why.IDENTITY_REQUIRED),
            new ToolResult.Unavailable());

    /// What of a state decides what can follow.
    private record Shape(
            Phase phase,
            int typed,
            boolean star,
            int misses,
            boolean born,
            boolean verified,
            boolean known,
            boolean appointment,
            int offers,
            boolean recording,
            boolean message,
            boolean talks) {
        static Shape of(ReceptionState state) {
            return new Shape(
                    state.phase(),
                    state.phase() == Phase.CONNECTED || state.phase() == Phase.ANNOUNCING
                            ? Math.min(state.entry().length(), 1)
                            : Math.min(state.entry().length(), 2),
                    state.star(),
                    state.misses(),
                    !state.birthDate().isEmpty(),
                    state.verified(),
                    state.appointmentKnown(),
                    state.appointment() != null,
                    state.offers().size(),
                    state.recording(),
                    state.messageLeft(),
                    state.talks());
        }
    }

    private static List<CallEvent> events(ReceptionState state) {
        var events = new ArrayList<CallEvent>(List.of(
                new CallEvent.Announced(),
                new CallEvent.Quiet(),
                new CallEvent.MessageKept(),
                new CallEvent.Failed(),
                new CallEvent.LimitReached(),
                new CallEvent.Ended(true),
                new CallEvent.SpeechStarted(Duration.ZERO),
                new CallEvent.SpeechStopped(Duration.ZERO)));
        "0123456789*#".chars().forEach(key -> events.add(new CallEvent.Dtmf((char) key)));
        for (var timer : CallTimer.values()) {
            events.add(new CallEvent.Timeout(timer, 0));
        }
        RESULTS.forEach(result -> events.add(new CallEvent.ToolAnswered(state.generation(), result)));
        events.addAll(List.of(
                new CallEvent.Heard(WORDS, TurnText.clear("words"), Duration.ZERO, Duration.ofSeconds(1)),
                new CallEvent.Unheard(Duration.ZERO, Duration.ofSeconds(1)),
                new CallEvent.Answered(state.generation(), new AnswerEnd.Said()),
                new CallEvent.Answered(state.generation(), new AnswerEnd.Blocked()),
                new CallEvent.HandedOver(true, FakeCallFile.Fault.FAKE_IS_DOWN),
                new CallEvent.HandedOver(false, FakeCallFile.Fault.FAKE_IS_DOWN)));
        for (var result : List.of(
                new ToolResult.TakingMessage(),
                new ToolResult.Transferring(),
                new ToolResult.NobodyThere(),
                new ToolResult.Locked())) {
            events.add(new CallEvent.Answered(state.generation(), new AnswerEnd.Moved(result)));
        }
        return events;
    }

    private static Map<Shape, ReceptionState> walk(Receptionist receptionist, boolean recording, Set<String> said) {
        return walk(receptionist, recording, true, said);
    }

    private static Map<Shape, ReceptionState> walk(
            Receptionist receptionist, boolean recording, boolean talks, Set<String> said) {
        var seen = new LinkedHashMap<Shape, ReceptionState>();
        var todo = new ArrayDeque<ReceptionState>();
        todo.add(ReceptionState.start(recording, talks));
        while (!todo.isEmpty()) {
            var state = todo.remove();
            if (seen.putIfAbsent(Shape.of(state), state) != null) {
                continue;
            }
            for (var event : events(state)) {
                var step = receptionist.on(state, event);
                check(state, event, step);
                step.actions().forEach(action -> {
                    if (action instanceof Say(Phrase phrase)) {
                        said.addAll(phrase.clips());
                    }
                });
                todo.add(step.state());
            }
        }
        return seen;
    }

    private static void check(ReceptionState from, CallEvent event, ReceptionDraft.Step step) {
        var to = step.state();
        require(to.entry().length() <= 40, from, event);
        boolean verifiedNow = !from.phase().last()
                && ((from.phase() != Phase.TALKING
                                && event instanceof CallEvent.ToolAnswered(long _, ToolResult.Verified _))
                        || (from.talks() && event instanceof CallEvent.HandedOver(boolean known, var _) && known));
        require(to.verified() == (from.verified() || verifiedNow), from, event);
        for (var action : step.actions()) {
            if (action instanceof CallAction.Ask(long generation, String name, var json)) {
                var tool = Tool.named(name).orElseThrow();
                var arguments = ToolJson.arguments(json);
                require(tool.complete(arguments.keySet()), from, event);
                arguments.forEach((argument, value) -> require(
                        tool.argument(argument)
                                .orElseThrow()
                                .pattern()
                                .matcher(value)
                                .matches(),
                        from,
                        event));
                require(generation == to.generation() && generation > from.generation(), from, event);
            }
        }
        boolean ends = to.phase() == Phase.OVER && from.phase() != Phase.OVER && !(event instanceof CallEvent.Ended);
        require(!ends || step.actions().stream().anyMatch(End.class::isInstance), from, event);
    }

    /// Without AssertJ: this runs a million times.
    private static void require(boolean holds, ReceptionState from, CallEvent event) {
        if (!holds) {
            throw new AssertionError("%s on %s".formatted(Shape.of(from), event));
        }
    }

    @Test
    void everyState_withEveryEvent_saysOnlyShippedClips() {
        var voice = Voice.shipped();
        var said = new TreeSet<String>();
        var phases = EnumSet.noneOf(Phase.class);
        for (boolean person : List.of(true, false)) {
            for (boolean recording : List.of(true, false)) {
                for (boolean talks : List.of(true, false)) {
                    walk(new Receptionist(person, TIMES), recording, talks, said)
                            .keySet()
                            .forEach(shape -> phases.add(shape.phase()));
                }
            }
        }
        assertThat(phases).containsExactlyInAnyOrder(Phase.values());
        assertThat(voice.names()).containsAll(said);
        var allowed = new HashSet<>(ReceptionMoves.PROMPTS);
        allowed.addAll(SpokenTime.allClips());
        assertThat(allowed).containsAll(said);
        // number.3 needs three offers; this walk has two
        var prompts = new HashSet<>(ReceptionMoves.PROMPTS);
        prompts.remove("number.3");
        assertThat(said).containsAll(prompts);
    }

    @Test
    void everyState_endsIfTheCallerDoesNothingMore() {
        for (boolean person : List.of(true, false)) {
            var receptionist = new Receptionist(person, TIMES);
            for (var state : walk(receptionist, true, new HashSet<>()).values()) {
                var now = state;
                for (int i = 0; i < 100 && now.phase() != Phase.OVER; i++) {
                    now = receptionist.on(now, next(now)).state();
                }
                assertThat(now.phase()).as("from %s", Shape.of(state)).isEqualTo(Phase.OVER);
            }
        }
    }

    /// What happens by itself: answers come, prompts end, timers run out.
    private static CallEvent next(ReceptionState state) {
        return switch (state.phase()) {
            case CONNECTED -> new CallEvent.Announced();
            case CHECKING -> answer(state, new ToolResult.NotVerified(0));
            case LOOKING_UP -> answer(state, new ToolResult.NoAppointment());
            case CANCELLING -> answer(state, new ToolResult.Cancelled());
            case FINDING_OFFERS -> answer(state, new ToolResult.Offered(List.of()));
            case BOOKING -> answer(state, new ToolResult.Booked(LATER));
            case OPENING_MESSAGE -> answer(state, new ToolResult.TakingMessage());
            case ASKING_PERSON -> answer(state, new ToolResult.NobodyThere());
            case KEEPING_MESSAGE -> new CallEvent.MessageKept();
            case IN_MESSAGE -> new CallEvent.Timeout(CallTimer.MESSAGE_LIMIT, 0);
            case TALKING, BIRTH_DATE, FACTOR, MENU, CONFIRM_CANCEL, CHOOSING ->
                new CallEvent.Timeout(CallTimer.NO_INPUT, 0);
            case ANNOUNCING, MESSAGE_INTRO, TRANSFERRING, CLOSING, TROUBLE, OVER -> new CallEvent.Quiet();
        };
    }

    private static CallEvent answer(ReceptionState state, ToolResult result) {
        return new CallEvent.ToolAnswered(state.generation(), result);
    }

    @Test
    void everyPhase_withEveryKey_isAsTheTableSays() {
        var table = Map.ofEntries(
                Map.entry(Phase.BIRTH_DATE, "0-9 BIRTH_DATE, # BIRTH_DATE"),
                Map.entry(Phase.FACTOR, "0-9 FACTOR, # FACTOR"),
                Map.entry(
                        Phase.MENU,
                        "0 ASKING_PERSON, 1 MENU, 2 CONFIRM_CANCEL, 3 FINDING_OFFERS, 4 OPENING_MESSAGE, 5-8 MENU,"
                                + " 9 CLOSING, # MENU"),
                Map.entry(
                        Phase.CONFIRM_CANCEL,
                        "0 CONFIRM_CANCEL, 1 CANCELLING, 2 MENU, 3-9 CONFIRM_CANCEL, # CONFIRM_CANCEL"),
                Map.entry(Phase.CHOOSING, "0 CHOOSING, 1-2 BOOKING, 3-8 CHOOSING, 9 MENU, # CHOOSING"),
                Map.entry(Phase.IN_MESSAGE, "0-9 IN_MESSAGE, # KEEPING_MESSAGE"));
        var receptionist = new Receptionist(true, TIMES);
        var states = new HashMap<Phase, ReceptionState>();
        walk(receptionist, true, new HashSet<>()).forEach((shape, state) -> {
            boolean fresh = shape.typed() == 0 && !shape.star() && shape.misses() == 0;
            boolean whole = shape.phase() == Phase.BIRTH_DATE
                    || shape.phase() == Phase.FACTOR
                    || (shape.appointment() && (shape.phase() != Phase.CHOOSING || shape.offers() == 2));
            if (fresh && (whole || shape.phase() == Phase.IN_MESSAGE || !table.containsKey(shape.phase()))) {
                states.putIfAbsent(shape.phase(), state);
            }
        });
        assertThat(states.keySet()).containsAll(EnumSet.allOf(Phase.class));
        for (var phase : Phase.values()) {
            for (char key : "0123456789#".toCharArray()) {
                var next = receptionist
                        .on(states.get(phase), new CallEvent.Dtmf(key))
                        .state()
                        .phase();
                assertThat(next)
                        .as("%s, key %s", phase, key)
                        .isEqualTo(expected(table.getOrDefault(phase, ""), phase, key));
            }
        }
    }

    private static Phase expected(String row, Phase otherwise, char key) {
        for (var cell : row.split(", ", -1)) {
            var parts = cell.split(" ", -1);
            var range = parts[0];
            if (!range.isEmpty() && key >= range.charAt(0) && key <= range.charAt(range.length() - 1)) {
                return Phase.valueOf(parts[1]);
            }
        }
        return otherwise;
    }

    @Test
    void starKeys_workInEveryPhaseThatListens() {
        var receptionist = new Receptionist(true, TIMES);
        walk(receptionist, true, new HashSet<>()).forEach((shape, state) -> {
            if (shape.phase().last() || shape.phase() == Phase.CONNECTED || shape.phase() == Phase.ANNOUNCING) {
                return;
            }
            var starred = receptionist.on(state, new CallEvent.Dtmf('*')).state();
            assertThat(receptionist.on(starred, new CallEvent.Dtmf('0')).state().phase())
                    .as("*0 in %s", shape)
                    .isEqualTo(Phase.ASKING_PERSON);
            assertThat(receptionist.on(starred, new CallEvent.Dtmf('9')).state().recording())
                    .as("*9 in %s", shape)
                    .isFalse();
            assertThat(ReceptionMoves.inMessage(receptionist
                            .on(starred, new CallEvent.Dtmf('1'))
                            .state()
                            .phase()))
                    .as("*1 in %s", shape)
                    .isTrue();
        });
    }

    @Test
    void model_thatIsLost_leavesTheCallerWithTheKeypadAsFarAsTheyWere() {
        var receptionist = new Receptionist(true, TIMES);
        walk(receptionist, true, new HashSet<>()).forEach((shape, state) -> {
            var next = receptionist
                    .on(state, new CallEvent.HandedOver(true, FakeCallFile.Fault.FAKE_IS_DOWN))
                    .state();
            if (shape.talks() && !shape.phase().last()) {
                assertThat(next.talks()).as("%s", shape).isFalse();
                assertThat(next.verified()).as("%s", shape).isTrue();
            } else {
                assertThat(Shape.of(next)).isEqualTo(shape);
            }
            if (shape.phase() == Phase.TALKING) {
                assertThat(next.phase()).isIn(Phase.LOOKING_UP, Phase.MENU);
                assertThat(next.generation()).isGreaterThan(state.generation());
            }
        });
    }

    @Test
    void speech_whileAModelTalks_interruptsItAndNothingElse() {
        var receptionist = new Receptionist(true, TIMES);
        walk(receptionist, true, new HashSet<>()).forEach((shape, state) -> {
            var step = receptionist.on(state, new CallEvent.SpeechStarted(Duration.ZERO));
            assertThat(step.actions().contains(new CallAction.Hush()))
                    .as("%s", shape)
                    .isEqualTo(shape.phase() == Phase.TALKING);
        });
    }

    @Test
    void state_isNeverPrintedWithWhatWasKeyed() {
        var receptionist = new Receptionist(true, TIMES);
        var state = receptionist
                .on(ReceptionState.start(false, false), new CallEvent.Announced())
                .state();
        state = receptionist.on(state, new CallEvent.Quiet()).state();
        for (char key : "19840512".toCharArray()) {
            state = receptionist.on(state, new CallEvent.Dtmf(key)).state();
        }
        assertThat(state.entry().length()).isEqualTo(8);
        assertThat(state.toString()).doesNotContain("1984");
    }
}
