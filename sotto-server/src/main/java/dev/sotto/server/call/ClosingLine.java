package dev.sotto.server.call;

import dev.sotto.core.CallId;
import org.jspecify.annotations.Nullable;

/// The last line about a call: how long, how much, what is kept and whether it is proven.
final class ClosingLine {
    private static final int MILLIS = 1_000;
    private static final int KIB = 1_024;

    private ClosingLine() {}

    static String of(CallId id, NodeApi.Call call, CallProof proof) {
        Long length = call.lengthMillis();
        return "call %s: %s · %s · %s · %s · %s"
                .formatted(
                        id,
                        length == null ? "still running" : "%d s".formatted(Math.round((double) length / MILLIS)),
                        counted(call.turnCount(), "turn", "turns"),
                        recording(call.recording()),
                        counted(proof.entries(), "audit entry", "audit entries"),
                        switch (proof) {
                            case CallProof.Proven _ -> "verified";
                            case CallProof.Unproven(int _, String why) -> "not verified: " + why;
                        });
    }

    private static String recording(NodeApi.@Nullable Recording recording) {
        if (recording == null) {
            return "not recorded";
        }
        return switch (recording.state()) {
            case "sealed", "recovered" ->
                "recording %s (%d KiB)".formatted(recording.state(), Math.ceilDiv(recording.sealedBytes(), KIB));
            case "writing" -> "recording not sealed yet";
            default -> "recording " + CallScript.plain(recording.state());
        };
    }

    static String counted(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
