package dev.sotto.server;

import dev.sotto.core.ConflictException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyBackup.Outcome;
import dev.sotto.keys.KeyBackup.Restored;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.KeyDrill;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.Vault;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Backups of keys: one sealed file, which opens with the backup root key only.
@Command(
        name = "keys",
        description = "The keys alone, wrapped under the backup root key.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class BackupKeysCommand {
    private static final String LAYOUT = "%-26s  %-16s  %11s  %s%n";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before a subcommand runs
    private CommandSpec spec;

    @Command(name = "create", description = "Write all keys to a file.", mixinStandardHelpOptions = true)
    int create(
            @Mixin NodeOptions node,
            @Parameters(index = "0", paramLabel = "FILE", description = "The file to write; must not exist.") Path file,
            @Option(names = "--tenant", paramLabel = "ID", description = "Only this tenant's keys.")
                    Optional<String> tenant)
            throws IOException {
        Optional<TenantId> whose = tenant.map(TenantId::parse);
        if (node.isRunning()) {
            String path = "/api/v1/operator/backup/keys"
                    + whose.map(each -> "?tenant=" + each).orElse("");
            try (InputStream answer = NodeClient.connect(node.places()).take(path)) {
                NewFile.write(file, to -> answer.transferTo(Channels.newOutputStream(to)));
            }
        } else {
            try (Offline offline = node.offline();
                    Vault vault = offline.vault()) {
                NewFile.write(file, to -> vault.keys().backup().create(whose, to, offline.actor()));
            }
        }
        out().printf("%s  %d bytes%n", file, Files.size(file));
        out().flush();
        return ExitStatus.DONE;
    }

    @Command(
            name = "restore",
            description = "Bring the keys of a backup back, on a stopped node's data.",
            mixinStandardHelpOptions = true)
    int restore(
            @Mixin NodeOptions node,
            @Parameters(index = "0", paramLabel = "FILE", description = "The backup.") Path file,
            @Option(
                            names = "--erased",
                            paramLabel = "FILE",
                            description = "An audit export: keys that it tells were destroyed stay so.")
                    Optional<Path> erased)
            throws IOException {
        requireFile(file);
        if (node.isRunning()) {
            throw new ConflictException(
                    ServerError.NOT_ALLOWED, "keys are restored while the node is stopped\nhint: stop it first");
        }
        try (Offline offline = Offline.openToRestore(node.places(), node.settings(), node.source())) {
            return print(offline.restoreKeys(file, erased));
        }
    }

    @Command(
            name = "drill",
            description = "Try a backup: restore it into a database of its own without the primary root key.",
            mixinStandardHelpOptions = true)
    int drill(
            @Mixin NodeOptions node,
            @Parameters(index = "0", paramLabel = "FILE", description = "The backup.") Path file)
            throws IOException {
        requireFile(file);
        return print(new KeyDrill(node.places(), node.settings()).run(file, node.source()));
    }

    private int print(Restored restored) {
        out().printf(LAYOUT, "tenant", "class", "record keys", "a value sealed for the backup");
        restored.tried()
                .forEach(each -> out().printf(
                                LAYOUT,
                                each.tenant(),
                                each.dataClass().code(),
                                each.recordKeys(),
                                switch (each.outcome()) {
                                    case OPENED -> "opened";
                                    case CLOSED -> "stays closed: destroyed or revoked since";
                                    case FAILED -> "DID NOT OPEN";
                                }));
        out().printf(
                        "backup of %s: %d tenants, %d keys, %d record keys, %d stay destroyed%n",
                        restored.at(), restored.tenants(), restored.keys(), restored.recordKeys(), restored.erased());
        out().flush();
        return restored.tried().stream().anyMatch(each -> each.outcome() == Outcome.FAILED)
                ? ExitStatus.NEGATIVE
                : ExitStatus.DONE;
    }

    private static void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RejectedException(ServerError.FILE_UNUSABLE, "the file (%s) is not there".formatted(file));
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
