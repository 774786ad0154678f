package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL server of our own, kept in one directory: durable, TLS 1.3 and SCRAM only, on 127.0.0.1. It outlives
/// the death of this process and of its own, and is started again if it dies while the node runs. Thread-safe.
public final class PostgresNode implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PostgresNode.class);
    /// A crash recovery may take its time.
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration START_PATIENCE = Duration.ofSeconds(10);
    private static final Duration ALIVE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(5);

    private final PostgresBinaries binaries;
    private final PostgresCluster cluster;
    private final FileLock lock;
    private final int port;
    private final PostgresPools pools;
    private final AtomicInteger restarts = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread supervisor;
    private volatile PostgresProcess server;

    private PostgresNode(
            PostgresConfig config,
            PostgresBinaries binaries,
            PostgresCluster cluster,
            FileLock lock,
            int port,
            PostgresProcess server) {
        this.binaries = binaries;
        this.cluster = cluster;
        this.lock = lock;
        this.port = port;
        this.server = server;
        this.pools = new PostgresPools(config, port);
        this.supervisor =
                Thread.ofPlatform().daemon().name("postgres-supervisor").unstarted(this::supervise);
    }

    /// Starts the server, making its directory at the first start. Blocks until it answers.
    ///
    /// @throws ConflictException if another node has the directory open
    /// @throws UnavailableException if the server did not start
    public static PostgresNode start(PostgresConfig config) {
        FileLock lock = lock(config.directory());
        try {
            var binaries = PostgresBinaries.unpack(config.binaries());
            var cluster = new PostgresCluster(config, binaries);
            cluster.createIfAbsent();
            PostgresProcess.stopOrphan(binaries, cluster.data(), STOP_TIMEOUT);
            var launched = launchPatiently(config, binaries, cluster);
            var node = new PostgresNode(config, binaries, cluster, lock, launched.port(), launched.server());
            node.checkAccess();
            node.supervisor.start();
            return node;
        } catch (RuntimeException e) {
            release(lock);
            throw e;
        }
    }

    private static FileLock lock(Path directory) {
        try {
            Directories.createPrivate(directory);
            var channel = FileChannel.open(
                    directory.resolve("node.lock"),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(Directories.FILE));
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new ConflictException(
                        StoreError.DIRECTORY_IN_USE, "another node has the directory (%s) open".formatted(directory));
            }
            return lock;
        } catch (IOException e) {
            throw new UnavailableException(
                    StoreError.DATABASE_START, "the database directory (%s) cannot be used".formatted(directory), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static void release(FileLock lock) {
        try (var _ = lock.channel()) {
            lock.release();
        } catch (IOException e) {
            log.atDebug().addKeyValue("event", "postgres.unlock.failed").log("the lock goes with the process");
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UnavailableException(StoreError.DATABASE_START, "no port is free on 127.0.0.1", e);
        }
    }

    private record Launched(PostgresProcess server, int port) {}

    /// Starts the server, again and again for a while: processes of an earlier run may still hold its memory, and a
    /// free port may be taken meanwhile.
    private static Launched launchPatiently(PostgresConfig config, PostgresBinaries binaries, PostgresCluster cluster) {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        Duration backoff = FIRST_BACKOFF;
        try {
            while (true) {
                int port = config.port() == 0 ? freePort() : config.port();
                cluster.configure(port);
                try {
                    return new Launched(launch(binaries, cluster), port);
                } catch (UnavailableException e) {
                    if (System.nanoTime() > deadline) {
                        throw e;
                    }
                }
                TimeUnit.NANOSECONDS.sleep(backoff.toNanos());
                backoff = next(backoff);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(StoreError.DATABASE_START, "interrupted while the database started", e);
        }
    }

    private static PostgresProcess launch(PostgresBinaries binaries, PostgresCluster cluster)
            throws InterruptedException {
        var server = PostgresProcess.start(binaries, cluster.data());
        if (!server.awaitReady(START_TIMEOUT)) {
            server.stop(binaries, STOP_TIMEOUT);
            throw new UnavailableException(
                    StoreError.DATABASE_START, "the database server did not start: " + server.complaint());
        }
        return server;
    }

    private static Duration next(Duration backoff) {
        Duration doubled = backoff.multipliedBy(2);
        return doubled.compareTo(LAST_BACKOFF) < 0 ? doubled : LAST_BACKOFF;
    }

    /// The server takes connections before it takes logins, and a busy machine may make it slow.
    private void checkAccess() {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (true) {
            try (var connection = pools.single(Role.READER, START_PATIENCE)) {
                connection.isValid(1);
                return;
            } catch (SQLException e) {
                boolean refused = e.getSQLState() != null && e.getSQLState().startsWith("28");
                if (refused || System.nanoTime() > deadline || !server.running()) {
                    server.stop(binaries, STOP_TIMEOUT);
                    throw new UnavailableException(
                            StoreError.DATABASE_START,
                            "the database server refuses its own node (%s)".formatted(e.getSQLState()),
                            e);
                }
            }
        }
    }

    private void supervise() {
        try {
            while (true) {
                int status = server.awaitEnd();
                if (closing.getCount() == 0) {
                    return;
                }
                log.atError()
                        .addKeyValue("event", "postgres.server.died")
                        .addKeyValue("status", status)
                        .log("the database server died and is started again");
                if (!restart()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean restart() throws InterruptedException {
        Duration backoff = FIRST_BACKOFF;
        while (!closing.await(backoff.toNanos(), TimeUnit.NANOSECONDS)) {
            try {
                cluster.configure(port);
                server = launch(binaries, cluster);
                pools.evict();
                restarts.incrementAndGet();
                log.atInfo()
                        .addKeyValue("event", "postgres.server.restarted")
                        .addKeyValue("restarts", restarts.get())
                        .log("the database server is up again");
                return true;
            } catch (UnavailableException e) {
                log.atError()
                        .addKeyValue("event", "postgres.restart.failed")
                        .addKeyValue("code", e.code().name())
                        .log("the database server does not start");
                backoff = next(backoff);
            }
        }
        return false;
    }

    /// A bounded pool of connections as `role`, closed with the node. A connection verifies the server's certificate
    /// and binds its login to the TLS channel.
    public DataSource dataSource(Role role) {
        return pools.pool(role);
    }

    /// Whether the server answers now. Takes a connection of its own, and four seconds at most.
    public boolean alive() {
        if (!server.running()) {
            return false;
        }
        try (var connection = pools.single(Role.READER, ALIVE_TIMEOUT)) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /// The port on 127.0.0.1.
    public int port() {
        return port;
    }

    /// The process id of the server, as of now.
    public long pid() {
        return server.pid();
    }

    /// How often the server died and was started again since this node started.
    public int restarts() {
        return restarts.get();
    }

    /// Stops the server after a checkpoint. Open transactions are rolled back.
    @Override
    public void close() {
        if (closing.getCount() == 0) {
            return;
        }
        closing.countDown();
        pools.close();
        server.stop(binaries, STOP_TIMEOUT);
        try {
            supervisor.join(STOP_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        release(lock);
    }
}
