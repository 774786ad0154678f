package dev.sotto.notify;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The way to an endpoint.
public sealed interface Channel {
    /// A mail server that takes mail for others (RFC 6409, or a relay).
    ///
    /// @param login empty where the server knows us by our address
    /// @param from the sender, in the envelope and in the mail
    /// @param to the recipients, 1 to 10
    /// @param trustAnchors PEM certificates that are trusted instead of the platform's
    record Mail(
            String host,
            int port,
            Tls tls,
            Optional<Login> login,
            String from,
            List<String> to,
            Optional<Path> trustAnchors)
            implements Channel {
        private static final int MAX_RECIPIENTS = 10;
        private static final int MAX_PORT = 65_535;
        private static final int MAX_ADDRESS = 254;
        private static final Pattern ADDRESS =
                Pattern.compile("[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?");

        /// How the connection is protected.
        public enum Tls {
            /// It begins in clear and is turned into TLS before anything is said (RFC 3207); without that nothing is
            /// sent.
            STARTTLS,
            /// It is TLS from the first byte (RFC 8314).
            IMPLICIT,
            /// It is not: anybody on the way can read and change the mail.
            INSECURE_NONE
        }

        /// What the server knows us by.
        public record Login(String user, SensitiveText password) {}

        /// @throws RejectedException if a field breaks its rule
        public Mail {
            requireNonNull(tls, "tls");
            requireNonNull(login, "login");
            requireNonNull(trustAnchors, "trustAnchors");
            to = List.copyOf(to);
            require(!host.isBlank() && port >= 1 && port <= MAX_PORT, "a mail server must be a host and a port");
            require(isAddress(from), "the sender of alerts must be a mail address");
            require(
                    !to.isEmpty() && to.size() <= MAX_RECIPIENTS && to.stream().allMatch(Mail::isAddress),
                    "the recipients of alerts must be 1 to %d mail addresses".formatted(MAX_RECIPIENTS));
            require(
                    login.isEmpty() || tls != Tls.INSECURE_NONE,
                    "a mail password is never sent in clear: use TLS, or no login");
        }

        /// Whether `text` is an address as mail of ours may have one: ASCII, without a name, quotes or comments.
        public static boolean isAddress(String text) {
            return text.length() <= MAX_ADDRESS && ADDRESS.matcher(text).matches();
        }
    }

    /// A receiver of webhooks.
    ///
    /// @param url `https`, as configured: nothing that is sent changes it
    /// @param secrets signs with each: one, or two while receivers change to a new one
    /// @param trustAnchors PEM certificates that are trusted instead of the platform's
    record Webhook(URI url, List<WebhookSecret> secrets, Optional<Path> trustAnchors) implements Channel {
        /// @throws RejectedException if a field breaks its rule
        public Webhook {
            requireNonNull(trustAnchors, "trustAnchors");
            secrets = List.copyOf(secrets);
            require(!secrets.isEmpty() && secrets.size() <= 2, "a webhook must have one signing secret, or two");
            require(
                    "https".equals(url.getScheme())
                            && url.getHost() != null
                            && url.getRawUserInfo() == null
                            && url.getRawFragment() == null,
                    "the address of a webhook must be https, without user and fragment");
        }
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new RejectedException(NotifyError.ENDPOINT_INVALID, rule);
        }
    }
}
