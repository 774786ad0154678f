package dev.sotto.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/// Server-sent events (WHATWG HTML section 9.2), of which only the data is wanted. Bytes may be cut anywhere. Not
/// thread-safe.
final class SseReader {
    static final int MAX_EVENT_BYTES = 256 << 10;

    private static final byte[] DATA = "data".getBytes(UTF_8);

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private boolean hasData;
    private boolean afterReturn;

    /// The data of each event that `bytes` complete.
    ///
    /// @throws UnavailableException if an event is too long or not UTF-8
    List<String> feed(byte[] bytes) {
        var complete = new ArrayList<String>();
        for (byte b : bytes) {
            if (b == '\n' && afterReturn) {
                afterReturn = false;
                continue;
            }
            afterReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                endOfLine(complete);
            } else {
                line.write(b);
                if (line.size() + data.size() > MAX_EVENT_BYTES) {
                    throw new UnavailableException(
                            ModelError.ANSWER_TOO_LARGE,
                            "an event of an answer must be at most %d bytes".formatted(MAX_EVENT_BYTES));
                }
            }
        }
        return complete;
    }

    private void endOfLine(List<String> complete) {
        byte[] whole = line.toByteArray();
        line.reset();
        if (whole.length == 0) {
            if (hasData) {
                complete.add(decoded(data.toByteArray()));
            }
            data.reset();
            hasData = false;
            return;
        }
        int start = startOfData(whole);
        if (start >= 0) {
            if (hasData) {
                data.write('\n');
            }
            data.write(whole, start, whole.length - start);
            hasData = true;
        }
    }

    /// Where the value of a `data` line begins, or -1 for another line.
    private static int startOfData(byte[] line) {
        boolean marked = line.length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == (byte) 0xBF;
        int from = marked ? 3 : 0;
        if (line.length - from < DATA.length) {
            return -1;
        }
        for (int i = 0; i < DATA.length; i++) {
            if (line[from + i] != DATA[i]) {
                return -1;
            }
        }
        int at = from + DATA.length;
        if (at == line.length) {
            return at;
        }
        if (line[at] != ':') {
            return -1;
        }
        at++;
        return at < line.length && line[at] == ' ' ? at + 1 : at;
    }

    private static String decoded(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException malformed) {
            throw new UnavailableException(ModelError.ANSWER_BROKEN, "an event of an answer must be UTF-8");
        }
    }
}
