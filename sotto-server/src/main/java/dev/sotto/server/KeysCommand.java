package dev.sotto.server;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyUri;
import dev.sotto.server.KeyDesk.Asked;
import dev.sotto.server.KeyDesk.Refused;
import dev.sotto.server.KeyDesk.Row;
import dev.sotto.server.node.KeyOffice;
import dev.sotto.server.node.KeyOffice.Revocation;
import dev.sotto.server.node.NewTokenKey;
import dev.sotto.server.node.ServerError;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows which keys there are, replaces them and takes them out of use. Never a byte of any.
@Command(
        name = "keys",
        description = "List keys, replace them, take them out of use.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class KeysCommand {
    private static final String LAYOUT = "%-26s  %-7s  %-32s  %-7s  %2s  %-14s  %6s  %-11s  %s%n";
    private static final String REQUEST = "%-36s  %-26s  %-40s  %-20s  %s%n";
    private static final String REFUSED = "%-26s  %-36s  %-12s  %s%n";
    private static final long DAY_SECONDS = 86_400;
    private static final long HOUR_SECONDS = 3_600;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before a subcommand runs
    private CommandSpec spec;

    @Command(name = "list", description = "One line a key, and what encrypts.", mixinStandardHelpOptions = true)
    int list(@Mixin NodeOptions node) {
        try (KeyDesk desk = KeyDesk.reading(node)) {
            print(desk.list());
            out().printf("%ncrypto: %s%n", desk.crypto().line());
            out().flush();
        }
        return ExitStatus.DONE;
    }

    @Command(
            name = "rotate",
            description = "Replace keys in use now. Old versions open and never seal.",
            mixinStandardHelpOptions = true)
    int rotate(
            @Mixin NodeOptions node,
            @Option(names = "--tenant", paramLabel = "ID", description = "Only this tenant's keys.")
                    Optional<String> tenant,
            @Option(names = "--class", paramLabel = "CODE", description = "Only the class keys of this data class.")
                    Optional<String> dataClass,
            @Option(names = "--level", paramLabel = "LEVEL", description = "Only tenant or class keys.")
                    Optional<String> level,
            @Option(
                            names = "--purpose",
                            paramLabel = "NAME",
                            description = "Only the keys of this blind index, or of 'all'; the node must run.")
                    Optional<String> purpose,
            @Option(
                            names = "--root",
                            description = "New root keys in the key store of a stopped node; tenant keys follow.")
                    boolean root) {
        tenant.ifPresent(TenantId::parse);
        dataClass.ifPresent(DataClass::ofCode);
        if (level.isPresent()
                && !List.of(KeyLevel.TENANT.code(), KeyLevel.CLASS.code()).contains(level.get())) {
            throw new RejectedException(ServerError.ARGUMENT_INVALID, "--level must be tenant or class");
        }
        if (purpose.isPresent() && (root || level.isPresent() || dataClass.isPresent())) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--purpose cannot be given with --class, --level or --root");
        }
        if (root) {
            rotateRoot(node);
            return ExitStatus.DONE;
        }
        try (KeyDesk desk = KeyDesk.acting(node)) {
            print(desk.rotate(tenant, dataClass, level, purpose));
        }
        return ExitStatus.DONE;
    }

    private void rotateRoot(NodeOptions node) {
        if (node.isRunning()) {
            throw new ConflictException(
                    ServerError.NOT_ALLOWED, "root keys are replaced while the node is stopped\nhint: stop it first");
        }
        try (KeyDesk desk = KeyDesk.withNewRoots(node)) {
            out().printf("new root keys; %d keys wrapped anew%n", rewrapAll(desk, Optional.empty()));
            out().flush();
        }
    }

    @Command(
            name = "create-root",
            description = "Make a root key in the token that the settings name. It cannot leave it.",
            mixinStandardHelpOptions = true)
    int createRoot(
            @Mixin DataOption data,
            @Option(
                            names = "--uri",
                            required = true,
                            paramLabel = "URI",
                            description = "pkcs11:<token>/<label>; the label must be free.")
                    String uri,
            @Option(
                            names = "--config",
                            paramLabel = "FILE",
                            description = "Settings with keys.kms.pkcs11. (default: what the node last ran with).")
                    Optional<Path> config) {
        var root = new KeyUri(uri);
        NewTokenKey.createRoot(data.places().settings(config), root);
        out().printf("made an AES-256 key that cannot leave its token; to use it for new tenants, set%n");
        out().printf("keys.root = %s%n", root.text());
        out().flush();
        return ExitStatus.DONE;
    }

    @Command(
            name = "create-index",
            description = "Make a key for blind indexes in the token that the settings name. It cannot leave it.",
            mixinStandardHelpOptions = true)
    int createIndex(
            @Mixin DataOption data,
            @Option(
                            names = "--uri",
                            required = true,
                            paramLabel = "URI",
                            description = "pkcs11:<token>/<label>; the label must be free.")
                    String uri,
            @Option(
                            names = "--config",
                            paramLabel = "FILE",
                            description = "Settings with keys.kms.pkcs11. (default: what the node last ran with).")
                    Optional<Path> config) {
        var key = new KeyUri(uri);
        NewTokenKey.createIndex(data.places().settings(config), key);
        out().printf("made an HMAC key that cannot leave its token; to have indexes move under it, set%n");
        out().printf("keys.blind-index = %s%n", key.text());
        out().flush();
        return ExitStatus.DONE;
    }

    @Command(
            name = "rewrap",
            description = "Bring every key under the newest one above it. Touches no data; may be stopped and goes on.",
            mixinStandardHelpOptions = true)
    int rewrap(
            @Mixin NodeOptions node,
            @Option(names = "--tenant", paramLabel = "ID", description = "Only this tenant's keys.")
                    Optional<String> tenant,
            @Option(
                            names = "--root",
                            paramLabel = "URI",
                            description = "Move the tenant under this root key, such as its own.")
                    Optional<String> root) {
        tenant.ifPresent(TenantId::parse);
        if (root.isPresent() && tenant.isEmpty()) {
            throw new RejectedException(ServerError.ARGUMENT_INVALID, "--root is for one tenant: give --tenant too");
        }
        try (KeyDesk desk = KeyDesk.acting(node)) {
            long done = root.isPresent() ? desk.move(tenant.orElseThrow(), root.get()) : 0;
            done += rewrapAll(desk, tenant);
            out().printf("%d keys wrapped anew, 0 left%n", done);
            out().flush();
        }
        return ExitStatus.DONE;
    }

    /// Step after step, with a line each; gives up where a step brings nothing further.
    private long rewrapAll(KeyDesk desk, Optional<String> tenant) {
        long done = 0;
        while (true) {
            KeyDesk.Progress step = desk.rewrap(tenant);
            done += step.done();
            if (step.left() == 0) {
                return done;
            }
            if (step.done() == 0) {
                throw new ConflictException(
                        ServerError.NOT_ALLOWED,
                        "%d keys are left and cannot be wrapped anew now\nhint: keys list shows which are revoked"
                                .formatted(step.left()));
            }
            out().printf("%d keys wrapped anew, %d or more left%n", done, step.left());
            out().flush();
        }
    }

    @Command(
            name = "revoke",
            description = "Take a key out of use: at once, on every node within a second.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Mixin NodeOptions node,
            @Parameters(index = "0", paramLabel = "KEY", description = "The key's id, as keys list shows it.")
                    String key,
            @Option(
                            names = "--compromised",
                            description = "It may be known to others: replaced, and opens until all was sealed anew.")
                    boolean compromised,
            @Option(names = "--reinstate", description = "Lift an earlier revocation.") boolean reinstate) {
        if (compromised && reinstate) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--compromised and --reinstate cannot be given together");
        }
        KeyOffice.id(key);
        Revocation how = compromised ? Revocation.COMPROMISED : reinstate ? Revocation.REINSTATE : Revocation.SUSPEND;
        try (KeyDesk desk = KeyDesk.acting(node)) {
            print(List.of(desk.revoke(key, how)));
        }
        return ExitStatus.DONE;
    }

    @Command(
            name = "refused",
            description = "After a compromise: what did not open when it was to be sealed anew. Somebody altered it.",
            mixinStandardHelpOptions = true)
    int refused(@Mixin NodeOptions node) {
        List<Refused> rows;
        try (KeyDesk desk = KeyDesk.reading(node)) {
            rows = desk.refused();
        }
        out().printf(REFUSED, "tenant", "class key", "record", "id");
        rows.forEach(row -> out().printf(REFUSED, row.tenant(), row.classKey(), row.record(), row.id()));
        out().flush();
        return ExitStatus.DONE;
    }

    @Command(
            name = "destroy",
            description = "Destroy keys for good. Refused until people have keys of their own to sign with.",
            mixinStandardHelpOptions = true)
    int destroy(
            @Parameters(index = "0", paramLabel = "KEY", description = "The key's id, as keys list shows it.")
                    String key) {
        KeyOffice.id(key);
        throw KeyOffice.destroyRefused();
    }

    @Command(
            name = "certificate",
            description = "Requests to destroy keys, and what was certified of those that were done.",
            mixinStandardHelpOptions = true)
    int certificate(
            @Mixin NodeOptions node,
            @Parameters(index = "0", arity = "0..1", paramLabel = "ID", description = "Only this request.")
                    Optional<String> id) {
        List<Asked> asked;
        try (KeyDesk desk = KeyDesk.reading(node)) {
            asked = desk.destructions().stream()
                    .filter(each -> id.isEmpty() || each.id().equals(id.get()))
                    .toList();
        }
        if (asked.isEmpty() && id.isPresent()) {
            throw new NotFoundException(ServerError.NOT_HERE, "there is no request of that id");
        }
        if (id.isPresent()) {
            asked.getFirst().certificate().lines().forEach(out()::println);
            out().flush();
            return asked.getFirst().certificate().isEmpty() ? ExitStatus.NEGATIVE : ExitStatus.DONE;
        }
        out().printf(REQUEST, "request", "tenant", "target", "not before", "state");
        asked.forEach(each -> out().printf(
                        REQUEST,
                        each.id(),
                        each.tenant(),
                        each.target(),
                        each.notBefore(),
                        each.certificate().isEmpty() ? "asked" : "done"));
        out().flush();
        return ExitStatus.DONE;
    }

    private void print(List<Row> rows) {
        PrintWriter out = out();
        out.printf(LAYOUT, "tenant", "level", "name", "tier", "v", "state", "age", "record keys", "id");
        rows.forEach(row -> out.printf(
                LAYOUT,
                row.tenant(),
                row.level(),
                row.name(),
                row.tier(),
                row.version(),
                row.state(),
                age(row.age()),
                row.records() == 0 ? "" : row.records(),
                row.id()));
        out.flush();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static String age(long seconds) {
        if (seconds >= DAY_SECONDS) {
            return seconds / DAY_SECONDS + " d";
        }
        return seconds >= HOUR_SECONDS ? seconds / HOUR_SECONDS + " h" : seconds / 60 + " min";
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
