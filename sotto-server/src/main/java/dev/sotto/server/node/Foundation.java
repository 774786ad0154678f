package dev.sotto.server.node;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditSink;
import dev.sotto.core.ConflictException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyServiceConfig;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.LocalKms;
import dev.sotto.media.TlsIdentity;
import dev.sotto.store.PostgresConfig;
import dev.sotto.store.PostgresKeyRecords;
import dev.sotto.store.PostgresNode;
import dev.sotto.store.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What stands before everything else: the folders, locked for this process alone; the key service; the node's
/// secret and its certificate authority. A running node has one, and so has a tool that works on a stopped node's
/// data.
public final class Foundation implements AutoCloseable {
    private final DataDirectory data;
    private final StateDirectory state;
    private final NodeConfig config;
    private final LocalKms kms;
    private final Kms services;
    private final NodeSecret secret;
    private final LocalAuthority authority;
    private final Clock clock;
    private final SecureRandom random;
    private final Purpose purpose;
    private final Map<KeyUri, String> rotatedRoots = new LinkedHashMap<>();
    private final Closing closing;

    private Foundation(
            NodePlaces places,
            NodeConfig config,
            PassphraseSource source,
            Clock clock,
            SecureRandom random,
            Purpose purpose,
            Meter meter,
            Closing closing) {
        this.purpose = purpose;
        this.data = places.data();
        this.state = places.state();
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.closing = closing;
        state.create();
        closing.add(DirectoryLock.acquire(data.root().resolve("lock")));
        this.kms = closing.add(openKms(source));
        this.services = closing.add(KmsWiring.open(config.keys().kms(), kms, random, meter));
        this.secret = closing.add(
                NodeSecret.open(data, services, config.keys().kms().roots(), random, purpose == Purpose.RESTORE));
        this.authority = openAuthority();
    }

    /// What it is opened for.
    enum Purpose {
        /// A node, or a tool on its data.
        USE,
        /// Replacing the root keys of the local key store.
        NEW_ROOTS,
        /// Bringing keys back, perhaps without the primary root key that the node had.
        RESTORE
    }

    /// Opens, or at the first start makes, everything.
    ///
    /// @param meter of the key services
    /// @throws ConflictException if a node or a tool works on this data directory already
    public static Foundation create(
            NodePlaces places, NodeConfig config, boolean demo, PassphraseSource source, Clock clock, Meter meter) {
        var random = new SecureRandom();
        places.data().claim(demo, random);
        return open(places, config, source, clock, random, Purpose.USE, meter);
    }

    /// Opens what an earlier start made.
    ///
    /// @throws RejectedException if no node was ever made here
    /// @throws ConflictException if a node or a tool works on this data directory already
    public static Foundation existing(NodePlaces places, NodeConfig config, PassphraseSource source) {
        return existing(places, config, source, Purpose.USE);
    }

    /// As [#existing(NodePlaces, NodeConfig, PassphraseSource)].
    static Foundation existing(NodePlaces places, NodeConfig config, PassphraseSource source, Purpose purpose) {
        if (!places.data().exists()) {
            throw new RejectedException(
                    ServerError.DATA_MISMATCH,
                    "%s holds no node\nhint: ./sotto up makes one; --data DIR names another"
                            .formatted(places.data().root()));
        }
        return open(places, config, source, Clock.systemUTC(), new SecureRandom(), purpose, Meter.none());
    }

    private static Foundation open(
            NodePlaces places,
            NodeConfig config,
            PassphraseSource source,
            Clock clock,
            SecureRandom random,
            Purpose purpose,
            Meter meter) {
        var closing = new Closing();
        try {
            return new Foundation(places, config, source, clock, random, purpose, meter, closing);
        } catch (RuntimeException failure) {
            closing.close();
            throw failure;
        }
    }

    private LocalKms openKms(PassphraseSource source) {
        Path file = config.keys().keystore().orElseGet(data::keystore);
        boolean fresh = !Files.exists(file);
        if (fresh && Files.exists(data.nodeSecret())) {
            throw new RejectedException(
                    ServerError.DATA_MISMATCH,
                    "the key store (%s) is missing, and nothing in this data directory opens without it"
                            .formatted(file));
        }
        char[] passphrase = data.isDemo() ? PassphraseSource.demo(state, random) : source.read(fresh);
        try {
            return fresh ? LocalKms.create(file, passphrase) : openInTime(file, passphrase);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    /// The passphrase is at hand at a start only, so that is when a root key that is due is replaced.
    private LocalKms openInTime(Path file, char[] passphrase) {
        LocalKms opened = LocalKms.open(file, passphrase);
        Duration limit = config.keys().life().tenantAge();
        boolean newRoots = purpose == Purpose.NEW_ROOTS;
        for (KeyTier tier : KeyTier.values()) {
            Duration age = Duration.between(opened.newestSince(tier), clock.instant());
            if (newRoots || age.compareTo(limit) >= 0) {
                opened.close();
                opened = LocalKms.rotate(file, passphrase, tier);
                rotatedRoots.put(
                        opened.newest(tier == KeyTier.PRIMARY ? LocalKms.PRIMARY : LocalKms.BACKUP),
                        newRoots ? "forced" : "age");
            }
        }
        return opened;
    }

    /// Root keys that this start made in the place of older ones, and why; for the audit log.
    Map<KeyUri, String> rotatedRoots() {
        return Map.copyOf(rotatedRoots);
    }

    private LocalAuthority openAuthority() {
        char[] passphrase = secret.password("authority").reveal().toCharArray();
        try {
            LocalAuthority opened = LocalAuthority.open(data.authority(), passphrase, data.nodeId(), clock, random);
            PrivateFiles.write(state.authorityCertificate(), Pem.of(List.of(opened.certificate())));
            return opened;
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    /// Starts the database with a TLS key of its own, made for this start and kept outside the data directory.
    public PostgresNode startDatabase() {
        Path run = PrivateFiles.directory(state.run());
        TlsIdentity identity = authority.issue("Sotto database", List.of("localhost", "127.0.0.1"));
        PrivateFiles.write(run.resolve("postgres.crt"), Pem.of(identity.chain()));
        PrivateFiles.write(run.resolve("postgres.key"), Pem.of(identity.key()));
        PrivateFiles.write(run.resolve("authority.crt"), Pem.of(List.of(authority.certificate())));
        Map<Role, SensitiveText> passwords = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            passwords.put(role, secret.password("postgres " + role.roleName()));
        }
        return PostgresNode.start(new PostgresConfig(
                data.postgres(),
                PostgresConfig.userCache(),
                run.resolve("postgres.crt"),
                run.resolve("postgres.key"),
                run.resolve("authority.crt"),
                passwords,
                0));
    }

    /// What a listener shows: the certificate it was given, or one of the local authority for its names.
    public TlsIdentity identityFor(NodeConfig.Listener listener, String name) {
        if (listener.certificate().isPresent()) {
            return Pem.read(listener.certificate().get());
        }
        return authority.issue(name, Addresses.namesOf(listener));
    }

    /// Such an identity for a listener of this process on loopback.
    TlsIdentity loopbackIdentity(String name) {
        return authority.issue(name, List.of("localhost", "127.0.0.1"));
    }

    /// A secret of this node's own for `purpose`, the same each time.
    SensitiveText derived(String purpose) {
        return secret.password(purpose);
    }

    public DataDirectory data() {
        return data;
    }

    public StateDirectory state() {
        return state;
    }

    public NodeConfig config() {
        return config;
    }

    /// The keys in the database of this data directory.
    ///
    /// @param audit where their events go
    KeyService keys(PostgresNode database, AuditSink audit, Meter meter) {
        config.keys().kms().blindIndex().ifPresent(key -> KmsWiring.requireIndexKey(services, "keys.blind-index", key));
        return new KeyService(
                services,
                config.keys().kms().roots(),
                new PostgresKeyRecords(database.dataSource(Role.KEYS)),
                audit,
                clock,
                random,
                meter,
                KeyServiceConfig.defaults(actor())
                        .withLife(config.keys().life())
                        .withIndexKey(config.keys().kms().blindIndex()));
    }

    public LocalKms kms() {
        return kms;
    }

    public LocalAuthority authority() {
        return authority;
    }

    public Clock clock() {
        return clock;
    }

    public SecureRandom random() {
        return random;
    }

    /// The node, as the audit log names it.
    public ActorId actor() {
        return new ActorId(ActorId.Kind.NODE, data.nodeId());
    }

    /// Forgets the keys and lets other processes in.
    @Override
    public void close() {
        closing.close();
    }
}
