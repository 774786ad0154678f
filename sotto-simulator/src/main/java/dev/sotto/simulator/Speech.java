package dev.sotto.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something said: the sound in both formats and the words with the moment each begins. The base64 of its pieces is
/// made
/// once and shared by all sessions. Thread-safe.
final class Speech {
    /// Length of a piece of sound in milliseconds.
    static final int PIECE_MILLISECONDS = 200;

    /// A word as it stands in the transcript, the space before it included.
    record Word(String text, int atMilliseconds) {}

    private final List<Word> words;
    private final byte[] mulaw;
    private volatile byte @Nullable [] pcm;
    private volatile @Nullable List<String> mulawPieces;
    private volatile @Nullable List<String> pcmPieces;

    /// @param mulaw must not be changed afterwards
    Speech(List<Word> words, byte[] mulaw) {
        this.words = List.copyOf(words);
        this.mulaw = mulaw;
    }

    List<Word> words() {
        return words;
    }

    int milliseconds() {
        return mulaw.length / AudioFormat.PCMU.bytesPerMillisecond();
    }

    /// The sound. Not a copy: it must not be changed.
    byte[] bytes(AudioFormat format) {
        return switch (format) {
            case PCMU -> mulaw;
            case PCM -> {
                byte[] made = pcm;
                if (made == null) {
                    made = Upsampler.pcm24k(mulaw);
                    pcm = made;
                }
                yield made;
            }
        };
    }

    /// The sound in base64, in pieces of [#PIECE_MILLISECONDS].
    List<String> pieces(AudioFormat format) {
        List<String> made = format == AudioFormat.PCMU ? mulawPieces : pcmPieces;
        if (made == null) {
            made = cut(bytes(format), PIECE_MILLISECONDS * format.bytesPerMillisecond());
            if (format == AudioFormat.PCMU) {
                mulawPieces = made;
            } else {
                pcmPieces = made;
            }
        }
        return made;
    }

    private static List<String> cut(byte[] sound, int size) {
        var pieces = new ArrayList<String>();
        for (int from = 0; from < sound.length; from += size) {
            byte[] piece = Arrays.copyOfRange(sound, from, Math.min(sound.length, from + size));
            pieces.add(Base64.getEncoder().encodeToString(piece));
        }
        return List.copyOf(pieces);
    }
}
