package dev.sotto.server;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.keys.SealedReader;
import dev.sotto.keys.SealedWriter;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.Vault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `seal` and `open` have in common: two files and the name that binds the sealed one to its place.
final class SealedFiles {
    private static final int BUFFER = 64 * 1024;
    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<?> CLOSED =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    @Parameters(index = "0", paramLabel = "IN", description = "The file to read.")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write; must not exist.")
    private Path out = Path.of("");

    @Option(names = "--tenant", paramLabel = "ID", description = "Whose key (default: the operator's).")
    private Optional<String> tenant = Optional.empty();

    @Option(names = "--class", paramLabel = "CODE", description = "The data class (default: backup).")
    private String dataClass = DataClass.BACKUP.code();

    @Option(names = "--name", paramLabel = "NAME", description = "Binds the file to a name; the same to open it.")
    private String name = "file";

    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private PassphraseOption passphrase = new PassphraseOption();

    void seal() throws IOException {
        try (Offline offline = offline();
                Vault vault = offline.vault();
                FileChannel from = FileChannel.open(in, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(out, NEW, CLOSED)) {
            record(offline, vault, "file.sealed");
            SealedWriter writer = vault.keys().streams().create(context(), to);
            var buffer = ByteBuffer.allocate(BUFFER);
            while (from.read(buffer) >= 0) {
                writer.write(buffer.flip());
                buffer.clear();
            }
            writer.finish();
            to.force(true);
        }
    }

    void open() throws IOException {
        try (Offline offline = offline();
                Vault vault = offline.vault();
                FileChannel from = FileChannel.open(in, StandardOpenOption.READ)) {
            record(offline, vault, "file.opened");
            try (SealedReader reader = vault.keys().streams().open(context(), from)) {
                copyWhole(reader);
            }
        }
    }

    /// Writes all of it or leaves no file.
    private void copyWhole(SealedReader reader) throws IOException {
        boolean whole = false;
        try (FileChannel to = FileChannel.open(out, NEW, CLOSED)) {
            try {
                copy(reader, to);
                to.force(true);
                whole = true;
            } finally {
                if (!whole) {
                    Files.delete(out);
                }
            }
        }
    }

    private static void copy(SealedReader reader, FileChannel to) throws IOException {
        var buffer = ByteBuffer.allocate(BUFFER);
        for (long position = 0; position < reader.size(); ) {
            int count = reader.read(position, buffer.clear());
            if (count <= 0) {
                throw new IntegrityException(ServerError.FILE_UNUSABLE, "the sealed file is shorter than it says");
            }
            position += count;
            to.write(buffer.flip());
        }
    }

    private Offline offline() {
        if (!Files.isRegularFile(in)) {
            throw new RejectedException(ServerError.FILE_UNUSABLE, "the file (%s) is not there".formatted(in));
        }
        if (Files.exists(out)) {
            throw new RejectedException(ServerError.FILE_UNUSABLE, "the file (%s) exists already".formatted(out));
        }
        if (!NAME.matcher(name).matches()) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID,
                    "--name must be 1 to 64 letters, digits, dots, hyphens or underscores");
        }
        return Offline.open(data.places(), NodeConfig.defaults(), passphrase.source());
    }

    private TenantId whose() {
        return tenant.map(TenantId::parse).orElse(TenantId.OPERATOR);
    }

    private SealContext context() {
        return new SealContext(
                whose(), DataClass.ofCode(dataClass), new KeyOwner.OfTenant(whose()), "file", name, "content", 0);
    }

    private void record(Offline offline, Vault vault, String type) {
        vault.audit()
                .append(AuditEvent.of(type, offline.actor())
                        .tenant(whose())
                        .resource("file", name)
                        .detail("class", dataClass)
                        .build());
    }
}
