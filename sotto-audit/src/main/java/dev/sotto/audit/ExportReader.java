package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads an export, holding one line at a time.
final class ExportReader implements LogReader {
    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final ExportFormat.Heading heading;
    private long line;
    private long entries;
    private boolean ended;

    private ExportReader(InputStream in) {
        this.in = new BufferedInputStream(in, BUFFER);
        byte[] first = nextLine();
        if (first == null || !(ExportFormat.read(first) instanceof ExportFormat.Heading found)) {
            throw new RejectedException(AuditError.AUDIT_SOURCE, "input is not an audit export");
        }
        this.heading = found;
    }

    /// Opens an export.
    ///
    /// @throws RejectedException if the first line is not that of an export
    static LogReader open(InputStream in) {
        return new ExportReader(in);
    }

    @Override
    public String origin() {
        return heading.origin();
    }

    @Override
    public String logId() {
        return heading.logId();
    }

    @Override
    public boolean hasTiles() {
        return false;
    }

    @Override
    public boolean endsSigned() {
        return true;
    }

    @Override
    public @Nullable LogItem next() {
        byte[] bytes = nextLine();
        if (bytes == null) {
            return null;
        }
        String where = "line %d".formatted(line);
        if (ended) {
            return new LogItem.Malformed(where, "it stands after the end");
        }
        try {
            return item(ExportFormat.read(bytes), where);
        } catch (RejectedException malformed) {
            return new LogItem.Malformed(where, String.valueOf(malformed.getMessage()));
        }
    }

    private LogItem item(ExportFormat.Line read, String where) {
        return switch (read) {
            case ExportFormat.Heading _ -> new LogItem.Malformed(where, "it is a second first line");
            case ExportFormat.Entry entry -> {
                long sequence = entries++;
                yield new LogItem.Entry(
                        new StoredEntry(
                                sequence,
                                entry.header(),
                                entry.body(),
                                entry.bodyHash(),
                                entry.leafHash(),
                                Optional.empty()),
                        "entry %d (%s)".formatted(sequence, where));
            }
            case ExportFormat.Note note -> note(note, where);
            case ExportFormat.End end -> {
                ended = true;
                byte[] more = nextLine();
                yield more == null
                        ? new LogItem.End(end.size(), Optional.empty(), where)
                        : new LogItem.Malformed("line %d".formatted(line), "it stands after the end");
            }
        };
    }

    /// A checkpoint stands after the last entry it covers; only if entries were cut is its size another.
    private LogItem note(ExportFormat.Note note, String where) {
        byte[] text = note.text().getBytes(UTF_8);
        long size;
        try {
            size = SignedCheckpoint.parse(note.text()).checkpoint().size();
        } catch (RejectedException malformed) {
            size = entries;
        }
        return new LogItem.Note(size, Bytes.owning(text), "checkpoint (%s)".formatted(where));
    }

    /// The bytes up to a line feed; null at the end of the input. A line without a feed is cut: it is read as
    /// it is.
    private byte @Nullable [] nextLine() {
        try {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            line++;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (next >= 0 && next != '\n') {
                if (bytes.size() >= ExportFormat.LARGEST_LINE_BYTES) {
                    throw new RejectedException(
                            AuditError.AUDIT_SOURCE,
                            "export line (%d) is longer than %d bytes"
                                    .formatted(line, ExportFormat.LARGEST_LINE_BYTES));
                }
                bytes.write(next);
                next = in.read();
            }
            return next < 0 ? new byte[0] : bytes.toByteArray();
        } catch (IOException failure) {
            throw new UnavailableException(AuditError.AUDIT_SOURCE, "audit export cannot be read", failure);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException failure) {
            throw new UnavailableException(AuditError.AUDIT_SOURCE, "audit export cannot be closed", failure);
        }
    }
}
