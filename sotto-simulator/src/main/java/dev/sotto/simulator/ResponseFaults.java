package dev.sotto.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Bends the events of a Realtime response as a fault says.
final class ResponseFaults {
    private static final String SILENT_PIECE = silentPiece();

    /// The response that is bent.
    interface Bent {
        RealtimeWire wire();

        /// The id of its first item, or empty.
        String firstItem();

        /// Sends that the response was created.
        void created();

        /// Sends more words and sound in its first item, if it is still on.
        boolean more(String text, String base64);
    }

    private ResponseFaults() {}

    /// @param cues of the response as it should be; changed
    static Iterator<Player.Cue> bend(List<Player.Cue> cues, @Nullable Fault fault, String id, Bent bent) {
        if (fault == null) {
            return cues.iterator();
        }
        int third = Math.max(1, cues.size() / 3);
        long then = cues.get(third - 1).atMilliseconds();
        switch (fault.kind()) {
            case STALL -> cues.subList(third, cues.size()).clear();
            case CLOSE -> {
                cues.subList(third, cues.size()).clear();
                cues.add(new Player.Cue(then, bent.wire()::cut));
            }
            case BROKEN_JSON -> cues.add(third, new Player.Cue(then, () -> broken(bent.wire())));
            case HUGE_FRAME -> cues.add(third, new Player.Cue(then, () -> huge(id, bent)));
            case OUT_OF_ORDER -> {
                cues.addFirst(new Player.Cue(0, bent::created));
                return shuffled(cues, id.hashCode());
            }
            case ENDLESS -> {
                return Stream.concat(List.copyOf(cues.subList(0, third)).stream(), endless(bent))
                        .iterator();
            }
            case DELAY,
                    RATE_LIMITED,
                    SERVER_ERROR,
                    UNKNOWN_TOOL,
                    INVENTED_TOKEN,
                    CLAIMS_VERIFIED,
                    ECHO,
                    NEVER_FINAL -> {} // not a matter of the order of events
        }
        return cues.iterator();
    }

    /// The same moments with other acts.
    private static Iterator<Player.Cue> shuffled(List<Player.Cue> cues, long seed) {
        var other = new ArrayList<>(cues);
        Collections.shuffle(other, new Random(seed));
        return IntStream.range(0, cues.size())
                .mapToObj(i -> new Player.Cue(
                        cues.get(i).atMilliseconds(), other.get(i).act()))
                .iterator();
    }

    private static Stream<Player.Cue> endless(Bent bent) {
        var on = new boolean[] {true};
        return IntStream.iterate(0, i -> i < ChatEndpoint.ENDLESS_PIECES && on[0], i -> i + 1)
                .mapToObj(i -> new Player.Cue(
                        (long) i * Speech.PIECE_MILLISECONDS, () -> on[0] = bent.more(" and", SILENT_PIECE)));
    }

    private static String silentPiece() {
        byte[] silence = new byte[Speech.PIECE_MILLISECONDS * AudioFormat.PCMU.bytesPerMillisecond()];
        Arrays.fill(silence, Mulaw.SILENCE);
        return Base64.getEncoder().encodeToString(silence);
    }

    private static void broken(RealtimeWire wire) {
        wire.raw("{\"type\":\"response.output_audio.delta\",\"event_id\":\"" + wire.id("event_")
                + "\",\"delta\":\"AAAA");
    }

    private static void huge(String id, Bent bent) {
        bent.wire().audio(id, bent.firstItem(), 0, "A".repeat(ChatEndpoint.HUGE_BYTES));
    }
}
