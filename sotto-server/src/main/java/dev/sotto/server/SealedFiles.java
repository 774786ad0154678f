package dev.sotto.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.DataClass;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.Recipient;
import dev.sotto.keys.RecipientKey;
import dev.sotto.keys.SealedExport;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.FileSeals;
import dev.sotto.server.node.FileSeals.Place;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.Vault;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `seal` and `open` have in common: two files and the name that binds the sealed one to its place. Done by the
/// node that runs, or on a stopped one's data.
final class SealedFiles {
    private static final String NAME = "file";

    @Parameters(index = "0", paramLabel = "IN", description = "The file to read.")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write; must not exist.")
    private Path out = Path.of("");

    @Option(names = "--tenant", paramLabel = "ID", description = "Whose key (default: the operator's).")
    private Optional<String> tenant = Optional.empty();

    @Option(names = "--class", paramLabel = "CODE", description = "The data class (default: backup).")
    private String dataClass = DataClass.BACKUP.code();

    @Option(names = "--name", paramLabel = "NAME", description = "Binds the file to a name; the same to open it.")
    private String name = NAME;

    @Mixin
    private NodeOptions node = new NodeOptions();

    void seal() throws IOException {
        Place place = place();
        if (node.isRunning()) {
            ask("seal", place);
            return;
        }
        try (Offline offline = node.offline();
                Vault vault = offline.vault();
                FileChannel from = FileChannel.open(in, StandardOpenOption.READ)) {
            NewFile.write(out, to -> new FileSeals(vault.keys(), vault.audit()).seal(place, from, to, offline.actor()));
        }
    }

    void open() throws IOException {
        Place place = place();
        if (node.isRunning()) {
            ask("open", place);
            return;
        }
        try (Offline offline = node.offline();
                Vault vault = offline.vault();
                FileChannel from = FileChannel.open(in, StandardOpenOption.READ)) {
            NewFile.write(out, to -> new FileSeals(vault.keys(), vault.audit()).open(place, from, to, offline.actor()));
        }
    }

    /// Seals for somebody outside. Needs no node: only the public key.
    Recipient sealTo(Path recipientFile) throws IOException {
        requirePlain("--to");
        place();
        Recipient recipient = RecipientFiles.read(recipientFile);
        var export = new SealedExport(new SecureRandom(), Meter.none());
        try (FileChannel from = FileChannel.open(in, StandardOpenOption.READ)) {
            NewFile.write(out, to -> export.seal(recipient, from, to));
        }
        return recipient;
    }

    /// Opens as the recipient. Needs no node: only the private key and its passphrase.
    void openWith(Path keyFile) throws IOException {
        requirePlain("--key");
        place();
        char[] secret = node.source().readOwn(false);
        var export = new SealedExport(new SecureRandom(), Meter.none());
        try (RecipientKey key = RecipientKey.read(keyFile, secret);
                FileChannel from = FileChannel.open(in, StandardOpenOption.READ)) {
            NewFile.write(out, to -> export.open(key, from, to));
        } finally {
            Arrays.fill(secret, '\0');
        }
    }

    private void requirePlain(String option) {
        if (tenant.isPresent() || !name.equals(NAME) || !dataClass.equals(DataClass.BACKUP.code())) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--tenant, --class and --name do not go with " + option);
        }
    }

    private void ask(String act, Place place) throws IOException {
        String path = "/api/v1/operator/files/%s?tenant=%s&dataClass=%s&name=%s"
                .formatted(act, place.tenant(), place.dataClass().code(), URLEncoder.encode(place.name(), UTF_8));
        try (InputStream answer = NodeClient.connect(node.places()).exchange(path, in)) {
            NewFile.write(out, to -> answer.transferTo(Channels.newOutputStream(to)));
        }
    }

    private Place place() {
        if (!Files.isRegularFile(in)) {
            throw new RejectedException(ServerError.FILE_UNUSABLE, "the file (%s) is not there".formatted(in));
        }
        if (Files.exists(out)) {
            throw new RejectedException(ServerError.FILE_UNUSABLE, "the file (%s) exists already".formatted(out));
        }
        return Place.of(tenant, Optional.of(dataClass), Optional.of(name));
    }
}
