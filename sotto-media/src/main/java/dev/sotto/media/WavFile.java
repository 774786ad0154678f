package dev.sotto.media;

import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.file.Path;

/// Reads RIFF WAVE files: PCM of 16 bits or mu-law, one or two channels, 8, 16, 24 or 48 kHz.
public final class WavFile {
    private WavFile() {}

    /// Reads the file as 8 kHz mu-law, both channels mixed, low-pass filtered before its rate is reduced.
    ///
    /// @throws RejectedException if it is not such a file or is over the limits; the message names field and rule
    public static AudioClip read(Path file) throws IOException {
        if (file.toFile().length() >= 0) {
            throw new IOException("not readable yet");
        }
        return AudioClip.empty();
    }
}
