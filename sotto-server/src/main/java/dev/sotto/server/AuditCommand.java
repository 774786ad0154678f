package dev.sotto.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.sotto.audit.AuditSource;
import dev.sotto.audit.AuditVerifier;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.audit.Verification;
import dev.sotto.core.RejectedException;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.LocalAccess;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Reads the audit log again, of a running node, a stopped one or a file.
@Command(
        name = "audit",
        description = "Verify the audit log, or export it to a file that anyone can verify.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class AuditCommand {
    private static final int MAX_CHECKPOINT_BYTES = 64 * 1024;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before a subcommand runs
    private CommandSpec spec;

    @Command(
            name = "verify",
            description = "Exit 0: intact, 1: broken, 2: unusable input.",
            mixinStandardHelpOptions = true)
    int verify(
            @Mixin NodeOptions node,
            @Option(names = "--file", paramLabel = "F", description = "An exported log.") Optional<Path> file,
            @Option(
                            names = "--keys",
                            paramLabel = "F",
                            description = "Trusted keys (default: the node's, from its state).")
                    Optional<Path> keys,
            @Option(
                            names = "--since",
                            paramLabel = "CHECKPOINT",
                            description = "A file with a signed checkpoint that the log must continue.")
                    Optional<Path> since)
            throws IOException {
        Optional<String> checkpoint = since.map(AuditCommand::checkpoint);
        NodePlaces places = node.places();
        Verification found;
        if (file.isPresent()) {
            TrustedKeys trusted = keys.map(TrustedKeys::read)
                    .orElseGet(() -> LocalAccess.of(places).trustedAuditKeys());
            found = new AuditVerifier().verify(AuditSource.fromExport(file.get()), trusted, checkpoint);
        } else if (node.isRunning()) {
            found = running(NodeClient.connect(places), checkpoint);
        } else {
            try (Offline offline = node.offline()) {
                found = offline.verifyAudit(checkpoint);
            }
        }
        return report(found);
    }

    /// Checks what the node hands out here, with the keys trusted here; then asks the node to read its own tables,
    /// which
    /// also finds damage that an export does not carry.
    private static Verification running(NodeClient node, Optional<String> since) throws IOException {
        Verification exported;
        try (InputStream export = node.open("/api/v1/audit/export")) {
            exported = new AuditVerifier()
                    .verify(
                            AuditSource.fromExport(export)
                                    .withCheckpoints(node.access().checkpoints()),
                            node.access().trustedAuditKeys(),
                            since);
        }
        if (exported instanceof Verification.Broken) {
            return exported;
        }
        JsonNode own = node.get("/api/v1/audit/verify");
        if (own.path("intact").asBoolean()) {
            return exported;
        }
        return new Verification.Broken(
                own.path("where").asString(""),
                own.path("size").asLong(),
                Verification.Fault.valueOf(own.path("fault").asString("").toUpperCase(Locale.ROOT)),
                own.path("message").asString(""));
    }

    private int report(Verification found) {
        PrintWriter out = spec.commandLine().getOut();
        int status = switch (found) {
            case Verification.Intact intact -> {
                out.printf(
                        "intact, %d entries, checkpoint %d signed%s%s%s%n",
                        intact.size(),
                        intact.checkpoint().checkpoint().size(),
                        intact.signedAt().map(at -> " at " + at).orElse(""),
                        intact.unsigned() == 0 ? "" : ", %d not signed yet".formatted(intact.unsigned()),
                        intact.erased() == 0 ? "" : ", %d bodies erased".formatted(intact.erased()));
                yield ExitStatus.DONE;
            }
            case Verification.Broken broken -> {
                out.printf(
                        "broken at %s, %s: %s%n",
                        broken.where(),
                        broken.fault().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        broken.message());
                yield ExitStatus.NEGATIVE;
            }
        };
        out.flush();
        return status;
    }

    @Command(name = "export", description = "Write the log to a file.", mixinStandardHelpOptions = true)
    int export(
            @Mixin NodeOptions node,
            @Option(
                            names = {"-o", "--output"},
                            required = true,
                            paramLabel = "F",
                            description = "The file to write.")
                    Path output)
            throws IOException {
        // Beside the target first, so that a cut export never stands under the name that was asked for.
        Path partial = output.resolveSibling(output.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(partial)) {
            if (node.isRunning()) {
                try (InputStream export = NodeClient.connect(node.places()).open("/api/v1/audit/export")) {
                    export.transferTo(out);
                }
            } else {
                try (Offline offline = node.offline()) {
                    offline.exportAudit(out);
                }
            }
        }
        Files.move(partial, output, REPLACE_EXISTING);
        PrintWriter out = spec.commandLine().getOut();
        out.printf("wrote %s (%d KiB)%n", output, Math.ceilDiv(Files.size(output), 1024));
        out.printf("verify it with ./sotto audit verify --file %s%s%n", output, node.again());
        out.flush();
        return ExitStatus.DONE;
    }

    private static String checkpoint(Path file) {
        try {
            if (Files.size(file) > MAX_CHECKPOINT_BYTES) {
                throw new RejectedException(
                        ServerError.FILE_UNUSABLE, "the checkpoint (%s) is too large".formatted(file));
            }
            return Files.readString(file, UTF_8);
        } catch (IOException failure) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE, "the checkpoint (%s) cannot be read".formatted(file), failure);
        }
    }
}
