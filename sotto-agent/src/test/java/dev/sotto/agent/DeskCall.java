package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import java.time.Duration;
import java.time.LocalDateTime;

/// One caller of a [DeskRig].
record DeskCall(DeskRig rig, ReceptionDesk desk, String sid, Answer.Connect connect, FakeLeg leg) {
    DeskCall hears(String... clips) throws InterruptedException {
        return hears(Phrase.of(clips));
    }

    DeskCall hears(Phrase phrase) throws InterruptedException {
        assertThat(leg.next()).as("%s", phrase.clips()).isEqualTo(CallRig.VOICE.clip(phrase));
        return this;
    }

    DeskCall listens() {
        leg.playOut();
        return this;
    }

    DeskCall keys(String digits) {
        digits.chars().forEach(digit -> leg.listener().dtmf((char) digit));
        return this;
    }

    DeskCall announced() throws InterruptedException {
        hears("announce.ai", rig.tenant.recording() ? "announce.recorded" : "announce.not-recorded");
        return listens().hears("announce.keys").hears("ask.dob").listens();
    }

    DeskCall identifies(String born, String phoneEnd) throws InterruptedException {
        keys(born + "#").hears("ask.factor").listens();
        keys(phoneEnd + "#").hears("identity.checking");
        rig.timers.awaitPending(CallRig.TIMES.identityFloor());
        rig.timers.advance(CallRig.TIMES.identityFloor());
        return this;
    }

    DeskCall verified() throws InterruptedException {
        announced().identifies("19840512", "4417").hears("identity.verified");
        hears(Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30"))));
        return hears("menu.appointment").listens();
    }

    void waits(Duration delay) throws InterruptedException {
        rig.timers.awaitPending(delay);
        rig.timers.advance(delay);
    }

    AfterStream after() {
        return desk.after(DeskRig.ended(sid, connect));
    }

    void hangsUp() throws InterruptedException {
        leg.hangUp();
        assertThat(leg.awaitClosed()).isTrue();
    }
}
