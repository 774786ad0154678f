package dev.sotto.server.up;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.audit.Verification;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.WavFile;
import dev.sotto.server.call.CallPlan;
import dev.sotto.server.call.CallSession;
import dev.sotto.server.call.KeyPlan;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.PassphraseSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallEndToEndIT {
    private static final Pattern SUMMARY = Pattern.compile(
            "call 0[0-9A-Z]{25}: \\d+ s · \\d+ turns · recording sealed \\(\\d+ KiB\\) · \\d+ audit entries · verified");
    private static final PassphraseSource NO_PASSPHRASE = new PassphraseSource(Optional.empty());

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();

    private CallSession.Result call(NodePlaces places, String keys) throws IOException {
        var target = new LocalTarget(places).resolve(Optional.empty(), Optional.empty(), Optional.empty());
        var plan = new CallPlan(
                SensitiveText.of("+15550110123"),
                target.to(),
                WavFile.read(Path.of("../samples/appointment.wav")),
                KeyPlan.parse(keys),
                KeyTiming.practised(),
                true,
                Duration.ofMinutes(2));
        return new CallSession(target, plan, new PrintWriter(out), false).run();
    }

    @Test
    void upCallVerify_firstAndSecondStart() throws Exception {
        NodePlaces places = NodePlaces.below(folder);
        try (RunningNode node = SharedNode.start(places)) {
            assertThat(node.setupLink()).isPresent();
            assertThat(call(places, "19840512#4417#")).isEqualTo(CallSession.Result.VERIFIED);
            assertThat(out.toString())
                    .contains("caller  [speech, not transcribed]")
                    .contains("caller  keyed [DATE OF BIRTH]")
                    .contains("caller  keyed [PHONE, LAST FOUR]")
                    .contains("verify_identity: verified")
                    .contains("Your next appointment is on [DATE] at [TIME].")
                    .doesNotContain("19840512")
                    .doesNotContain("4417");
            assertThat(out.toString().lines().toList().getLast()).matches(SUMMARY);
            assertThat(node.core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
        assertThat(NodeFile.running(places)).isEmpty();
        assertThat(places.state().root().resolve("operator-token")).doesNotExist();

        try (Offline offline = Offline.open(places, NodeConfig.defaults(), NO_PASSPHRASE)) {
            assertThat(offline.verifyAudit(Optional.empty())).isInstanceOf(Verification.Intact.class);
            assertThat(offline.keys()).isNotEmpty();
            try (var export = Files.newOutputStream(folder.resolve("log"))) {
                assertThat(offline.exportAudit(export)).isPositive();
            }
        }
        nothingOpenToOthersIn(folder);

        try (RunningNode again = SharedNode.start(places)) {
            assertThat(again.core().recovered()).isEmpty();
            assertThat(again.core().services().store().tenants().all()).hasSize(1);
            assertThat(again.core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void up_onDataOfTheOtherKind_isRefused() throws Exception {
        NodePlaces places = NodePlaces.below(folder);
        Files.createDirectories(places.data().root());
        Files.writeString(places.data().root().resolve("node"), "node-00000000\nown\n", UTF_8);
        Files.setPosixFilePermissions(
                places.data().root().resolve("node"), PosixFilePermissions.fromString("rw-------"));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> SharedNode.start(places))
                .withMessageContaining("was not made by --demo");
    }

    /// The folders are closed to others, and so is every file but public keys and signed heads.
    private static void nothingOpenToOthersIn(Path folder) throws IOException {
        for (String closed : List.of("state", "data")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(closed))))
                    .isEqualTo("rwx------");
        }
        try (Stream<Path> files = Files.list(folder.resolve("state"))) {
            List<Path> open = files.filter(Files::isRegularFile)
                    .filter(file -> !isClosed(file))
                    .toList();
            assertThat(open).extracting(file -> file.getFileName().toString()).isSubsetOf("audit-keys");
        }
        assertThat(isClosed(folder.resolve("state/run/postgres.key"))).isTrue();
    }

    private static boolean isClosed(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                    .equals("rw-------");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
