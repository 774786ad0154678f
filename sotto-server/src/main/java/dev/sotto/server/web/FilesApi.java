package dev.sotto.server.web;

import dev.sotto.core.LimitedException;
import dev.sotto.core.RejectedException;
import dev.sotto.server.node.FileSeals;
import dev.sotto.server.node.FileSeals.Place;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.ServerError;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// What `./sotto seal` and `open` ask of a running node, with the operator token. One file at a time.
@RestController
final class FilesApi {
    private static final long MAX_BYTES = 4L << 30;

    private final NodeGate gate;
    private final Semaphore one = new Semaphore(1);

    FilesApi(NodeGate gate) {
        this.gate = gate;
    }

    @PostMapping("/api/v1/operator/files/seal")
    void seal(
            @RequestParam Optional<String> tenant,
            @RequestParam Optional<String> dataClass,
            @RequestParam Optional<String> name,
            @AuthenticationPrincipal Visitor visitor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var place = Place.of(tenant, dataClass, name);
        alone(request, response, () -> {
            try (var spool = spool();
                    var in = Channels.newChannel(request.getInputStream())) {
                seals().seal(place, in, spool, visitor.actor());
                spool.position(0);
                response.setContentLengthLong(spool.size());
                Channels.newInputStream(spool).transferTo(response.getOutputStream());
            }
        });
    }

    /// The sealed file is kept aside until it was opened, since its end must be authentic before its beginning is
    /// given out. Nothing that was opened is kept.
    @PostMapping("/api/v1/operator/files/open")
    void open(
            @RequestParam Optional<String> tenant,
            @RequestParam Optional<String> dataClass,
            @RequestParam Optional<String> name,
            @AuthenticationPrincipal Visitor visitor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var place = Place.of(tenant, dataClass, name);
        alone(request, response, () -> {
            try (var spool = spool();
                    var in = request.getInputStream()) {
                in.transferTo(Channels.newOutputStream(spool));
                var out = Channels.newChannel(response.getOutputStream()); // not closed here: a refusal must get out
                seals().open(place, spool, out, visitor.actor(), response::setContentLengthLong);
            }
        });
    }

    /// For sealed bytes only. Gone once closed.
    private static FileChannel spool() throws IOException {
        return FileChannel.open(
                Files.createTempFile("sotto-file-", ".sealed"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    private FileSeals seals() {
        var services = gate.services();
        return new FileSeals(services.keys(), services.audit());
    }

    private interface Work {
        void run() throws IOException;
    }

    private void alone(HttpServletRequest request, HttpServletResponse response, Work work) throws IOException {
        if (request.getContentLengthLong() < 0 || request.getContentLengthLong() > MAX_BYTES) {
            throw new RejectedException(ServerError.FILE_UNUSABLE, "a file must have at most 4 GiB, and say how many");
        }
        if (!one.tryAcquire()) {
            throw new LimitedException(ServerError.TOO_MANY, "another file is being sealed or opened");
        }
        try {
            response.setContentType("application/octet-stream");
            response.setHeader("Cache-Control", "no-store");
            work.run();
        } finally {
            one.release();
        }
    }
}
