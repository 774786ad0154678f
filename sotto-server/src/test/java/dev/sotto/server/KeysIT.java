package dev.sotto.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.up.RunningNode;
import dev.sotto.server.up.SharedNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./sotto keys`, `seal` and `open`, on a running node and on what it leaves behind.
class KeysIT {
    @TempDir
    private Path folder;

    private NodePlaces places;
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    private int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        var whole = new ArrayList<>(List.of(args));
        whole.add("--data");
        whole.add(places.data().root().toString());
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(whole.toArray(String[]::new));
    }

    private void done(String... args) {
        assertThat(run(args)).as("%s", err).isZero();
    }

    /// The id of that version of the class key of call metadata.
    private String classKey(int version) {
        done("keys", "list");
        assertThat(out.toString()).as("what encrypts").contains("\ncrypto: ", "; certificate: none claimed");
        return out.toString()
                .lines()
                .filter(line -> line.contains(" class ") && line.contains(" call-metadata "))
                .filter(line -> line.matches(".* primary +%d +.*".formatted(version)))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(out.toString()));
    }

    private boolean shows(String key, String state) {
        return out.toString().lines().anyMatch(line -> line.endsWith(key) && line.contains(" " + state + " "));
    }

    @AfterEach
    void tidy() throws IOException {
        if (places != null && Files.exists(places.state().root())) {
            SharedNode.delete(places.state().root());
        }
    }

    @Test
    void keys_ofARunningNodeAndOfItsData_areListedReplacedRevokedAndNeverDestroyed() throws IOException {
        places = NodePlaces.of(new DataDirectory(folder.resolve("data")));
        byte[] content = new byte[300_000];
        new Random(7).nextBytes(content);
        Path plain = Files.write(folder.resolve("plain"), content);
        try (RunningNode node = SharedNode.start(places)) {
            makeACallKey(node);
            rotatesAndRevokes(1);
            done("seal", plain.toString(), folder.resolve("sealed").toString(), "--name", "drill");
            done(
                    "open",
                    folder.resolve("sealed").toString(),
                    folder.resolve("opened").toString(),
                    "--name",
                    "drill");
            assertThat(folder.resolve("opened")).hasBinaryContent(content);
            assertThat(run(
                            "open",
                            folder.resolve("sealed").toString(),
                            folder.resolve("other").toString(),
                            "--name",
                            "another"))
                    .isEqualTo(1);
            assertThat(folder.resolve("other")).doesNotExist();
            assertThat(err.toString())
                    .contains("it did not open: it was altered, or sealed for another tenant, class or name")
                    .doesNotContain("fault");
            done("keys", "refused");
            assertThat(out.toString().lines()).hasSize(1); // nothing was altered
            assertThat(run("keys", "rotate", "--root")).isEqualTo(3);
            replacesAnIndexKey(node);
        }
        assertThat(run("keys", "rotate", "--purpose", "all")).isEqualTo(3);
        assertThat(err.toString()).contains("hint: start it first");
        assertThat(run("keys", "refused")).isEqualTo(3); // only a running node knows
        rotatesAndRevokes(2);
        done("keys", "rotate", "--root");
        done("keys", "list");
        done(
                "open",
                folder.resolve("sealed").toString(),
                folder.resolve("later").toString(),
                "--name",
                "drill");
        assertThat(folder.resolve("later")).hasBinaryContent(content);
        done("audit", "verify");
    }

    private void replacesAnIndexKey(RunningNode node) {
        var services = node.core().services();
        var tenant = services.store().tenants().all().getFirst().id();
        done("keys", "rotate", "--purpose", "subject-name-birth");
        assertThat(out.toString()).contains("blind-index/subject-name-birth").contains(" 2  active ");
        assertThat(run("keys", "rotate", "--purpose", "no-such")).isEqualTo(2);
        assertThat(run("keys", "rotate", "--purpose", "all", "--level", "class"))
                .isEqualTo(2);
        while (services.store().indexRows().step(tenant, 100).recomputed() > 0) {
            // a page at a time
        }
        done("keys", "list");
        assertThat(out.toString().lines())
                .filteredOn(line -> line.contains("blind-index/subject-name-birth"))
                .anyMatch(line -> line.contains(" 1  retired "))
                .anyMatch(line -> line.contains(" 2  active "));
    }

    /// The demo's business has callers' numbers to keep.
    private static void makeACallKey(RunningNode node) {
        var services = node.core().services();
        var tenant = services.store().tenants().all().getFirst().id();
        services.keys()
                .sealer()
                .seal(
                        new SealContext(
                                tenant, DataClass.CALL_METADATA, new KeyOwner.OfTenant(tenant), "test", "1", "x", 1),
                        new byte[3]);
    }

    private void rotatesAndRevokes(int version) {
        String old = classKey(version);
        done("keys", "rotate", "--class", "call-metadata");
        assertThat(out.toString()).contains("call-metadata").doesNotContain(old);
        String fresh = classKey(version + 1);
        assertThat(shows(old, "deactivated")).isTrue();
        assertThat(shows(fresh, "active")).isTrue();

        done("keys", "rewrap");
        assertThat(out.toString()).endsWith("0 left\n");

        done("keys", "revoke", fresh);
        assertThat(shows(fresh, "suspended")).isTrue();
        assertThat(run("keys", "revoke", fresh)).isEqualTo(3);
        done("keys", "revoke", fresh, "--reinstate");
        assertThat(shows(fresh, "active")).isTrue();

        assertThat(Main.commandLine().setErr(new PrintWriter(err)).execute("keys", "destroy", old))
                .isEqualTo(1);
        assertThat(err.toString()).contains("two people");
        done("keys", "certificate");
        assertThat(run("keys", "certificate", old)).isEqualTo(2);
        assertThat(run("keys", "revoke", "nonsense")).isEqualTo(2);
        assertThat(run("keys", "rotate", "--class", "nonsense")).isEqualTo(2);
    }
}
