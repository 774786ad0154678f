package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Everything a node can be told, read once at its start. The keys are those of `docs/reference/config.md`.
///
/// @param server where the API and the dashboard listen
/// @param media where carriers connect
/// @param models what talks with callers; empty if the keypad is all there is
/// @param catalogue what models are told, and how often that is checked
/// @param afterCall what is made of calls once they ended
/// @param notices who is told of what
/// @param text what of it is carried as text
/// @param keys where the root keys are, and how long keys live
public record NodeConfig(
        Listener server,
        Listener media,
        Sessions sessions,
        LogLevel logLevel,
        KeysConfig keys,
        Audit audit,
        Calls calls,
        Optional<TwilioAccount> twilio,
        Optional<FirstBusiness> tenant,
        Optional<ModelConfig> models,
        CatalogueConfig catalogue,
        AfterCallConfig afterCall,
        NotifyConfig notices,
        TextEdges text) {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MAX_FILE_BYTES = 256 * 1024;

    /// One TLS listener.
    ///
    /// @param port 0 for any free one
    /// @param publicUrl what the outside calls it, where that differs
    /// @param certificate PEM files to use in place of a certificate of the local authority
    public record Listener(String address, int port, Optional<URI> publicUrl, Optional<CertificateFiles> certificate) {}

    /// A certificate chain, leaf first, and its private key in PKCS #8, both PEM.
    public record CertificateFiles(Path chain, Path privateKey) {}

    /// When a signed-in session ends.
    public record Sessions(Duration idle, Duration lifetime) {}

    /// How often the audit log's head is signed, and where it is kept beside the database.
    public record Audit(Duration checkpointInterval, Optional<Path> checkpointDirectory) {}

    /// What the media edge takes on.
    public record Calls(int limit, Duration lead) {}

    /// The carrier account whose requests are accepted, and the name of the secret that signs them.
    public record TwilioAccount(String accountSid, String secretName) {}

    /// The business that the first start makes, if there is none.
    public record FirstBusiness(
            String name, ZoneId zone, boolean recording, Optional<String> transferNumber, String inboundNumber) {}

    /// The least important log lines that are written.
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    /// The defaults, without any file.
    public static NodeConfig defaults() {
        return read("defaults", "");
    }

    /// Reads a file.
    ///
    /// @throws RejectedException with every problem at once
    public static NodeConfig load(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new RejectedException(
                        ServerError.CONFIG_INVALID, "%s is larger than %d KiB".formatted(file, MAX_FILE_BYTES / 1024));
            }
            return read(file.toString(), Files.readString(file, UTF_8));
        } catch (IOException unreadable) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE,
                    "the configuration file (%s) cannot be read".formatted(file),
                    unreadable);
        }
    }

    static NodeConfig read(String source, String text) {
        var reader = ConfigReader.parse(source, text, Map.of());
        NodeConfig config = read(reader);
        reader.finish();
        return config;
    }

    static NodeConfig read(ConfigReader reader) {
        return new NodeConfig(
                listener(reader, "server", 8443),
                listener(reader, "media", 8444),
                new Sessions(
                        reader.duration("server.session-idle", Duration.ofMinutes(30), Duration.ofMinutes(1), DAY),
                        reader.duration("server.session-lifetime", Duration.ofHours(12), Duration.ofMinutes(5), DAY)),
                LogLevel.valueOf(reader.choice("server.log-level", "info", List.of("error", "warn", "info", "debug"))
                        .toUpperCase(Locale.ROOT)),
                KeysConfig.read(reader),
                new Audit(
                        reader.duration(
                                "audit.checkpoint-interval",
                                Duration.ofSeconds(1),
                                Duration.ofMillis(100),
                                Duration.ofSeconds(1)),
                        reader.path("audit.checkpoint-directory")),
                new Calls(
                        reader.integer("media.max-calls", 200, 1, 2_000),
                        reader.duration(
                                "media.lead", Duration.ofMillis(160), Duration.ofMillis(100), Duration.ofMillis(200))),
                twilio(reader),
                tenant(reader),
                ModelConfig.read(reader),
                CatalogueConfig.read(reader),
                AfterCallConfig.read(reader),
                NotifyConfig.read(reader),
                TextEdges.read(reader));
    }

    private static Listener listener(ConfigReader reader, String prefix, int port) {
        return new Listener(
                reader.text(prefix + ".address", "127.0.0.1"),
                reader.integer(prefix + ".port", port, 0, 65_535),
                reader.origin(prefix + ".public-url"),
                certificate(reader, prefix + ".certificate", prefix + ".private-key"));
    }

    private static Optional<CertificateFiles> certificate(ConfigReader reader, String chainKey, String privateKeyKey) {
        Optional<Path> chain = reader.path(chainKey);
        Optional<Path> privateKey = reader.path(privateKeyKey);
        if (chain.isPresent() != privateKey.isPresent()) {
            reader.problem("%s and %s must be given together".formatted(chainKey, privateKeyKey));
        }
        return chain.isPresent() && privateKey.isPresent()
                ? Optional.of(new CertificateFiles(chain.get(), privateKey.get()))
                : Optional.empty();
    }

    private static Optional<TwilioAccount> twilio(ConfigReader reader) {
        Optional<String> account = reader.text("twilio.account-sid");
        Optional<String> secret = reader.secretReference("twilio.auth-token");
        account.filter(sid -> !sid.matches("AC[0-9a-f]{32}"))
                .ifPresent(_ -> reader.problem("twilio.account-sid must be AC and 32 lower-case hex digits"));
        if (account.isPresent() != secret.isPresent()) {
            reader.problem("twilio.account-sid and twilio.auth-token must be given together");
        }
        return account.isPresent() && secret.isPresent()
                ? Optional.of(new TwilioAccount(account.get(), secret.get()))
                : Optional.empty();
    }

    private static Optional<FirstBusiness> tenant(ConfigReader reader) {
        Optional<String> name = reader.text("tenant.name");
        Optional<String> number = reader.e164("tenant.inbound-number");
        Optional<ZoneId> zone = reader.zone("tenant.zone");
        boolean recording = "on".equals(reader.choice("tenant.recording", "off", List.of("on", "off")));
        Optional<String> transfer = reader.e164("tenant.transfer-number");
        if (name.isPresent() != number.isPresent()) {
            reader.problem("tenant.name and tenant.inbound-number must be given together");
        }
        return name.isPresent() && number.isPresent()
                ? Optional.of(
                        new FirstBusiness(name.get(), zone.orElse(ZoneOffset.UTC), recording, transfer, number.get()))
                : Optional.empty();
    }

    /// The same, with the dashboard on `port` and the media listener on the one after it; 0 means any free ports.
    public NodeConfig withPort(int port) {
        int mediaPort = port == 0 ? 0 : port + 1;
        return new NodeConfig(
                new Listener(server.address(), port, server.publicUrl(), server.certificate()),
                new Listener(media.address(), mediaPort, media.publicUrl(), media.certificate()),
                sessions,
                logLevel,
                keys,
                audit,
                calls,
                twilio,
                tenant,
                models,
                catalogue,
                afterCall,
                notices,
                text);
    }
}
