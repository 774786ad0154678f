package dev.sotto.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Keeps `docs/reference/schema.md` true.
final class SchemaDocumentTest {
    private static final Pattern COLUMN = Pattern.compile("\\| `([a-z_]+)` \\| ([a-z]+) \\| (.*)\\|");
    private static final Map<String, String> TYPES = Map.of("timestamp with time zone", "timestamptz");

    @Test
    void document_namesEveryTableAndColumn() throws IOException, SQLException {
        assertThat(documented()).isEqualTo(migrated());
    }

    private static Map<String, Set<String>> documented() throws IOException {
        var tables = new TreeMap<String, Set<String>>();
        String table = null;
        for (String line : Files.readAllLines(Path.of("..", "docs", "reference", "schema.md"))) {
            if (line.startsWith("#")) {
                table = line.matches("### [a-z_]+") ? line.substring(4) : null;
            }
            var column = COLUMN.matcher(line);
            if (table != null && column.matches()) {
                String nullable = column.group(3).contains("may be null") ? " null" : "";
                tables.computeIfAbsent(table, _ -> new TreeSet<>())
                        .add(column.group(1) + " " + column.group(2) + nullable);
            }
        }
        return tables;
    }

    private static Map<String, Set<String>> migrated() throws SQLException {
        var tables = new TreeMap<String, Set<String>>();
        try (var connection = TestPostgres.shared().dataSource(Role.OWNER).getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT table_name, column_name, data_type, is_nullable"
                        + " FROM information_schema.columns WHERE table_schema = 'sotto'"
                        + " AND table_name <> 'migration'")) {
            while (rows.next()) {
                String type = TYPES.getOrDefault(rows.getString(3), rows.getString(3));
                String nullable = rows.getString(4).equals("YES") ? " null" : "";
                tables.computeIfAbsent(rows.getString(1), _ -> new TreeSet<>())
                        .add(rows.getString(2) + " " + type + nullable);
            }
        }
        return tables;
    }
}
