package dev.sotto.server.node;

import dev.sotto.core.RejectedException;
import dev.sotto.notify.Channel;
import dev.sotto.store.NoticeType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Who is told of what: the `alert.`, `webhook.` and `notify.` keys.
///
/// @param window how long alerts of a kind are gathered
/// @param retryAfter the time before the second attempt
/// @param giveUpAfter how long a delivery is tried
/// @param policy the policy file; empty for the shipped one
/// @param register the register file; empty for the shipped one
public record NotifyConfig(
        Optional<Mail> mail,
        List<Hook> hooks,
        Duration window,
        Duration retryAfter,
        Duration giveUpAfter,
        Optional<Path> policy,
        Optional<Path> register) {
    static final String MAIL = "alert.mail";
    static final String ALERT_HOOK = "alert.webhook";
    static final String HOOK = "webhook.";
    private static final int MAX_HOOKS = 20;
    private static final int SUBMISSION = 587;
    private static final int SUBMISSIONS = 465;
    private static final int SMTP = 25;
    private static final int MAX_PORT = 65_535;
    private static final List<String> TLS = List.of("starttls", "implicit", "insecure-none");

    public NotifyConfig {
        hooks = List.copyOf(hooks);
    }

    /// A mail server for alerts.
    ///
    /// @param passwordSecret the name of the secret that is the password
    public record Mail(
            String host,
            int port,
            Channel.Mail.Tls tls,
            Optional<String> user,
            Optional<String> passwordSecret,
            String from,
            List<String> to,
            String destination,
            Optional<Path> trustAnchors) {}

    /// A receiver of webhooks.
    ///
    /// @param key what all its keys begin with
    /// @param secrets names of signing secrets, the current one first
    public record Hook(
            String key,
            URI url,
            List<String> secrets,
            Set<NoticeType> events,
            String destination,
            Optional<Path> trustAnchors) {}

    /// Whether anybody is told.
    boolean tellsSomebody() {
        return mail.isPresent() || !hooks.isEmpty();
    }

    static NotifyConfig read(ConfigReader reader) {
        Optional<Mail> mail = mail(reader);
        var hooks = new ArrayList<Hook>();
        hook(reader, ALERT_HOOK, alerts()).ifPresent(hooks::add);
        List<String> names = reader.names(HOOK);
        if (names.size() > MAX_HOOKS) {
            reader.problem("webhook.NAME (%d names) must be at most %d".formatted(names.size(), MAX_HOOKS));
        }
        for (String name : names) {
            String key = HOOK + name;
            hook(reader, key, events(reader, key + ".events")).ifPresent(hooks::add);
        }
        var config = new NotifyConfig(
                mail,
                hooks,
                reader.duration("alert.window", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofDays(1)),
                reader.duration(
                        "notify.retry-after", Duration.ofSeconds(5), Duration.ofMillis(50), Duration.ofMinutes(5)),
                reader.duration("notify.give-up-after", Duration.ofDays(3), Duration.ofSeconds(1), Duration.ofDays(7)),
                reader.path("guard.policy"),
                reader.path("guard.register"));
        if (config.tellsSomebody()
                && (config.policy().isEmpty() || config.register().isEmpty())) {
            reader.problem("alert.* and webhook.* need guard.policy and guard.register: the shipped ones allow nobody"
                    + " outside this process");
        }
        return config;
    }

    private static Set<NoticeType> alerts() {
        return Arrays.stream(NoticeType.values()).filter(NoticeType::isAlert).collect(Collectors.toUnmodifiableSet());
    }

    private static Optional<Mail> mail(ConfigReader reader) {
        Optional<String> server = reader.text(MAIL + ".server");
        String tls = reader.choice(MAIL + ".tls", "starttls", TLS);
        Optional<String> user = reader.text(MAIL + ".user");
        Optional<String> password = reader.secretReference(MAIL + ".password");
        Optional<String> from = reader.text(MAIL + ".from");
        Optional<String> to = reader.text(MAIL + ".to");
        Optional<String> destination = reader.text(MAIL + ".destination");
        Optional<Path> anchors = reader.path(MAIL + ".trust-anchors");
        if (server.isEmpty() && from.isEmpty() && to.isEmpty() && destination.isEmpty()) {
            if (user.isPresent() || password.isPresent() || anchors.isPresent()) {
                reader.problem("alert.mail.server must be given too");
            }
            return Optional.empty();
        }
        if (server.isEmpty() || from.isEmpty() || to.isEmpty() || destination.isEmpty()) {
            reader.problem("alert.mail.server, alert.mail.from, alert.mail.to and alert.mail.destination must be given"
                    + " together");
            return Optional.empty();
        }
        if (user.isPresent() != password.isPresent()) {
            reader.problem("alert.mail.user and alert.mail.password must be given together");
        }
        Channel.Mail.Tls protection = switch (tls) {
            case "implicit" -> Channel.Mail.Tls.IMPLICIT;
            case "insecure-none" -> Channel.Mail.Tls.INSECURE_NONE;
            default -> Channel.Mail.Tls.STARTTLS;
        };
        if (protection == Channel.Mail.Tls.INSECURE_NONE && password.isPresent()) {
            reader.problem("alert.mail.password is never sent in clear: leave it out, or use TLS");
        }
        List<String> recipients =
                Arrays.stream(to.get().split(",", -1)).map(String::strip).toList();
        if (!Channel.Mail.isAddress(from.get())) {
            reader.problem("alert.mail.from must be a mail address, such as sotto@clinic.example");
        }
        if (recipients.size() > 10 || !recipients.stream().allMatch(Channel.Mail::isAddress)) {
            reader.problem("alert.mail.to must be 1 to 10 mail addresses with commas between them");
        }
        return address(reader, server.get(), protection)
                .map(at -> new Mail(
                        at.host(),
                        at.port(),
                        protection,
                        user,
                        password,
                        from.get(),
                        recipients,
                        destination.get(),
                        anchors));
    }

    private record Address(String host, int port) {}

    private static Optional<Address> address(ConfigReader reader, String server, Channel.Mail.Tls tls) {
        int usual = switch (tls) {
            case STARTTLS -> SUBMISSION;
            case IMPLICIT -> SUBMISSIONS;
            case INSECURE_NONE -> SMTP;
        };
        try {
            var parsed = new URI("smtp://" + server);
            boolean plain = parsed.getHost() != null
                    && parsed.getRawUserInfo() == null
                    && parsed.getRawPath().isEmpty()
                    && parsed.getRawQuery() == null
                    && parsed.getRawFragment() == null
                    && parsed.getPort() <= MAX_PORT
                    && parsed.getPort() != 0;
            if (plain) {
                return Optional.of(new Address(parsed.getHost(), parsed.getPort() < 0 ? usual : parsed.getPort()));
            }
        } catch (URISyntaxException malformed) {
            // told below
        }
        reader.problem("alert.mail.server must be a host, or a host and a port, such as smtp.example.org:587");
        return Optional.empty();
    }

    private static Set<NoticeType> events(ConfigReader reader, String key) {
        Set<NoticeType> types = EnumSet.noneOf(NoticeType.class);
        Optional<String> text = reader.text(key);
        try {
            text.ifPresent(list -> Arrays.stream(list.split(",", -1))
                    .map(String::strip)
                    .map(NoticeType::ofCode)
                    .forEach(types::add));
        } catch (RejectedException unknown) {
            types.clear();
        }
        if (types.isEmpty()) {
            reader.problem("%s must be some of %s, with commas between them"
                    .formatted(
                            key,
                            Arrays.stream(NoticeType.values())
                                    .map(NoticeType::code)
                                    .collect(Collectors.joining(", "))));
        }
        return types;
    }

    private static Optional<Hook> hook(ConfigReader reader, String key, Set<NoticeType> events) {
        Optional<String> url = reader.text(key + ".url");
        Optional<String> secret = reader.secretReference(key + ".secret");
        Optional<String> previous = reader.secretReference(key + ".previous-secret");
        Optional<String> destination = reader.text(key + ".destination");
        Optional<Path> anchors = reader.path(key + ".trust-anchors");
        if (url.isEmpty() && key.equals(ALERT_HOOK)) {
            if (secret.isPresent() || previous.isPresent() || destination.isPresent() || anchors.isPresent()) {
                reader.problem("alert.webhook.url must be given too");
            }
            return Optional.empty();
        }
        if (url.isEmpty() || secret.isEmpty() || destination.isEmpty()) {
            reader.problem("%1$s.url, %1$s.secret and %1$s.destination must be given together".formatted(key));
            return Optional.empty();
        }
        var secrets = new ArrayList<String>(List.of(secret.get()));
        previous.ifPresent(secrets::add);
        return https(reader, key + ".url", url.get())
                .map(at -> new Hook(key, at, secrets, events, destination.get(), anchors));
    }

    private static Optional<URI> https(ConfigReader reader, String key, String text) {
        try {
            var uri = new URI(text);
            if ("https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException malformed) {
            // told below
        }
        // The address may hold a token of the receiver, so it is not repeated.
        reader.problem("%s must be an https address without user and fragment".formatted(key));
        return Optional.empty();
    }
}
