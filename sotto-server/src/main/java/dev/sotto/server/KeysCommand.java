package dev.sotto.server;

import dev.sotto.keys.KeyStatus;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.Offline;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Shows which keys there are. Never a byte of any.
@Command(
        name = "keys",
        description = "List keys and how old they are.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class KeysCommand {
    private static final String LAYOUT = "%-26s  %-7s  %-32s  %-7s  %2s  %-14s  %6s  %s%n";
    private static final long DAY_SECONDS = 86_400;
    private static final long HOUR_SECONDS = 3_600;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before a subcommand runs
    private CommandSpec spec;

    private record Row(
            String tenant, String level, String name, String tier, int version, String state, long age, long records) {}

    @Command(name = "list", description = "One line a key.", mixinStandardHelpOptions = true)
    int list(@Mixin DataOption data, @Mixin PassphraseOption passphrase) {
        NodePlaces places = data.places();
        List<Row> rows = new ArrayList<>();
        if (NodeFile.running(places).isPresent()) {
            NodeClient.connect(places).get("/api/v1/operator/keys").forEach(key -> rows.add(row(key)));
        } else {
            try (Offline offline = Offline.open(places, NodeConfig.defaults(), passphrase.source())) {
                offline.keys().forEach(key -> rows.add(row(key)));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf(LAYOUT, "tenant", "level", "name", "tier", "v", "state", "age", "record keys");
        rows.forEach(row -> out.printf(
                LAYOUT,
                row.tenant(),
                row.level(),
                row.name(),
                row.tier(),
                row.version(),
                row.state(),
                age(row.age()),
                row.records() == 0 ? "" : row.records()));
        out.flush();
        return ExitStatus.DONE;
    }

    private static String age(long seconds) {
        if (seconds >= DAY_SECONDS) {
            return seconds / DAY_SECONDS + " d";
        }
        return seconds >= HOUR_SECONDS ? seconds / HOUR_SECONDS + " h" : seconds / 60 + " min";
    }

    private static Row row(KeyStatus key) {
        return new Row(
                key.tenant().toString(),
                lower(key.level()),
                key.name(),
                lower(key.tier()),
                key.version(),
                lower(key.state()),
                key.age().toSeconds(),
                key.recordKeys());
    }

    private static Row row(JsonNode key) {
        return new Row(
                key.path("tenant").asString(""),
                key.path("level").asString(""),
                key.path("name").asString(""),
                key.path("tier").asString(""),
                key.path("version").asInt(),
                key.path("state").asString(""),
                key.path("ageSeconds").asLong(),
                key.path("recordKeys").asLong());
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
