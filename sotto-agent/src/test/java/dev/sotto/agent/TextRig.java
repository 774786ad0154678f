package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.AttemptLimits;
import dev.sotto.store.CallOutcome;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// One call in text through the real loop, with fake rows and virtual time.
final class TextRig implements AutoCloseable, TextPeer {
    final FakeTimers timers = new FakeTimers();
    final FakeCallFile file = new FakeCallFile();
    final FakeAuditSink audit = new FakeAuditSink();
    final FakeMeter meter = new FakeMeter();
    final FakeTurnGuard guard = new FakeTurnGuard();
    final ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor();
    final CompletableFuture<CallEnd> end = new CompletableFuture<>();
    /// Ids of what was typed and is kept.
    final List<String> kept = new CopyOnWriteArrayList<>();

    private final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final TextLine.Kind kind;
    private Optional<Talk.Source> talking = Optional.empty();
    private CallLoop loop;

    @SuppressWarnings("NullAway.Init") // started at once
    TextRig(TextLine.Kind kind) {
        this.kind = kind;
    }

    CallParts parts() {
        return new CallParts(
                CallRig.VOICE,
                CallRig.TIMES,
                CallLimits.defaults(),
                timers,
                beside,
                timers.clock(),
                new IdSource(timers.clock(), new Random(1)),
                meter);
    }

    /// A model is to talk.
    TextRig talks(FakeModel model, TextMouth.Way way) {
        var parts = new Dialogue.Parts(
                model,
                "model",
                guard,
                Vertical.shipped("healthcare"),
                () -> SensitiveText.of("instructions"),
                Duration.ofSeconds(5));
        talking = Optional.of((events, tools) -> new TextTalk(new ModelAnswers(
                new Dialogue(parts, tools),
                new TextMouth(way, guard, meter),
                new HandOver(tools, events, meter),
                new Beside(beside, meter),
                events,
                meter)));
        return this;
    }

    TextRig start() {
        var callAudit = new CallAudit(audit, CallRig.TENANT, CallRig.CALL);
        var gate = new IdentityGate(file, callAudit, AttemptLimits.defaults());
        var tools = new ToolDesk(file, callAudit, gate, FakeCallFile.ZONE, true);
        loop = new CallLoop(
                parts(),
                ties -> new TextLine(kind, this, ties),
                file,
                callAudit,
                tools,
                new Receptionist(true, CallRig.TIMES),
                false,
                talking,
                outcome -> {});
        Thread.ofVirtual().start(() -> end.complete(loop.run()));
        return this;
    }

    Mailbox mailbox() {
        return loop.mailbox();
    }

    TextRig types(String text) {
        assertThat(loop.mailbox()
                        .offer(new CallEvent.Typed(
                                SensitiveText.of(text),
                                guard.heard(SensitiveText.of(text)),
                                timers.now(),
                                () -> kept.add(text))))
                .isTrue();
        return this;
    }

    /// The next thing said holds `words`.
    TextRig reads(String words) throws InterruptedException {
        String next = said.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("what is said instead of %s", words).isNotNull().contains(words);
        return this;
    }

    TextRig waits(Duration delay) throws InterruptedException {
        timers.awaitPending(delay);
        timers.advance(delay);
        return this;
    }

    CallEnd ended() throws Exception {
        return end.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void say(SensitiveText words, boolean decided) {
        said.add(words.reveal());
    }

    @Override
    public void close() {
        if (!end.isDone()) {
            loop.mailbox().post(new CallEvent.Ended(true));
        }
    }

    CallOutcome outcome() throws Exception {
        return ended().outcome();
    }
}
