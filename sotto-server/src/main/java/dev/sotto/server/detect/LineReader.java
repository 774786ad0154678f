package dev.sotto.server.detect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.server.node.ServerError;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/// Lines of UTF-8, one at a time, each of at most [#MAX_BYTES]. Not thread-safe.
final class LineReader {
    static final int MAX_BYTES = 1024 * 1024;

    private final InputStream in;
    private long number;
    private boolean ended;

    LineReader(InputStream in) {
        this.in = new BufferedInputStream(in, 64 * 1024);
    }

    /// The number of the line that was read last, from 1.
    long number() {
        return number;
    }

    /// Whether the line that was read last ended with a line feed.
    boolean ended() {
        return ended;
    }

    /// The next line without its line feed; nothing at the end.
    ///
    /// @throws RejectedException if it is too long or not UTF-8
    Optional<SensitiveText> next() throws IOException {
        var line = new ByteArrayOutputStream();
        ended = false;
        number++;
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
            if (octet == '\n') {
                ended = true;
                break;
            }
            if (line.size() == MAX_BYTES) {
                throw wrong("must have at most %d bytes".formatted(MAX_BYTES));
            }
            line.write(octet);
        }
        if (!ended && line.size() == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(SensitiveText.of(UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(line.toByteArray()))
                    .toString()));
        } catch (CharacterCodingException malformed) {
            throw wrong("must be UTF-8");
        }
    }

    /// What is wrong with the line that was read last; holds nothing of it.
    RejectedException wrong(String rule) {
        return new RejectedException(
                ServerError.INPUT_INVALID,
                "line %d of the input %s\nhint: each line is an object such as {\"id\":\"1\",\"text\":\"hello\"}"
                        .formatted(number, rule));
    }
}
