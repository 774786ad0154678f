package dev.sotto.server.node;

import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.LocalKms;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Where root keys are: the keys `keys.root`, `keys.backup-root`, `keys.blind-index` and `keys.kms.`. Holds no PIN and
/// no token.
///
/// @param roots under which new tenant keys are wrapped
/// @param blindIndex the key of a token under which blind indexes are computed; empty means keys of this node
/// @param pkcs11 a token, if one is used
/// @param vault a server of Vault or OpenBao, if one is used
/// @param clouds the key services of clouds that are used
public record KmsConfig(
        KeyRoots roots,
        Optional<KeyUri> blindIndex,
        Optional<Pkcs11> pkcs11,
        Optional<Vault> vault,
        CloudKmsConfig clouds) {
    private static final String LOCAL = "local";
    private static final String PKCS11 = "pkcs11";

    /// A token of a hardware security module.
    ///
    /// @param pinCredential the systemd credential that holds the PIN; empty for `pin`
    record Pkcs11(Path library, String token, String pinCredential) {}

    /// A server.
    ///
    /// @param secret the systemd credential that holds the secret id, or the file of the Kubernetes token
    record Vault(
            URI address,
            Optional<String> namespace,
            Set<String> mounts,
            Optional<Path> trustAnchors,
            String login,
            String loginMount,
            String role,
            String secret) {}

    static KmsConfig local() {
        return new KmsConfig(
                new KeyRoots(LocalKms.PRIMARY, Optional.of(LocalKms.BACKUP)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                CloudKmsConfig.none());
    }

    static KmsConfig read(ConfigReader reader) {
        Optional<Pkcs11> pkcs11 = pkcs11(reader);
        Optional<Vault> vault = vault(reader);
        CloudKmsConfig clouds = CloudKmsConfig.read(reader);
        Set<String> schemes = new TreeSet<>(clouds.schemes());
        schemes.add(LOCAL);
        if (pkcs11.isPresent()) {
            schemes.add(PKCS11);
        }
        if (vault.isPresent()) {
            schemes.add("vault");
        }
        KeyUri primary = root(reader, "keys.root", LocalKms.PRIMARY, schemes);
        KeyUri backup = root(reader, "keys.backup-root", LocalKms.BACKUP, schemes);
        if (primary.equals(backup)) {
            reader.problem("keys.backup-root must be another key than keys.root: backups must open without it");
            backup = LocalKms.BACKUP;
            primary = LocalKms.PRIMARY;
        }
        return new KmsConfig(
                new KeyRoots(primary, Optional.of(backup)),
                blindIndex(reader, pkcs11.isPresent()),
                pkcs11,
                vault,
                clouds);
    }

    /// Only a token computes HMAC.
    private static Optional<KeyUri> blindIndex(ConfigReader reader, boolean token) {
        Optional<String> text = reader.text("keys.blind-index");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            var uri = new KeyUri(text.get());
            if (token && uri.scheme().equals(PKCS11)) {
                return Optional.of(uri);
            }
        } catch (RuntimeException malformed) {
            // said below
        }
        reader.problem("keys.blind-index must be a key of a token, such as pkcs11:token/key, that keys.kms.pkcs11 sets"
                + " up");
        return Optional.empty();
    }

    private static KeyUri root(ConfigReader reader, String key, KeyUri otherwise, Set<String> schemes) {
        Optional<String> text = reader.text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            var uri = new KeyUri(text.get());
            if (schemes.contains(uri.scheme())) {
                return uri;
            }
            reader.problem(
                    "%s must name a key service that is set up here: %s".formatted(key, String.join(", ", schemes)));
        } catch (RuntimeException malformed) {
            reader.problem("%s must be a key uri such as pkcs11:token/key or vault:transit/key".formatted(key));
        }
        return otherwise;
    }

    private static Optional<Pkcs11> pkcs11(ConfigReader reader) {
        Optional<Path> library = reader.path("keys.kms.pkcs11.library");
        Optional<String> token = reader.text("keys.kms.pkcs11.token");
        Optional<String> pin = reader.text("keys.kms.pkcs11.pin-credential");
        if (library.isEmpty() && token.isEmpty() && pin.isEmpty()) {
            return Optional.empty();
        }
        if (library.isEmpty() || token.isEmpty() || pin.isEmpty()) {
            reader.problem("keys.kms.pkcs11 needs library, token and pin-credential together");
            return Optional.empty();
        }
        return Optional.of(new Pkcs11(library.get(), token.get(), pin.get()));
    }

    private static Optional<Vault> vault(ConfigReader reader) {
        Optional<URI> address = reader.origin("keys.kms.vault.address");
        Optional<String> namespace = reader.text("keys.kms.vault.namespace");
        Set<String> mounts =
                Set.of(reader.text("keys.kms.vault.mounts", "transit").split("\\s*,\\s*"));
        Optional<Path> anchors = reader.path("keys.kms.vault.trust-anchors");
        String login = reader.choice("keys.kms.vault.login", "approle", List.of("approle", "kubernetes"));
        String loginMount = reader.text("keys.kms.vault.login-mount", login);
        Optional<String> roleId = reader.text("keys.kms.vault.role-id");
        Optional<String> credential = reader.text("keys.kms.vault.secret-id-credential");
        Optional<String> role = reader.text("keys.kms.vault.role");
        Optional<Path> tokenFile = reader.path("keys.kms.vault.token-file");
        if (address.isEmpty()) {
            return Optional.empty();
        }
        boolean appRole = login.equals("approle");
        Optional<String> who = appRole ? roleId : role;
        Optional<String> secret = appRole ? credential : tokenFile.map(Path::toString);
        if (who.isEmpty() || secret.isEmpty()) {
            reader.problem(
                    appRole
                            ? "keys.kms.vault.login (approle) needs role-id and secret-id-credential"
                            : "keys.kms.vault.login (kubernetes) needs role and token-file");
            return Optional.empty();
        }
        return Optional.of(
                new Vault(address.get(), namespace, mounts, anchors, login, loginMount, who.get(), secret.get()));
    }
}
