package dev.sotto.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.Foundation;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.up.RunningNode;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.Role;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./sotto backup keys`, on a running node and on what it leaves behind.
class BackupKeysIT {
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

    @AfterEach
    void tidy() throws IOException {
        if (places != null && Files.exists(places.state().root())) {
            SharedNode.delete(places.state().root());
        }
    }

    private static SealContext context(TenantId tenant, String id) {
        return new SealContext(tenant, DataClass.CALL_METADATA, new KeyOwner.OfTenant(tenant), "test", id, "words", 1);
    }

    @Test
    void keys_areBackedUpTriedLostAndRestored_butNotThoseDestroyedSince() throws Exception {
        places = NodePlaces.of(new DataDirectory(folder.resolve("data")));
        String file = folder.resolve("keys.backup").toString();
        String later = folder.resolve("later.backup").toString();
        byte[] words = {1, 2, 3};
        TenantId tenant;
        byte[] sealed;
        var erased = new SealContext(
                TenantId.OPERATOR, DataClass.LOG, new KeyOwner.OfTenant(TenantId.OPERATOR), "test", "2", "words", 1);
        byte[] sealedErased;
        try (RunningNode node = SharedNode.start(places)) {
            var services = node.core().services();
            tenant = services.store().tenants().all().getFirst().id();
            sealed = services.keys().sealer().seal(context(tenant, "1"), words);
            sealedErased = services.keys().sealer().seal(erased, words);
            done("backup", "keys", "create", file);
            assertThat(run("backup", "keys", "create", file)).isEqualTo(2); // never over another
            done("backup", "keys", "drill", file);
            assertThat(out.toString())
                    .containsPattern(tenant + " +call-metadata +1 +opened")
                    .doesNotContain("NOT");
            assertThat(run("backup", "keys", "restore", file)).isEqualTo(3); // not while it runs
            services.keys().destroyRecordKey(TenantId.OPERATOR, DataClass.LOG, erased.owner());
        }
        done("backup", "keys", "create", later);
        loseAllKeys();

        done("backup", "keys", "restore", file);

        assertThat(out.toString())
                .containsPattern(tenant + " +call-metadata +1 +opened")
                .containsPattern(TenantId.OPERATOR + " +log +1 +stays closed");
        try (Offline offline = offline();
                var vault = offline.vault()) {
            assertThat(vault.keys().sealer().open(context(tenant, "1"), sealed)).isEqualTo(words);
            assertThat(opens(() -> vault.keys().sealer().open(erased, sealedErased)))
                    .isFalse();
        }
        done("audit", "verify");
        Files.write(folder.resolve("cut"), Arrays.copyOf(Files.readAllBytes(Path.of(file)), 500));
        assertThat(run("backup", "keys", "drill", folder.resolve("cut").toString()))
                .isEqualTo(1);
    }

    /// The data that came back is of before the erasure, and so is its log. What a later export of the log tells wins.
    @Test
    void restore_withALaterExportOfTheLog_leavesClosedWhatWasErasedSince() throws Exception {
        places = NodePlaces.of(new DataDirectory(folder.resolve("data")));
        String file = folder.resolve("keys.backup").toString();
        String export = folder.resolve("later.log").toString();
        var erased = new SealContext(
                TenantId.OPERATOR, DataClass.LOG, new KeyOwner.OfTenant(TenantId.OPERATOR), "test", "3", "words", 1);
        byte[] words = {1, 2, 3};
        byte[] sealed;
        SharedNode.start(places).close();
        try (Offline offline = offline();
                var vault = offline.vault()) {
            sealed = vault.keys().sealer().seal(erased, words);
        }
        done("backup", "keys", "create", file);
        copy(places.data().root(), folder.resolve("old-data"));
        copy(places.state().root(), folder.resolve("old-state"));
        try (Offline offline = offline();
                var vault = offline.vault()) {
            vault.keys().destroyRecordKey(TenantId.OPERATOR, DataClass.LOG, erased.owner());
        }
        done("audit", "export", "--output", export);
        SharedNode.delete(places.data().root());
        SharedNode.delete(places.state().root());
        copy(folder.resolve("old-data"), places.data().root());
        copy(folder.resolve("old-state"), places.state().root());

        loseAllKeys();
        done("backup", "keys", "restore", file);
        assertThat(out.toString()).containsPattern(TenantId.OPERATOR + " +log +1 +opened"); // nothing told of it
        loseAllKeys();
        done("backup", "keys", "restore", file, "--erased", export);

        assertThat(out.toString()).containsPattern(TenantId.OPERATOR + " +log +1 +stays closed");
        try (Offline offline = offline();
                var vault = offline.vault()) {
            assertThat(opens(() -> vault.keys().sealer().open(erased, sealed))).isFalse();
        }
        byte[] altered = Files.readAllBytes(Path.of(export));
        altered[altered.length / 2] ^= 1;
        Files.write(Path.of(export), altered);
        loseAllKeys();
        assertThat(run("backup", "keys", "restore", file, "--erased", export)).isNotZero();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static boolean opens(Runnable opening) {
        try {
            opening.run();
            return true;
        } catch (SottoException refused) {
            return false;
        }
    }

    private Offline offline() {
        return Offline.open(places, NodeConfig.defaults(), new PassphraseSource(Optional.empty()));
    }

    /// As after a restore of the data, whose backup has no keys. The audit log is there.
    private void loseAllKeys() throws Exception {
        try (var foundation =
                        Foundation.existing(places, NodeConfig.defaults(), new PassphraseSource(Optional.empty()));
                var database = foundation.startDatabase();
                var connection = database.dataSource(Role.OWNER).getConnection();
                var statement = connection.createStatement()) {
            statement.execute("TRUNCATE sotto.key_record, sotto.erasable_key, sotto.destroyed_key, sotto.key_floor");
        }
    }
}
