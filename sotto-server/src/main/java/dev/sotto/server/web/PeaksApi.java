package dev.sotto.server.web;

import dev.sotto.core.DeniedException;
import dev.sotto.core.LimitedException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.CallRecord;
import dev.sotto.store.RecordingReader;
import dev.sotto.store.RecordingView;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// The outline of a recording, read once from the sealed object for each request and kept nowhere: a stored outline
/// would be one more thing to seal and to erase. Opening it is an entry of its own, as playing is.
@RestController
final class PeaksApi {
    private static final int STRETCHES = 480;
    private static final int CHUNK = 16 * 1024;
    /// Reading an hour takes about a second of one core.
    private static final int AT_ONCE = 4;

    private final CallLookup lookup;
    private final Semaphore reading = new Semaphore(AT_ONCE);

    PeaksApi(CallLookup lookup) {
        this.lookup = lookup;
    }

    /// @param caller loudness of the caller's channel, 0 to 1000, over stretches of equal length
    /// @param agent the same of the agent's channel
    record Outline(long durationMillis, List<Integer> caller, List<Integer> agent) {}

    @GetMapping("/api/v1/calls/{id}/recording/peaks")
    Outline peaks(@AuthenticationPrincipal Visitor visitor, @PathVariable String id, HttpServletResponse response) {
        if (!(visitor instanceof Visitor.Staff staff)) {
            throw new DeniedException(ServerError.NOT_ALLOWED, "recordings are shown to staff only");
        }
        response.setHeader("Cache-Control", "no-store");
        TenantId tenant = lookup.tenant(staff, Optional.empty());
        CallRecord call = lookup.find(staff, tenant, id);
        if (!reading.tryAcquire()) {
            throw new LimitedException(ServerError.TOO_MANY, "too many recordings are being read");
        }
        try (RecordingReader reader =
                lookup.services().store().recordings().open(tenant, call.id(), RecordingView.PEAKS, staff.actor())) {
            var peaks = new Peaks(reader.sizeBytes(), STRETCHES);
            byte[] chunk = new byte[CHUNK];
            long position = 0;
            int count = reader.read(position, ByteBuffer.wrap(chunk));
            while (count > 0) {
                peaks.add(chunk, count);
                position += count;
                count = reader.read(position, ByteBuffer.wrap(chunk));
            }
            return new Outline(reader.info().duration().toMillis(), peaks.caller(), peaks.agent());
        } finally {
            reading.release();
        }
    }
}
