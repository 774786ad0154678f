package dev.sotto.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Statements with typed parameters, on the connection of one transaction. Statement texts are constants: a value is
/// always a parameter.
final class Sql {
    private final Connection connection;

    Sql(Connection connection) {
        this.connection = connection;
    }

    interface Mapper<T> {
        T of(Row row) throws SQLException;
    }

    /// Runs a query for its effect.
    void run(String text, @Nullable Object... parameters) throws SQLException {
        try (var statement = prepare(text, parameters)) {
            statement.execute();
        }
    }

    /// Changes rows. Returns how many.
    int update(String text, @Nullable Object... parameters) throws SQLException {
        try (var statement = prepare(text, parameters)) {
            return statement.executeUpdate();
        }
    }

    <T> List<T> list(Mapper<T> mapper, String text, @Nullable Object... parameters) throws SQLException {
        try (var statement = prepare(text, parameters);
                var rows = statement.executeQuery()) {
            var list = new ArrayList<T>();
            var row = new Row(rows);
            while (rows.next()) {
                list.add(mapper.of(row));
            }
            return List.copyOf(list);
        }
    }

    <T> Optional<T> first(Mapper<T> mapper, String text, @Nullable Object... parameters) throws SQLException {
        return list(mapper, text, parameters).stream().findFirst();
    }

    private PreparedStatement prepare(String text, @Nullable Object... parameters) throws SQLException {
        var statement = connection.prepareStatement(text);
        boolean bound = false;
        try {
            for (int i = 0; i < parameters.length; i++) {
                bind(statement, i + 1, parameters[i]);
            }
            bound = true;
            return statement;
        } finally {
            if (!bound) {
                statement.close();
            }
        }
    }

    private void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        switch (value) {
            case Instant instant -> statement.setObject(index, OffsetDateTime.ofInstant(instant, ZoneOffset.UTC));
            case Sealed sealed -> statement.setBytes(index, sealed.bytes());
            case byte[] bytes -> statement.setBytes(index, bytes);
            case byte[][] many -> statement.setArray(index, connection.createArrayOf("bytea", many));
            case String[] many -> statement.setArray(index, connection.createArrayOf("text", many));
            case UUID[] many -> statement.setArray(index, connection.createArrayOf("uuid", many));
            case Enum<?> code -> statement.setString(index, code.name());
            case null, default -> statement.setObject(index, value);
        }
    }

    /// One row of a result, by column name.
    static final class Row {
        private final ResultSet rows;

        private Row(ResultSet rows) {
            this.rows = rows;
        }

        UUID id(String column) throws SQLException {
            return required(column, rows.getObject(column, UUID.class));
        }

        Optional<UUID> optionalId(String column) throws SQLException {
            return Optional.ofNullable(rows.getObject(column, UUID.class));
        }

        String text(String column) throws SQLException {
            return required(column, rows.getString(column));
        }

        Optional<String> optionalText(String column) throws SQLException {
            return Optional.ofNullable(rows.getString(column));
        }

        byte[] bytes(String column) throws SQLException {
            return required(column, rows.getBytes(column));
        }

        Sealed sealed(String column) throws SQLException {
            return Sealed.of(bytes(column));
        }

        Instant instant(String column) throws SQLException {
            return required(column, rows.getObject(column, OffsetDateTime.class))
                    .toInstant();
        }

        Optional<Instant> optionalInstant(String column) throws SQLException {
            return Optional.ofNullable(rows.getObject(column, OffsetDateTime.class))
                    .map(OffsetDateTime::toInstant);
        }

        int integer(String column) throws SQLException {
            return rows.getInt(column);
        }

        long number(String column) throws SQLException {
            return rows.getLong(column);
        }

        boolean flag(String column) throws SQLException {
            return rows.getBoolean(column);
        }

        private static <T> T required(String column, @Nullable T value) throws SQLException {
            if (value == null) {
                throw new SQLException("column (%s) is null".formatted(column), "22004");
            }
            return value;
        }
    }
}
