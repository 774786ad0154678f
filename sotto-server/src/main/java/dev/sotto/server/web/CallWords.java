package dev.sotto.server.web;

import dev.sotto.audit.EntryCheck;
import dev.sotto.store.CallChannel;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.Speaker;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/// What the pages call things.
final class CallWords {
    private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ENGLISH);
    private static final int KIB = 1024;

    private CallWords() {}

    static String outcome(CallRecord call) {
        Optional<CallOutcome> outcome = call.outcome();
        if (outcome.isEmpty()) {
            return call.state() == CallState.CONNECTED ? "On the line now" : ringing(call);
        }
        return switch (outcome.get()) {
            case HUNG_UP -> hungUp(call);
            case TRANSFERRED -> "Transferred to a person";
            case FAILED -> "Ended with an apology";
            case COMPLETED -> "Answered";
            case LOST -> "Line lost";
            case VOICEMAIL -> "Message left";
        };
    }

    private static String ringing(CallRecord call) {
        return call.channel() == CallChannel.CHAT ? "About to write" : "Ringing";
    }

    private static String hungUp(CallRecord call) {
        String how = call.channel() == CallChannel.CHAT ? "isitor left" : "aller hung up";
        String who = call.channel() == CallChannel.CHAT ? "v" : "c";
        return call.verified() ? "Answered, " + who + how : who.toUpperCase(Locale.ROOT) + how;
    }

    /// What answers, and by which way: once it is known, what really does.
    static String mode(CallRecord call) {
        String answers = mode(call.served().orElse(call.mode()));
        return switch (call.channel()) {
            case VOICE -> answers;
            case CHAT -> "chat, " + answers;
            case RELAY -> "text relay, " + answers;
        };
    }

    /// How a call that a model was to answer came to the receptionist; empty if it did not.
    static String fallBack(CallRecord call) {
        if (!call.fellBack()) {
            return "";
        }
        var answered =
                call.startedAt().flatMap(start -> call.handedOverAt().map(over -> Duration.between(start, over)));
        return answered.map(length -> "handed over at %s by the %s".formatted(clock(length), mode(call.mode())))
                .orElseGet(() -> "from the start, instead of the " + mode(call.mode()));
    }

    private static String mode(String mode) {
        return switch (mode) {
            case "receptionist" -> "built-in receptionist";
            case "strict" -> "model, strict mode";
            case "gated" -> "model, gated mode";
            case "open" -> "model, open mode";
            default -> mode;
        };
    }

    /// Why there is no recording, where there cannot be one.
    static Optional<String> textOnly(CallRecord call) {
        return switch (call.channel()) {
            case VOICE -> Optional.empty();
            case CHAT -> Optional.of("This was written in a chat: there is no sound of it.");
            case RELAY ->
                Optional.of(
                        "The carrier transcribed and spoke this call: its sound was never here and is not recorded by"
                                + " Sotto.");
        };
    }

    static String who(Speaker speaker) {
        return switch (speaker) {
            case CALLER -> "Caller";
            case AGENT -> "Agent";
            case SYSTEM -> "System";
        };
    }

    static String fault(EntryCheck.Fault fault) {
        return switch (fault) {
            case BODY_ALTERED -> "its body is not the one that was recorded";
            case NOT_IN_TREE -> "its bytes are not those that were signed";
            case UNREADABLE -> "its bytes cannot be read";
            case ELSEWHERE -> "its bytes are about something else";
            case BODY_MISSING -> "its body is gone and no entry says why";
        };
    }

    static String when(Instant at, ZoneId zone) {
        return WHEN.format(at.atZone(zone));
    }

    static String time(Instant at, ZoneId zone) {
        return TIME.format(at.atZone(zone));
    }

    static String clock(Duration length) {
        return "%d:%02d".formatted(length.toMinutes(), length.toSecondsPart());
    }

    static String size(long bytes) {
        return "%d KiB".formatted(Math.ceilDiv(bytes, KIB));
    }
}
