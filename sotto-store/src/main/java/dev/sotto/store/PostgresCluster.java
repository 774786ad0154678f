package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/// The files of the database: made once, whole or not at all, and configured anew at each start. The superuser that
/// made it has no password and no way in.
final class PostgresCluster {
    static final String DATABASE = "sotto";
    private static final String PARTIAL = "making-";
    private static final String SUPERUSER = "sotto_bootstrap";

    private final PostgresConfig config;
    private final PostgresBinaries binaries;

    PostgresCluster(PostgresConfig config, PostgresBinaries binaries) {
        this.config = config;
        this.binaries = binaries;
    }

    Path data() {
        return config.directory().resolve("data");
    }

    /// Makes the database unless it is there. A start that died in between leaves nothing that counts.
    void createIfAbsent() {
        if (Files.exists(data())) {
            return;
        }
        try {
            deletePartial();
            // a program of a start that was killed may still write to the folder of that start
            Path fresh = config.directory().resolve(PARTIAL + UUID.randomUUID());
            initialise(fresh);
            Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
            Directories.force(config.directory());
        } catch (IOException e) {
            throw unavailable("the database directory cannot be made", e);
        }
    }

    private void deletePartial() throws IOException {
        try (var folders = Files.newDirectoryStream(config.directory(), PARTIAL + "*")) {
            for (Path folder : folders) {
                Directories.delete(folder);
            }
        }
    }

    private void initialise(Path fresh) throws IOException {
        var initdb = PostgresProcess.command(
                binaries.program("initdb"),
                "--pgdata=" + fresh,
                "--username=" + SUPERUSER,
                "--auth=reject",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                "--no-instructions");
        PostgresProcess.run(initdb, "");
        var single = PostgresProcess.command(
                binaries.program("postgres"),
                "--single",
                "-j",
                "-D",
                fresh.toString(),
                "-c",
                "log_min_error_statement=panic",
                "template1");
        PostgresProcess.run(single, roles());
        if (Files.notExists(fresh.resolve("PG_VERSION"))) {
            throw unavailable("the database directory was not made", null);
        }
    }

    /// Statements end with an empty line in single-user mode. Only verifiers of the passwords are in them.
    private String roles() {
        var random = new SecureRandom();
        String logins = Arrays.stream(Role.values())
                .map(role -> "CREATE ROLE %s LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '%s';"
                        .formatted(role.roleName(), ScramVerifier.of(config.password(role), random)))
                .collect(joining("\n\n"));
        return String.join(
                "\n\n",
                logins,
                "CREATE ROLE sotto_lookup NOLOGIN NOSUPERUSER NOBYPASSRLS;",
                "GRANT sotto_lookup TO sotto_owner WITH INHERIT FALSE, SET TRUE;",
                "CREATE DATABASE %s OWNER sotto_owner;".formatted(DATABASE),
                "REVOKE ALL ON DATABASE %s FROM PUBLIC;".formatted(DATABASE),
                "GRANT CONNECT ON DATABASE %s TO %s;".formatted(DATABASE, roleNames()),
                "");
    }

    private static String roleNames() {
        return Arrays.stream(Role.values()).map(Role::roleName).collect(joining(", "));
    }

    /// Writes the settings. Whatever stood there before, by hand or from an older version, is gone.
    void configure(int port) {
        try {
            Directories.replace(
                    data().resolve("postgresql.conf"),
                    String.join("\n", settings(port)).getBytes(UTF_8));
            Directories.replace(data().resolve("pg_hba.conf"), access().getBytes(UTF_8));
            Directories.replace(data().resolve("pg_ident.conf"), new byte[0]);
            Directories.replace(data().resolve("postgresql.auto.conf"), new byte[0]);
        } catch (IOException e) {
            throw unavailable("the database settings cannot be written", e);
        }
    }

    /// TLS and SCRAM only, our roles only, our database only; anything else is refused.
    private static String access() {
        return "hostssl %s %s 127.0.0.1/32 scram-sha-256%n"
                .formatted(DATABASE, roleNames().replace(" ", ""));
    }

    private List<String> settings(int port) {
        return List.of(
                "# written at each start",
                "listen_addresses = '127.0.0.1'",
                "port = " + port,
                "unix_socket_directories = ''",
                "max_connections = 60",
                // TLS and passwords
                "ssl = on",
                "ssl_min_protocol_version = 'TLSv1.3'",
                "ssl_cert_file = " + quoted(config.certificate()),
                "ssl_key_file = " + quoted(config.privateKey()),
                "password_encryption = 'scram-sha-256'",
                "authentication_timeout = 10s",
                "allow_alter_system = off",
                // what was acknowledged is on the disk
                "fsync = on",
                "synchronous_commit = on",
                "full_page_writes = on",
                "wal_level = replica",
                "max_wal_size = 256MB",
                "min_wal_size = 64MB",
                "restart_after_crash = on",
                // no statement and no value reaches a log
                "logging_collector = off",
                "log_destination = 'stderr'",
                "log_line_prefix = '%e '",
                "log_statement = 'none'",
                "log_min_duration_statement = -1",
                "log_min_error_statement = panic",
                "log_parameter_max_length = 0",
                "log_parameter_max_length_on_error = 0",
                "log_error_verbosity = terse",
                "log_checkpoints = off",
                "debug_print_parse = off",
                "debug_print_plan = off",
                "lc_messages = 'C'",
                // small, steady and alike everywhere
                "timezone = 'UTC'",
                "log_timezone = 'UTC'",
                "shared_buffers = 64MB",
                "huge_pages = off",
                "jit = off",
                // each statement is prepared once and its plan does not depend on the values
                "plan_cache_mode = force_generic_plan",
                "io_method = sync",
                "max_parallel_workers_per_gather = 0",
                "max_prepared_transactions = 0",
                "temp_tablespaces = ''",
                "shared_preload_libraries = ''",
                "idle_in_transaction_session_timeout = 20s",
                "");
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }

    private static UnavailableException unavailable(
            String message, @org.jspecify.annotations.Nullable Throwable cause) {
        return new UnavailableException(StoreError.DATABASE_START, message, cause);
    }
}
