package dev.sotto.keys;

import static java.nio.file.StandardOpenOption.READ;

import dev.sotto.core.DeniedException;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/// Small files that only their owner may touch.
public final class PrivateFile {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private PrivateFile() {}

    /// Lets pass what only its owner may touch, and what is not there, which its reader finds out.
    ///
    /// @param what names the file in the message, such as `credentials`
    /// @throws DeniedException if group or others have any right to it
    /// @throws UnavailableException if that cannot be asked
    public static void checkOwnerOnly(Path file, String what) {
        try {
            requireOwnerOnly(file, what);
        } catch (NoSuchFileException absent) {
            // nothing to protect: its reader fails
        } catch (IOException | UnsupportedOperationException unknown) {
            throw new UnavailableException(
                    KeysError.KEY_STORE_UNAVAILABLE, what + " file does not say who may touch it", unknown);
        }
    }

    private static void requireOwnerOnly(Path file, String what) throws IOException {
        if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new DeniedException(
                    KeysError.KEY_STORE_EXPOSED,
                    what + " file must be accessible to its owner only\nhint: chmod 600 the file");
        }
    }

    /// All bytes of `file`.
    ///
    /// @throws DeniedException if group or others have any right to it
    /// @throws UnavailableException with `code` if it is absent, longer than `max` bytes, or cannot be read
    static byte[] read(Path file, long max, ErrorCode code, String what) {
        try {
            requireOwnerOnly(file, what);
            try (var in = FileChannel.open(file, READ)) {
                if (in.size() > max) {
                    throw new UnavailableException(code, what + " file is longer than %d bytes".formatted(max));
                }
                var bytes = ByteBuffer.allocate((int) in.size());
                while (bytes.hasRemaining() && in.read(bytes) >= 0) {
                    // until the file ends
                }
                return Arrays.copyOf(bytes.array(), bytes.position());
            }
        } catch (IOException | UnsupportedOperationException failed) {
            throw new UnavailableException(code, what + " file is absent or cannot be read", failed);
        }
    }
}
