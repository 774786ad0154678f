package dev.sotto.agent;

import dev.sotto.agent.CallAction.Ending;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.media.LegListener;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewTurn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call. Everything that happens comes as an event into one bounded mailbox, and one thread handles them in order;
/// it waits for nothing but the next event. What blocks runs beside it and comes back as an event.
final class CallLoop {
    private static final Logger log = LoggerFactory.getLogger(CallLoop.class);

    private final CallParts parts;
    private final Line line;
    private final CallFile file;
    private final CallAudit audit;
    private final Consumer<CallOutcome> ending;
    private final Mailbox mailbox;
    private final CallTimers timers;
    private final CallWork work;
    private final Outlet outlet;
    private final Scribe scribe;
    private final CallNotes notes;
    private final Receptionist receptionist;
    private final @Nullable Talk talk;

    private ReceptionState state;
    private boolean listening;
    private final ArrayDeque<CallEvent.Typed> early = new ArrayDeque<>();
    private CallOutcome outcome = CallOutcome.LOST;

    /// @param lines opens what carries the call
    /// @param recording whether the tenant wants its calls recorded
    /// @param talking opens what talks with the caller; empty if the keypad is all there is
    /// @param ending is told the outcome before the leg is let go: the carrier asks at once what comes next
    CallLoop(
            CallParts parts,
            Line.Source lines,
            CallFile file,
            CallAudit audit,
            ToolDesk tools,
            Receptionist receptionist,
            boolean recording,
            Optional<Talk.Source> talking,
            Consumer<CallOutcome> ending) {
        this.parts = parts;
        this.file = file;
        this.audit = audit;
        this.ending = ending;
        var limits = parts.limits();
        mailbox = new Mailbox(limits.waitingEvents());
        timers = new CallTimers(parts.timers(), mailbox);
        scribe = new Scribe(file, parts.meter(), limits.turns() + limits.workBeside(), this::failed);
        talk = talking.map(source -> source.open(mailbox::post, tools)).orElse(null);
        line = lines.open(new Line.Ties(parts, file, mailbox, talk, this::said, this::failed));
        outlet = line.outlet();
        notes = new CallNotes(
                scribe,
                parts,
                line,
                () -> mailbox.post(new CallEvent.LimitReached()),
                sentence -> ifTalking(any -> any.heard(sentence)));
        work = new CallWork(parts, tools, mailbox, line::position, notes::tool);
        this.receptionist = receptionist;
        state = ReceptionState.start(recording, talk != null);
    }

    private void said(Playback.Heard heard) {
        notes.heard(heard);
    }

    private void ifTalking(Consumer<Talk> then) {
        if (talk != null) {
            then.accept(talk);
        }
    }

    /// What the edge tells about a call by voice.
    LegListener listener() {
        if (line instanceof VoiceLine voice) {
            return voice.listener();
        }
        throw new IllegalStateException("a call in text has no sound");
    }

    /// Where events of this call go.
    Mailbox mailbox() {
        return mailbox;
    }

    /// Runs the call to its end. Blocks; called once, on a virtual thread.
    CallEnd run() {
        scribe.start(parts.beside());
        timers.start(CallTimer.CALL_LIMIT, parts.limits().longest());
        try {
            boolean recorded = state.recording();
            String served = talk == null ? ReceptionDesk.KEYPAD : talk.mode();
            work.beside(() -> {
                file.announce(recorded, served);
                mailbox.post(new CallEvent.Announced());
            });
            while (state.phase() != Phase.OVER) {
                handle(mailbox.take());
                while (takesWords() && !early.isEmpty()) {
                    typed(early.removeFirst());
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) { // the root of the call's thread
            log.atError()
                    .addKeyValue("event", "agent.call.broken")
                    .addKeyValue("call", audit.call())
                    .addKeyValue("fault", bug.getClass().getName())
                    .log("a call ended by a fault of its loop");
            outcome = CallOutcome.FAILED;
        }
        return close();
    }

    private void handle(CallEvent event) {
        switch (event) {
            case CallEvent.MarkPlayed(String name) -> {
                if (outlet.played(name)) {
                    step(new CallEvent.Quiet());
                }
            }
            case CallEvent.Timeout timeout -> timeout(timeout);
            case CallEvent.ToolAnswered answer -> ifCurrent(answer.generation(), () -> step(answer));
            case CallEvent.Voiced(long generation, Spoken spoken) -> ifCurrent(generation, () -> play(spoken));
            case CallEvent.Answered answered -> ifCurrent(answered.generation(), () -> answered(answered));
            case CallEvent.Heard heard -> {
                notes.said(heard.shown(), heard.at(), heard.length());
                step(heard);
            }
            case CallEvent.Typed typed -> typed(typed);
            case CallEvent.Interrupted(SensitiveText heard) -> {
                line.interrupted(heard);
                step(new CallEvent.SpeechStarted(line.position()));
                if (outlet.left().isEmpty() && state.phase() != Phase.TALKING) {
                    step(new CallEvent.Quiet());
                }
            }
            case CallEvent.ToolRan(String name, ToolResult result, Duration took) ->
                notes.tool(name, result, line.position().minus(took), took);
            case CallEvent.Unheard unheard -> {
                notes.unheard(unheard.at(), unheard.length());
                step(unheard);
            }
            case CallEvent.Announced announced -> {
                if (state.recording()) {
                    line.keep();
                }
                step(announced);
            }
            case CallEvent.Dtmf key -> {
                notes.key();
                step(key);
            }
            case CallEvent.SpeechStarted started -> {
                notes.speechStarted(started.at());
                if (listening) {
                    notes.speechIsTranscribed();
                }
                step(started);
            }
            case CallEvent.SpeechStopped stopped -> {
                notes.speechStopped(stopped.at());
                step(stopped);
            }
            case CallEvent.Ended ended -> {
                outcome = state.endedBy(ended.clean());
                step(ended);
            }
            case CallEvent.Quiet _, CallEvent.MessageKept _, CallEvent.Failed _, CallEvent.LimitReached _ ->
                step(event);
            case CallEvent.HandedOver over -> handedOver(over);
        }
    }

    /// What cannot be recorded does not happen: a call whose hand-over is not kept ends in trouble.
    private void handedOver(CallEvent.HandedOver over) {
        boolean talked = state.talks();
        step(over);
        if (talked && !state.talks()) {
            var at = parts.clock().instant();
            work.beside(() -> file.handedOver(over.code(), at));
        }
    }

    /// What is typed while the agent is busy waits: it was given to be answered.
    private void typed(CallEvent.Typed typed) {
        if (!takesWords() && early.size() < parts.limits().waitingEvents()) {
            early.addLast(typed);
            return;
        }
        boolean message = state.phase() == Phase.IN_MESSAGE;
        if (message) {
            line.messageTyped();
        }
        notes.typed(ReceptionText.shown(state.phase(), typed), typed.at(), () -> {
            typed.kept().run();
            if (message) {
                mailbox.post(new CallEvent.MessageKept());
            }
        });
        step(typed);
    }

    private boolean takesWords() {
        return state.phase() == Phase.TALKING
                || state.phase() == Phase.IN_MESSAGE
                || state.phase().asks()
                || state.phase().last();
    }

    private void ifCurrent(long generation, Runnable then) {
        if (generation == state.generation()) {
            then.run();
        } else {
            parts.meter().count("agent.event.stale");
        }
    }

    private void play(Spoken spoken) {
        timers.stop(CallTimer.NO_INPUT);
        outlet.say(spoken);
        awaitPlayed();
    }

    private void answered(CallEvent.Answered answered) {
        step(answered);
        if (outlet.left().isEmpty()) {
            step(new CallEvent.Quiet());
        }
    }

    private void timeout(CallEvent.Timeout timeout) {
        if (!timers.rang(timeout)) {
            parts.meter().count("agent.event.stale");
            return;
        }
        if (timeout.timer() == CallTimer.PLAYED) {
            markOverdue();
        } else {
            step(timeout);
        }
    }

    /// A mark that does not come stands for one that came, once all before it was sent. A peer that takes nothing for
    /// long is ended by the edge.
    private void markOverdue() {
        var unsent = line.unsent();
        if (unsent.isPositive()) {
            parts.meter().count("agent.mark.waiting");
            timers.start(CallTimer.PLAYED, unsent.plus(parts.times().markGrace()));
            return;
        }
        parts.meter().count("agent.mark.overdue");
        if (outlet.lastMark().filter(outlet::played).isPresent() || outlet.playedUnmarked()) {
            step(new CallEvent.Quiet());
        }
    }

    private void step(CallEvent event) {
        var step = receptionist.on(state, event);
        state = step.state();
        for (CallAction action : step.actions()) {
            act(action);
        }
        awaitPlayed();
        if (event instanceof CallEvent.Quiet) {
            line.working(!takesWords());
        }
        boolean now = state.phase() == Phase.TALKING;
        if (now != listening) {
            listening = now;
            ifTalking(any -> any.listen(now));
        }
    }

    private void awaitPlayed() {
        outlet.left()
                .ifPresentOrElse(
                        left -> timers.start(
                                CallTimer.PLAYED, left.plus(parts.times().markGrace())),
                        () -> timers.stop(CallTimer.PLAYED));
    }

    private void act(CallAction action) {
        switch (action) {
            case CallAction.Say(Phrase phrase) -> {
                if (!outlet.say(phrase) && outlet.left().isEmpty()) {
                    mailbox.post(new CallEvent.Quiet());
                }
            }
            case CallAction.Hush _ -> hush();
            case CallAction.Converse(long generation, SensitiveText heard) -> {
                line.working(true);
                ifTalking(any -> any.answer(generation, heard));
            }
            case CallAction.Start(CallTimer timer, Duration after) -> timers.start(timer, after);
            case CallAction.Stop(CallTimer timer) -> timers.stop(timer);
            case CallAction.Ask(long generation, String tool, SensitiveText arguments) -> {
                line.working(true);
                work.ask(generation, tool, arguments);
            }
            case CallAction.NoteKeys(String label, SensitiveText keys) -> notes.keys(label, keys);
            case CallAction.StopRecording _ -> stopRecording();
            case CallAction.StartMessage _ -> line.startMessage();
            case CallAction.FinishMessage _ -> line.finishMessage();
            case CallAction.End(Ending ending) -> outcome = ending.outcome();
        }
    }

    private void hush() {
        outlet.hush();
        notes.hushed();
        ifTalking(Talk::hush);
    }

    private void stopRecording() {
        line.stopKeeping();
        work.beside(() -> audit.append("recording.stopped", Map.of("by", "caller")));
    }

    private void failed() {
        mailbox.post(new CallEvent.Failed());
    }

    /// Seals and keeps what is left, notes the outcome, then lets go of the leg. Where nothing works it lets go first:
    /// what is left may take all its timeouts, and the caller was told to hold on.
    private CallEnd close() {
        timers.stopAll();
        early.forEach(typed -> notes.typed(typed.shown(), typed.at(), typed.kept()));
        ifTalking(Talk::close);
        outlet.cut();
        notes.hushed();
        notes.speechStopped(line.position());
        if (outcome == CallOutcome.FAILED) {
            letGo();
        }
        List<NewTurn> unkept = List.of();
        boolean interrupted = Thread.interrupted();
        try {
            if (line.seal(parts.limits().closing()) && outcome == CallOutcome.HUNG_UP) {
                outcome = CallOutcome.VOICEMAIL;
            }
            work.close(parts.limits().closing());
            unkept = scribe.close(parts.limits().closing());
        } catch (InterruptedException again) {
            interrupted = true;
        }
        var end = stored(new CallEnd(file, outcome, parts.clock().instant(), unkept, false));
        letGo();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return end;
    }

    private void letGo() {
        ending.accept(outcome);
        line.close();
    }

    private CallEnd stored(CallEnd end) {
        try {
            file.end(end.outcome(), end.at());
            return new CallEnd(file, end.outcome(), end.at(), end.turns(), true);
        } catch (SottoException failure) {
            log.atWarn()
                    .addKeyValue("event", "agent.outcome.unkept")
                    .addKeyValue("call", audit.call())
                    .addKeyValue("code", failure.code().name())
                    .log("the outcome of a call could not be kept yet");
            return end;
        }
    }
}
