package dev.sotto.server.web;

import dev.sotto.core.LimitedException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.ServerError;
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

/// What `./sotto backup` asks of a running node, with the operator token. One backup at a time.
@RestController
final class BackupApi {
    private final NodeGate gate;
    private final Semaphore one = new Semaphore(1);

    BackupApi(NodeGate gate) {
        this.gate = gate;
    }

    /// The file is kept aside, sealed as it is, until all of it is there: a failure must not look like a backup.
    @PostMapping("/api/v1/operator/backup/keys")
    void keys(
            @RequestParam Optional<String> tenant,
            @AuthenticationPrincipal Visitor visitor,
            HttpServletResponse response)
            throws IOException {
        Optional<TenantId> whose = tenant.map(TenantId::parse);
        if (!one.tryAcquire()) {
            throw new LimitedException(ServerError.TOO_MANY, "another backup is being made");
        }
        try (var spool = FileChannel.open(
                Files.createTempFile("sotto-backup-", ".sealed"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE)) {
            gate.services().keys().backup().create(whose, spool, visitor.actor());
            response.setContentType("application/octet-stream");
            response.setHeader("Cache-Control", "no-store");
            response.setContentLengthLong(spool.size());
            Channels.newInputStream(spool.position(0)).transferTo(response.getOutputStream());
        } finally {
            one.release();
        }
    }
}
