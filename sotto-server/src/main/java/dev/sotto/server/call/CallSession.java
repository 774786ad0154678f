package dev.sotto.server.call;

import dev.sotto.core.CallId;
import dev.sotto.core.SottoException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// `sotto call`: one call, printed while it goes, and proven in the end.
public final class CallSession {
    private static final Duration BEYOND_LONGEST = Duration.ofSeconds(60);
    private static final double MILLIS = 1_000.0;

    private final CallTarget target;
    private final CallPlan plan;
    private final CallScript script;

    /// @param colour whether `out` is a terminal that knows ANSI sequences
    public CallSession(CallTarget target, CallPlan plan, PrintWriter out, boolean colour) {
        this.target = target;
        this.plan = plan;
        this.script = new CallScript(out, colour);
    }

    /// What came of it.
    public enum Result {
        /// The call was taken, and each audit entry about it is proven.
        VERIFIED,
        /// The call was taken by a host whose log this machine may not read.
        HEARD,
        /// The call was not taken, or its entries are not proven.
        NOT_VERIFIED
    }

    /// Calls, and returns when everything about the call is told.
    ///
    /// @throws SottoException if the call could not be placed, or broke
    public Result run() {
        script.note("calling %s, %s".formatted(target.name(), target.to()));
        try (TwilioCaller caller = TwilioCaller.open(target.voiceUrl(), target.account(), target.trust())) {
            return target.node().map(node -> followed(caller, node)).orElseGet(() -> heard(caller));
        }
    }

    private Result followed(TwilioCaller caller, CallTarget.Node node) {
        var api = new NodeApi(node.client(), node.tenant());
        var follower = new CallFollower(api, script, node.auditKeys());
        PlacedCall placed = caller.place(plan, new Told());
        follower.follow(placed);
        CallReport report = report(placed);
        Optional<CallId> id = report.call();
        if (id.isEmpty() || report.heard().isEmpty()) {
            return withoutStream(report);
        }
        if (report.ending() instanceof CallReport.Ending.Failed(SottoException failure)) {
            throw broken(follower, id.get(), failure);
        }
        var settled = follower.settle(id.get());
        tellEnding(report);
        script.note(settled.line());
        return settled.proven() ? Result.VERIFIED : Result.NOT_VERIFIED;
    }

    private Result heard(TwilioCaller caller) {
        CallReport report = report(caller.place(plan, new Told()));
        Optional<CallReport.Heard> heard = report.heard();
        if (heard.isEmpty()) {
            return withoutStream(report);
        }
        tellEnding(report);
        script.note(heardLine(report, heard.get()));
        if (report.ending() instanceof CallReport.Ending.Failed(SottoException failure)) {
            throw failure;
        }
        return Result.HEARD;
    }

    /// A call that broke is told as far as the node can still tell it.
    private SottoException broken(CallFollower follower, CallId id, SottoException failure) {
        script.note("the call broke");
        try {
            script.note(follower.settle(id).line());
        } catch (SottoException gone) {
            failure.addSuppressed(gone);
        }
        return failure;
    }

    private CallReport report(PlacedCall placed) {
        return placed.await(plan.longest().plus(BEYOND_LONGEST));
    }

    private Result withoutStream(CallReport report) {
        if (report.ending() instanceof CallReport.Ending.Failed(SottoException failure)) {
            throw failure;
        }
        tellEnding(report);
        return Result.NOT_VERIFIED;
    }

    private void tellEnding(CallReport report) {
        switch (report.ending()) {
            case CallReport.Ending.HungUp _ -> {}
            case CallReport.Ending.Ended _ -> script.note("the agent ended the call");
            case CallReport.Ending.Transferred(String number) -> script.note("transferred to " + number);
            case CallReport.Ending.Refused(String reason) -> script.note("the call was not taken: " + reason);
            case CallReport.Ending.Failed _ -> script.note("the call broke");
        }
    }

    static String heardLine(CallReport report, CallReport.Heard heard) {
        return "call %s: %d s · heard %s of audio, %s of it speech · %s · %s · %s · %s"
                .formatted(
                        report.call().map(CallId::toString).orElse(report.callSid()),
                        report.length().toSeconds(),
                        seconds(heard.played()),
                        seconds(heard.spoken()),
                        ClosingLine.counted(heard.marks(), "mark", "marks"),
                        ClosingLine.counted(heard.clears(), "clear", "clears"),
                        ClosingLine.counted(heard.keys(), "key", "keys"),
                        "turns and log not read: no operator access to that host");
    }

    private static String seconds(Duration length) {
        return String.format(Locale.ROOT, "%.1f s", length.toMillis() / MILLIS);
    }

    /// Prints what the server has the carrier do.
    private final class Told implements CallWatcher {
        @Override
        public void streaming(Optional<CallId> call) {
            call.ifPresent(id -> script.note("call " + id));
        }

        @Override
        public void broke(SottoException failure) {
            script.note("the stream broke; the carrier asks what comes next");
        }

        @Override
        public void said(String text) {
            script.note("the carrier says: " + text);
        }

        @Override
        public void skipped(String verb) {
            script.note("skipped: " + verb);
        }
    }
}
