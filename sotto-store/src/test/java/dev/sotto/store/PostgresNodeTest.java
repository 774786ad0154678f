package dev.sotto.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class PostgresNodeTest {
    @TempDir
    Path folder;

    private PostgresNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
    }

    private PostgresNode start() {
        node = PostgresNode.start(TestPostgres.config(folder));
        return node;
    }

    @Test
    void start_twiceOnOneDirectory_keepsWhatWasWritten() throws SQLException {
        long before = System.nanoTime();
        start();
        long first = System.nanoTime() - before;
        execute(Role.OWNER, "CREATE TABLE kept (value int)");
        execute(Role.OWNER, "INSERT INTO kept VALUES (42)");
        node.close();
        before = System.nanoTime();
        start();
        long second = System.nanoTime() - before;
        System.out.println("first start " + first / 1_000_000 + " ms, warm start " + second / 1_000_000 + " ms");

        assertThat(text("SELECT value::text FROM kept")).isEqualTo("42");
    }

    @Test
    void settings_areDurableAndQuiet() throws SQLException {
        start();

        assertThat(setting("fsync")).isEqualTo("on");
        assertThat(setting("synchronous_commit")).isEqualTo("on");
        assertThat(setting("full_page_writes")).isEqualTo("on");
        assertThat(setting("data_checksums")).isEqualTo("on");
        assertThat(setting("listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(setting("log_statement")).isEqualTo("none");
        assertThat(setting("log_min_error_statement")).isEqualTo("panic");
        assertThat(setting("log_parameter_max_length")).isEqualTo("0");
        assertThat(setting("log_parameter_max_length_on_error")).isEqualTo("0");
        assertThat(setting("logging_collector")).isEqualTo("off");
    }

    @Test
    void roles_cannotBypassRowLevelSecurity() throws SQLException {
        start();

        assertThat(
                        text(
                                "SELECT string_agg(rolname, ',') FROM pg_roles"
                                        + " WHERE (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb) AND rolname LIKE 'sotto%'"))
                .isEqualTo("sotto_bootstrap");
    }

    @Test
    void connection_withoutTls_isRefused() throws SQLException {
        start();

        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect("disable"));
        try (var connection = connect("require");
                var rows = connection
                        .createStatement()
                        .executeQuery("SELECT version FROM pg_stat_ssl WHERE pid =" + " pg_backend_pid()")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("TLSv1.3");
        }
    }

    @Test
    void connection_withTls12_isRefused() throws Exception {
        start();

        assertThat(handshake("TLSv1.3")).isEqualTo("TLSv1.3");
        assertThatExceptionOfType(SSLHandshakeException.class)
                .isThrownBy(() -> handshake("TLSv1.2"))
                .withMessageContaining("protocol_version");
    }

    /// Speaks only one version of TLS, as the protocol's request for TLS allows.
    private String handshake(String version) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, null);
        try (var plain = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
            plain.getOutputStream()
                    .write(ByteBuffer.allocate(8).putInt(8).putInt(80877103).array());
            assertThat(plain.getInputStream().read()).isEqualTo('S');
            try (var tls = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", node.port(), true)) {
                tls.setEnabledProtocols(new String[] {version});
                tls.startHandshake();
                return tls.getSession().getProtocol();
            }
        }
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void superuser_hasNoWayIn() {
        start();

        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
            var properties = new Properties();
            properties.setProperty("user", "sotto_bootstrap");
            properties.setProperty("password", "");
            properties.setProperty("sslmode", "require");
            DriverManager.getConnection("jdbc:postgresql://localhost:%d/sotto".formatted(node.port()), properties);
        });
    }

    @Test
    void start_secondNodeOnTheDirectory_isRefused() {
        start();

        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> PostgresNode.start(TestPostgres.config(folder)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreError.DIRECTORY_IN_USE));
    }

    @Test
    void server_killed_isStartedAgain() throws Exception {
        start();
        execute(Role.OWNER, "CREATE TABLE kept (value int)");
        execute(Role.OWNER, "INSERT INTO kept VALUES (42)");
        long victim = node.pid();

        ProcessHandle.of(victim).orElseThrow().destroyForcibly();
        awaitRestart();

        assertThat(node.alive()).isTrue();
        assertThat(node.pid()).isNotEqualTo(victim);
        assertThat(node.restarts()).isEqualTo(1);
        assertThat(text("SELECT value::text FROM kept")).isEqualTo("42");
    }

    @Test
    void alive_whileTheServerIsStopped_isFalse() {
        start();
        assertThat(node.alive()).isTrue();

        node.close();

        assertThat(node.alive()).isFalse();
    }

    @Test
    void start_overAnOrphan_stopsItAndKeepsItsWrites() throws Exception {
        try (var orphan = OrphanMaker.run(folder)) {
            long pid = orphan.kill();
            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive)).contains(true);

            start();

            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                    .isFalse();
            assertThat(text("SELECT count(*)::text FROM kept"))
                    .isIn(Integer.toString(orphan.acknowledged()), Integer.toString(orphan.acknowledged() + 1));
        }
    }

    @Test
    void start_overAFirstStartThatDied_makesItAnew() throws Exception {
        Path partial = folder.resolve("postgres").resolve("making-before");
        Files.createDirectories(partial);
        Files.writeString(partial.resolve("PG_VERSION"), "half");

        start();

        assertThat(node.alive()).isTrue();
        assertThat(partial).doesNotExist();
    }

    @Test
    void files_areReadableByTheirOwnerOnly() throws IOException {
        start();

        try (var files = Files.walk(folder.resolve("postgres"))) {
            assertThat(files.filter(Files::isRegularFile))
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .endsWith("------"));
        }
    }

    private void awaitRestart() throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (node.restarts() == 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    private java.sql.Connection connect(String sslMode) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", Role.READER.roleName());
        properties.setProperty(
                "password", TestPostgres.passwords().get(Role.READER).reveal());
        properties.setProperty("sslmode", sslMode);
        return DriverManager.getConnection("jdbc:postgresql://localhost:%d/sotto".formatted(node.port()), properties);
    }

    private void execute(Role role, String sql) throws SQLException {
        try (var connection = node.dataSource(role).getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String setting(String name) throws SQLException {
        return text("SELECT current_setting('" + name + "')");
    }

    private String text(String sql) throws SQLException {
        try (var connection = node.dataSource(Role.OWNER).getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
