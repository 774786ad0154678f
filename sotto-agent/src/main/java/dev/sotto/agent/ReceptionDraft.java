package dev.sotto.agent;

import dev.sotto.agent.CallAction.Ask;
import dev.sotto.agent.CallAction.Hush;
import dev.sotto.agent.CallAction.Say;
import dev.sotto.agent.CallAction.Start;
import dev.sotto.agent.CallAction.Stop;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.agent.ToolResult.Booking;
import dev.sotto.agent.ToolResult.Offer;
import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The next state and the actions that lead there, while one event is being handled. Lives inside one step, so that the
/// receptionist is a function of its state and the event.
final class ReceptionDraft {
    /// What one event leads to.
    record Step(ReceptionState state, List<CallAction> actions) {
        Step {
            actions = List.copyOf(actions);
        }
    }

    private final List<CallAction> actions = new ArrayList<>();
    private Phase phase;
    private SensitiveText entry;
    private boolean star;
    private int misses;
    private SensitiveText birthDate;
    private long generation;
    private boolean verified;
    private boolean appointmentKnown;
    private @Nullable Booking appointment;
    private List<Offer> offers;
    private boolean recording;
    private boolean messageLeft;
    private boolean talks;

    ReceptionDraft(ReceptionState from) {
        phase = from.phase();
        entry = from.entry();
        star = from.star();
        misses = from.misses();
        birthDate = from.birthDate();
        generation = from.generation();
        verified = from.verified();
        appointmentKnown = from.appointmentKnown();
        appointment = from.appointment();
        offers = from.offers();
        recording = from.recording();
        messageLeft = from.messageLeft();
        talks = from.talks();
    }

    Step step() {
        return new Step(
                new ReceptionState(
                        phase,
                        entry,
                        star,
                        misses,
                        birthDate,
                        generation,
                        verified,
                        appointmentKnown,
                        appointment,
                        offers,
                        recording,
                        messageLeft,
                        talks),
                actions);
    }

    Phase phase() {
        return phase;
    }

    SensitiveText entry() {
        return entry;
    }

    boolean star() {
        return star;
    }

    SensitiveText birthDate() {
        return birthDate;
    }

    boolean verified() {
        return verified;
    }

    boolean appointmentKnown() {
        return appointmentKnown;
    }

    @Nullable
    Booking appointment() {
        return appointment;
    }

    List<Offer> offers() {
        return offers;
    }

    boolean recording() {
        return recording;
    }

    boolean messageLeft() {
        return messageLeft;
    }

    boolean talks() {
        return talks;
    }

    /// Moves on: what was typed is forgotten, and no timer of the old phase runs on.
    void enter(Phase next) {
        phase = next;
        forgetEntry();
        act(new Stop(CallTimer.NO_INPUT));
    }

    void forgetEntry() {
        entry = ReceptionState.NOTHING;
        star = false;
        act(new Stop(CallTimer.INTER_KEY));
    }

    void type(char digit) {
        entry = SensitiveText.of(entry.reveal() + digit);
    }

    void star(boolean pending) {
        star = pending;
    }

    void born(SensitiveText keys) {
        birthDate = keys;
    }

    void identified() {
        verified = true;
        birthDate = ReceptionState.NOTHING;
    }

    void appointment(@Nullable Booking next) {
        appointment = next;
        appointmentKnown = true;
    }

    void forgetAppointment() {
        appointment = null;
        appointmentKnown = false;
    }

    void offers(List<Offer> next) {
        offers = next;
    }

    /// From now on the caller is served by keypad.
    void talksNoMore() {
        talks = false;
    }

    /// Gives what the caller said to the model; what it was still saying is of no interest any more.
    void converse(SensitiveText heard) {
        generation++;
        act(new CallAction.Converse(generation, heard));
    }

    void notRecording() {
        recording = false;
    }

    void messageLeft(boolean left) {
        messageLeft = left;
    }

    int miss() {
        return ++misses;
    }

    void answered() {
        misses = 0;
    }

    /// Whatever runs beside the call for an earlier turn is of no interest any more.
    void abandon() {
        generation++;
    }

    void ask(Tool tool, SensitiveText arguments) {
        generation++;
        act(new Ask(generation, tool.wireName(), arguments));
    }

    void say(Phrase phrase) {
        act(new Say(phrase));
    }

    void say(String... clips) {
        say(Phrase.of(clips));
    }

    void hush() {
        act(new Hush());
    }

    void start(CallTimer timer, Duration after) {
        act(new Start(timer, after));
    }

    /// What was typed is in the transcript as it was typed, not as the keys it stands for.
    void noteNoKeys() {
        actions.removeIf(CallAction.NoteKeys.class::isInstance);
    }

    void act(CallAction action) {
        actions.add(action);
    }
}
