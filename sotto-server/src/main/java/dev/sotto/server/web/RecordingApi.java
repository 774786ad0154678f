package dev.sotto.server.web;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.CallRecord;
import dev.sotto.store.RecordingInfo;
import dev.sotto.store.RecordingReader;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// The recording of a call, opened while it is played. The store audits the opening before the first byte.
@RestController
final class RecordingApi {
    /// An even number of samples, and small enough that little is in clear at once.
    private static final int CHUNK = 16 * 1024;

    private final CallLookup lookup;

    RecordingApi(CallLookup lookup) {
        this.lookup = lookup;
    }

    @GetMapping("/api/v1/calls/{id}/recording")
    void play(
            @AuthenticationPrincipal Visitor visitor,
            @PathVariable String id,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (!(visitor instanceof Visitor.Staff staff)) {
            Problem.of(HttpStatus.FORBIDDEN, "not_allowed").write(response);
            return;
        }
        TenantId tenant = lookup.tenant(staff, Optional.empty());
        CallRecord call = lookup.find(staff, tenant, id);
        var recordings = lookup.services().store().recordings();
        RecordingInfo info = recordings.find(tenant, call.id()).orElseThrow(CallLookup::notHere);
        var view = new WavView(info.audioBytes());
        response.setHeader("Accept-Ranges", "bytes");
        response.setHeader("Cache-Control", "no-store");
        // Nothing is opened, and so nothing audited, for a range that the file does not have.
        ByteRange range = ByteRange.of(request.getHeader("Range"), view.sizeBytes());
        if (range instanceof ByteRange.Unsatisfiable) {
            response.setHeader("Content-Range", "bytes */" + view.sizeBytes());
            Problem.of(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "request_invalid")
                    .write(response);
            return;
        }
        try (RecordingReader reader = recordings.open(tenant, call.id(), staff.actor())) {
            send(new WavView(reader.sizeBytes()), range, reader, response);
        }
    }

    /// Opens all that is asked for once before any of it leaves, so that damage is a refusal, not half an answer.
    private static void send(WavView view, ByteRange range, RecordingReader reader, HttpServletResponse response)
            throws IOException {
        long first = 0;
        long last = view.sizeBytes() - 1;
        if (range instanceof ByteRange.Part part) {
            first = part.first();
            last = Math.min(part.last(), last);
        }
        copy(view, first, last, reader, OutputStream.nullOutputStream());
        if (range instanceof ByteRange.Part) {
            response.setStatus(HttpStatus.PARTIAL_CONTENT.value());
            response.setHeader("Content-Range", "bytes %d-%d/%d".formatted(first, last, view.sizeBytes()));
        }
        response.setContentType("audio/wav");
        response.setContentLengthLong(last - first + 1);
        copy(view, first, last, reader, response.getOutputStream());
    }

    private static void copy(WavView view, long first, long last, RecordingReader reader, OutputStream out)
            throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long position = first; position <= last; ) {
            int wanted = (int) Math.min(CHUNK, last - position + 1);
            int count = view.read(position, chunk, wanted, (at, length) -> mulaw(reader, at, length));
            out.write(chunk, 0, count);
            position += count;
        }
    }

    private static byte[] mulaw(RecordingReader reader, long position, int length) {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (reader.read(position + buffer.position(), buffer) < 0) {
                throw new IntegrityException(ServerError.NOT_HERE, "the recording is shorter than it says");
            }
        }
        return buffer.array();
    }
}
