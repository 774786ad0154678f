package dev.sotto.server.node;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.keys.KeyBackup.Restored;
import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyServiceConfig;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.LocalKms;
import dev.sotto.media.TlsIdentity;
import dev.sotto.store.PostgresConfig;
import dev.sotto.store.PostgresKeyRecords;
import dev.sotto.store.PostgresNode;
import dev.sotto.store.Role;
import dev.sotto.store.Store;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Tries a backup of keys: restores it into a database made for that and thrown away, with a key service
/// that has the backup root key and no other. Touches nothing of the node, which may run meanwhile.
public final class KeyDrill {
    private static final int PASSWORD_BYTES = 24;

    private final NodePlaces places;
    private final NodeConfig config;
    private final SecureRandom random = new SecureRandom();
    private final Clock clock = Clock.systemUTC();

    public KeyDrill(NodePlaces places, NodeConfig config) {
        this.places = places;
        this.config = config;
    }

    /// Restores `file` and tries a value of each tenant and data class.
    ///
    /// @throws dev.sotto.core.SottoException as [dev.sotto.keys.KeyBackup#restore] and the opening of the
    ///     key store do
    public Restored run(Path file, PassphraseSource source) throws IOException {
        Path folder = Files.createTempDirectory("sotto-drill-"); // for its owner only
        try (var closing = new Closing();
                FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            KeyUri root = config.keys()
                    .kms()
                    .roots()
                    .backup()
                    .orElseThrow(() -> new RejectedException(ServerError.CONFIG_INVALID, "there is no backup root"));
            Kms all = closing.add(KmsWiring.open(config.keys().kms(), local(source), random, Meter.none()));
            PostgresNode database = closing.add(start(folder));
            Store.migrate(database.dataSource(Role.OWNER));
            var node = new ActorId(ActorId.Kind.NODE, places.data().nodeId());
            KeyService keys = closing.add(new KeyService(
                    new OneRoot(all, root),
                    KeyRoots.primary(all.newest(root)),
                    new PostgresKeyRecords(database.dataSource(Role.KEYS)),
                    _ -> new AuditReceipt("drill", 0), // what happens to a copy that is thrown away is no event
                    clock,
                    random,
                    Meter.none(),
                    KeyServiceConfig.defaults(node).withLife(config.keys().life())));
            return keys.backup().restore(in, Set.of(), node);
        } finally {
            delete(folder);
        }
    }

    private LocalKms local(PassphraseSource source) {
        Path file = config.keys().keystore().orElseGet(places.data()::keystore);
        char[] passphrase = places.data().isDemo() ? PassphraseSource.demo(places.state(), random) : source.read(false);
        try {
            return LocalKms.open(file, passphrase);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    private PostgresNode start(Path folder) {
        char[] password = password().toCharArray();
        LocalAuthority authority = LocalAuthority.open(folder.resolve("ca.p12"), password, "drill", clock, random);
        TlsIdentity identity = authority.issue("Sotto drill", List.of("localhost", "127.0.0.1"));
        PrivateFiles.write(folder.resolve("postgres.crt"), Pem.of(identity.chain()));
        PrivateFiles.write(folder.resolve("postgres.key"), Pem.of(identity.key()));
        PrivateFiles.write(folder.resolve("authority.crt"), Pem.of(List.of(authority.certificate())));
        Map<Role, SensitiveText> passwords = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            passwords.put(role, SensitiveText.of(password()));
        }
        return PostgresNode.start(new PostgresConfig(
                folder.resolve("postgres"),
                PostgresConfig.userCache(),
                folder.resolve("postgres.crt"),
                folder.resolve("postgres.key"),
                folder.resolve("authority.crt"),
                passwords,
                0));
    }

    private String password() {
        byte[] bytes = new byte[PASSWORD_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static void delete(Path folder) throws IOException {
        try (var below = Files.walk(folder)) {
            for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
