package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.TenantId;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.WrappedKey;
import dev.sotto.store.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The database of a running node, in the hands of somebody who has the node's passphrase: logs in as any role, as
/// an attacker with all of the machine could.
final class Database implements AutoCloseable {
    private static final String LABEL = "sotto node secret 1: ";
    private static final int PASSWORD_BYTES = 32;
    private static final int PORT_LINE = 3; // of postmaster.pid, from 0

    private final Connection connection;

    private Database(Connection connection) {
        this.connection = connection;
    }

    /// Connects as `role`.
    static Database open(Home home, Role role) throws Exception {
        var properties = new Properties();
        properties.setProperty("user", role.roleName());
        properties.setProperty("password", password(home, role));
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty(
                "sslrootcert", home.state("run").resolve("authority.crt").toString());
        properties.setProperty("channelBinding", "require");
        Class.forName("org.postgresql.Driver");
        return new Database(
                DriverManager.getConnection("jdbc:postgresql://localhost:%d/sotto".formatted(port(home)), properties));
    }

    /// What a role logs in with: derived from the node's secret as docs/reference says.
    static String password(Home home, Role role) throws Exception {
        return derived(home, "postgres " + role.roleName());
    }

    static String derived(Home home, String purpose) throws IOException, GeneralSecurityException {
        byte[] wrapped = Files.readAllBytes(home.data().resolve("node-secret"));
        try (var kms = home.kms();
                DataKey secret = kms.unwrap(WrappedKey.decode(wrapped), EncryptionContext.ofSecret("node-secret"))) {
            byte[] password = KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.expandOnly(
                            new SecretKeySpec(secret.reveal(), "HKDF"),
                            (LABEL + purpose).getBytes(UTF_8),
                            PASSWORD_BYTES));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(password);
        }
    }

    static int port(Home home) throws IOException {
        return Integer.parseInt(Files.readAllLines(pidFile(home)).get(PORT_LINE).strip());
    }

    private static Path pidFile(Home home) {
        return home.data().resolve("postgres").resolve("data").resolve("postmaster.pid");
    }

    /// Acts for one tenant from now on: row-level security is forced on the owner too.
    Database as(TenantId tenant) throws SQLException {
        run("select set_config('app.tenant', ?, false)", tenant.value().toString());
        return this;
    }

    /// Runs a statement and gives the rows it changed or selected.
    int run(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(sql, values)) {
            return statement.execute() ? 0 : statement.getUpdateCount();
        }
    }

    /// The rows of a query, each a list of columns.
    List<List<Object>> rows(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(sql, values);
                ResultSet found = statement.executeQuery()) {
            List<List<Object>> rows = new ArrayList<>();
            while (found.next()) {
                List<Object> row = new ArrayList<>();
                for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
                    row.add(found.getObject(column));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /// The first column of the only row.
    <T> T value(Class<T> type, String sql, Object... values) throws SQLException {
        List<List<Object>> rows = rows(sql, values);
        if (rows.size() != 1) {
            throw new AssertionError("%d rows: %s".formatted(rows.size(), sql));
        }
        return type.cast(rows.getFirst().getFirst());
    }

    private PreparedStatement prepared(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
