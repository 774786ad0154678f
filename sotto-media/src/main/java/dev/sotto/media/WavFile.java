package dev.sotto.media;

import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads RIFF WAVE files (Multimedia Programming Interface and Data Specifications 1.0; RFC 2361): PCM of 16 bits
/// or mu-law, one or two channels, 8, 16, 24 or 48 kHz. Thread-safe.
public final class WavFile {
    private static final long MAX_FILE_BYTES = 128L * 1024 * 1024;
    private static final int MAX_SECONDS = 600;

    private static final int RIFF = tag("RIFF");
    private static final int WAVE = tag("WAVE");
    private static final int FMT = tag("fmt ");
    private static final int DATA = tag("data");
    private static final int CHUNK_HEADER_BYTES = 8;
    private static final int RIFF_HEADER_BYTES = 12;
    private static final int FORMAT_BYTES = 16;
    private static final int EXTENSIBLE_BYTES = 40;

    private static final int PCM = 0x0001;
    private static final int MULAW = 0x0007;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final List<Integer> RATES = List.of(8_000, 16_000, 24_000, 48_000);

    private WavFile() {}

    /// Reads the file as 8 kHz mu-law, both channels mixed, low-pass filtered before its rate is reduced. Mu-law
    /// of 8 kHz and one channel is taken byte for byte.
    ///
    /// @throws RejectedException if it is not such a file or is over the limits; the message names field and rule
    /// @throws IOException if the file cannot be read
    public static AudioClip read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_FILE_BYTES) {
            throw tooLarge("file size (%d bytes) must be at most %d".formatted(size, MAX_FILE_BYTES));
        }
        return parse(Files.readAllBytes(file));
    }

    /// Reads a file's bytes.
    ///
    /// @throws RejectedException as [#read] does
    public static AudioClip parse(byte[] file) {
        var in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < RIFF_HEADER_BYTES || in.getInt(0) != RIFF || in.getInt(8) != WAVE) {
            throw malformed("header must be RIFF and WAVE");
        }
        in.position(RIFF_HEADER_BYTES);
        @Nullable Format format = null;
        while (in.remaining() >= CHUNK_HEADER_BYTES) {
            int tag = in.getInt();
            long length = Integer.toUnsignedLong(in.getInt());
            if (length > in.remaining()) {
                throw malformed("chunk length (%d bytes) must be at most what the file still holds (%d)"
                        .formatted(length, in.remaining()));
            }
            var chunk = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
            if (tag == FMT) {
                format = format(chunk);
            } else if (tag == DATA) {
                if (format == null) {
                    throw malformed("fmt chunk must come before the data chunk");
                }
                return audio(format, chunk);
            }
            in.position((int) Math.min(in.limit(), in.position() + length + (length & 1)));
        }
        throw malformed(format == null ? "fmt chunk must be there" : "data chunk must be there");
    }

    private record Format(boolean mulaw, int channels, int rateHertz) {
        int bytesPerSample() {
            return mulaw ? 1 : 2;
        }
    }

    private static Format format(ByteBuffer chunk) {
        if (chunk.remaining() < FORMAT_BYTES) {
            throw malformed("fmt chunk (%d bytes) must have at least %d".formatted(chunk.remaining(), FORMAT_BYTES));
        }
        int code = Short.toUnsignedInt(chunk.getShort(0));
        int channels = Short.toUnsignedInt(chunk.getShort(2));
        long rate = Integer.toUnsignedLong(chunk.getInt(4));
        int blockAlign = Short.toUnsignedInt(chunk.getShort(12));
        int bits = Short.toUnsignedInt(chunk.getShort(14));
        if (code == EXTENSIBLE && chunk.remaining() >= EXTENSIBLE_BYTES) {
            code = Short.toUnsignedInt(chunk.getShort(24)); // the first two bytes of the sub-format's GUID
        }
        if (code != PCM && code != MULAW) {
            throw malformed("format (0x%04x) must be pcm (0x0001) or mu-law (0x0007)".formatted(code));
        }
        if (channels < 1 || channels > 2) {
            throw malformed("channels (%d) must be 1 or 2".formatted(channels));
        }
        if (rate > Integer.MAX_VALUE || !RATES.contains((int) rate)) {
            throw malformed("sample rate (%d Hz) must be one of %s".formatted(rate, RATES));
        }
        var format = new Format(code == MULAW, channels, (int) rate);
        if (bits != format.bytesPerSample() * Byte.SIZE) {
            throw malformed("bits per sample (%d) must be %d".formatted(bits, format.bytesPerSample() * Byte.SIZE));
        }
        if (blockAlign != format.bytesPerSample() * channels) {
            throw malformed("block align (%d) must be %d".formatted(blockAlign, format.bytesPerSample() * channels));
        }
        return format;
    }

    private static AudioClip audio(Format format, ByteBuffer data) {
        int block = format.bytesPerSample() * format.channels();
        if (data.remaining() % block != 0) {
            throw malformed("data chunk (%d bytes) must be a multiple of %d".formatted(data.remaining(), block));
        }
        int frames = data.remaining() / block;
        if (frames > MAX_SECONDS * (long) format.rateHertz()) {
            throw tooLarge("duration must be at most %d s".formatted(MAX_SECONDS));
        }
        if (format.mulaw() && format.channels() == 1 && format.rateHertz() == AudioClip.SAMPLE_RATE_HERTZ) {
            var mulaw = new byte[frames];
            data.get(mulaw);
            return AudioClip.of(mulaw);
        }
        var mono = new short[frames];
        for (int i = 0; i < frames; i++) {
            int sum = 0;
            for (int channel = 0; channel < format.channels(); channel++) {
                sum += format.mulaw() ? Mulaw.decode(data.get()) : data.getShort();
            }
            mono[i] = (short) (sum / format.channels());
        }
        int factor = format.rateHertz() / AudioClip.SAMPLE_RATE_HERTZ;
        return AudioClip.of(Mulaw.encode(new Decimator(factor).decimate(mono)));
    }

    private static int tag(String fourCharacters) {
        int tag = 0;
        for (int i = 3; i >= 0; i--) {
            tag = tag << Byte.SIZE | fourCharacters.charAt(i);
        }
        return tag;
    }

    private static RejectedException malformed(String message) {
        return new RejectedException(MediaError.MALFORMED_WAV, "wav " + message);
    }

    private static RejectedException tooLarge(String message) {
        return new RejectedException(MediaError.WAV_TOO_LARGE, "wav " + message);
    }
}
