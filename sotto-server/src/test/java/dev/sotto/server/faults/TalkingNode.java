package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
import dev.sotto.guard.GuardRules;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.up.RunningNode;
import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Pace;
import dev.sotto.simulator.Scene;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.SimulatorConfig;
import dev.sotto.store.AttemptLimits;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A demo node in this process whose configuration names a provider: a model simulator behind TLS that the test holds.
/// The rules are files that the test may change.
final class TalkingNode implements AutoCloseable {
    private static final String KEY = "sk-simulator-of-this-test";
    /// Nothing is made of calls, so that the provider hears of them only while they last.
    static final String QUIET = "after-call.summary = off\nafter-call.analytics = off\n";

    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));

    private final Home home;
    private final ModelSimulator simulator;
    private final RunningNode node;

    private TalkingNode(Home home, ModelSimulator simulator, RunningNode node) {
        this.home = home;
        this.simulator = simulator;
        this.node = node;
    }

    /// @param scene that the model plays
    /// @param hearing the scene whose utterances are heard, one after the other
    /// @param base the address of the simulator that the node is told
    static TalkingNode start(Scene scene, Scene hearing, Function<ModelSimulator, URI> base) throws Exception {
        return start(scene, hearing, base, QUIET);
    }

    /// @param more lines of the configuration
    static TalkingNode start(Scene scene, Scene hearing, Function<ModelSimulator, URI> base, String more)
            throws Exception {
        return start(scene, hearing, base, _ -> more);
    }

    /// What a test adds to the configuration, once the folders are there.
    interface More {
        String lines(Home home) throws Exception;
    }

    static TalkingNode start(Scene scene, Scene hearing, Function<ModelSimulator, URI> base, More more)
            throws Exception {
        return start(
                scenes(scene, hearing),
                Pace.IMMEDIATE,
                simulator -> strict(base.apply(simulator), simulator.model(scene), simulator.model(hearing)),
                more);
    }

    /// A node that talks in gated mode.
    ///
    /// @param scene that the model plays and hears
    /// @param pace how much faster than it is heard the model speaks
    /// @param more settings
    static TalkingNode gated(Scene scene, Pace pace, String more) throws Exception {
        return start(
                List.of(scene),
                pace,
                simulator -> """
                model.mode = gated
                model.base-url = %s
                model.realtime = %s
                model.transcription = simulator
                model.voice = simulator
                """.formatted(simulator.baseUri(), simulator.model(scene)),
                _ -> QUIET + more);
    }

    private static TalkingNode start(
            List<Scene> scenes, Pace pace, Function<ModelSimulator, String> settings, More more) throws Exception {
        Home home = Home.make("talk");
        ServerIdentity identity = identity();
        ModelSimulator simulator = provider(identity, scenes, pace);
        try {
            Path config = configure(home, identity, settings.apply(simulator));
            Files.writeString(config, more.lines(home) + "\n", StandardOpenOption.APPEND);
            var node = RunningNode.start(new RunningNode.Options(
                    home.places(),
                    NodeConfig.load(config).withPort(0),
                    true,
                    new PassphraseSource(Optional.empty()),
                    Optional.of(new AttemptLimits(3, 1_000, 1_000, 1_000))));
            return new TalkingNode(home, simulator, node);
        } catch (Exception | AssertionError failure) {
            simulator.close();
            home.close();
            throw failure;
        }
    }

    static List<Scene> scenes(Scene scene, Scene hearing) {
        return scene == hearing ? List.of(scene) : List.of(scene, hearing);
    }

    static ModelSimulator provider(ServerIdentity identity, List<Scene> scenes, Pace pace) {
        return ModelSimulator.start(SimulatorConfig.insecurePlain(scenes.getFirst(), SensitiveText.of(KEY))
                .withScenes(scenes)
                .withIdentity(identity)
                .withPace(pace));
    }

    /// The settings of strict mode.
    static String strict(URI base, String chat, String transcription) {
        return """
                model.mode = strict
                model.base-url = %s
                model.chat = %s
                model.transcription = %s
                model.speech = simulator
                """.formatted(base, chat, transcription);
    }

    /// Writes what a node has to be told, and gives the file.
    static Path configure(Home home, ServerIdentity identity, String settings) throws IOException {
        var closed = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(home.state("secrets"), closed);
        Path secret = home.state("secrets").resolve("model-key");
        Files.writeString(secret, KEY);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(
                home.folder().resolve("provider.pem"), pem(identity.chain().getFirst()));
        Files.writeString(home.folder().resolve("policy.yaml"), GuardRules.shippedPolicy());
        Files.writeString(home.folder().resolve("register.yaml"), GuardRules.shippedRegister());
        return Files.writeString(
                home.folder().resolve("sotto.conf"),
                settings
                        + """
                model.key = secret://model-key
                model.destination = simulator
                model.trust-anchors = %s
                guard.policy = %s
                guard.register = %s
                """.formatted(
                                        home.folder().resolve("provider.pem"),
                                        home.folder().resolve("policy.yaml"),
                                        home.folder().resolve("register.yaml")));
    }

    Home home() {
        return home;
    }

    ModelSimulator simulator() {
        return simulator;
    }

    RunningNode node() {
        return node;
    }

    Paper paper() {
        return Paper.of(home);
    }

    Phone phone() {
        return Phone.at(home);
    }

    void writePolicy(String yaml) throws IOException {
        replace("policy.yaml", yaml);
    }

    void writeRegister(String yaml) throws IOException {
        replace("register.yaml", yaml);
    }

    /// At once, so that nobody reads half of it.
    private void replace(String name, String yaml) throws IOException {
        Path whole = home.folder().resolve(name + ".new");
        Files.writeString(whole, yaml, UTF_8);
        Files.move(whole, home.folder().resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        try (home;
                simulator) {
            node.close();
        }
    }

    static String pem(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                    .formatted(PEM.encodeToString(certificate.getEncoded()));
        } catch (java.security.cert.CertificateEncodingException failure) {
            throw new AssertionError("a certificate could not be encoded", failure);
        }
    }

    /// A self-signed certificate of the loopback address, made anew for each run.
    static ServerIdentity identity() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        var name = new X500Principal("CN=provider of a test");
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        name,
                        pair.getPublic())
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
        return new ServerIdentity(
                pair.getPrivate(), List.of(new JcaX509CertificateConverter().getCertificate(builder.build(signer))));
    }
}
