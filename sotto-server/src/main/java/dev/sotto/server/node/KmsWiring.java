package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.KmsMac;
import dev.sotto.keys.KmsRouter;
import dev.sotto.keys.LocalKms;
import dev.sotto.keys.Passphrase;
import dev.sotto.kms.pkcs11.Pkcs11Config;
import dev.sotto.kms.pkcs11.Pkcs11Kms;
import dev.sotto.kms.vault.VaultConfig;
import dev.sotto.kms.vault.VaultKms;
import dev.sotto.kms.vault.VaultLogin;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// Opens the key services of the configuration.
final class KmsWiring {
    private static final String PROBE = "start-probe";
    private static final int PROBES = 3;

    private KmsWiring() {}

    /// All of them as one; closing it closes them, the local one too.
    ///
    /// @throws SottoException if a service refuses its configuration, PIN or credential, or does not wrap and open
    ///     under the root key in it: nothing starts then
    static Kms open(KmsConfig config, LocalKms local, SecureRandom random, Meter meter) {
        List<Kms> services = new ArrayList<>(List.of(local));
        try {
            config.pkcs11().ifPresent(token -> services.add(pkcs11(token, random, meter)));
            config.vault().ifPresent(server -> services.add(vault(server, random, meter)));
            if (!config.clouds().schemes().isEmpty()) {
                CloudKmsWiring.open(config.clouds(), meter, services::add);
            }
            var router = new KmsRouter(services);
            requireRoot(router, "keys.root", config.roots().primary(), random);
            config.roots().backup().ifPresent(backup -> requireRoot(router, "keys.backup-root", backup, random));
            return router;
        } catch (RuntimeException refused) {
            services.subList(1, services.size()).forEach(Kms::close);
            throw refused;
        }
    }

    /// Wraps and opens a key of no use, so that a start tells what the first call would. Asks again where no
    /// answer came: the first request of a process loads a library, which can take longer than a call may.
    static void requireRoot(Kms services, String name, KeyUri root, SecureRandom random) {
        if (root.scheme().equals(LocalKms.PRIMARY.scheme())) {
            return;
        }
        requireAnswer(
                () -> probe(services, root, random), "%s (%s) does not wrap and open".formatted(name, root.text()));
    }

    /// Asks for one message code, so that a start tells what the first search would.
    static void requireIndexKey(Kms services, String field, KeyUri key) {
        if (!(services instanceof KmsMac mac)) {
            throw new IllegalStateException("the services of a node compute message codes");
        }
        requireAnswer(
                () -> mac.mac(key, PROBE.getBytes(US_ASCII)), "%s (%s) computes no HMAC".formatted(field, key.text()));
    }

    private static void requireAnswer(Runnable probe, String failed) {
        for (int attempt = 1; ; attempt++) {
            try {
                probe.run();
                return;
            } catch (SottoException failure) {
                if (attempt == PROBES || !(failure instanceof UnavailableException)) {
                    throw new UnavailableException(
                            failure.code(), "%s: %s".formatted(failed, failure.getMessage()), failure);
                }
            }
        }
    }

    private static void probe(Kms services, KeyUri root, SecureRandom random) {
        var context = EncryptionContext.ofSecret(PROBE);
        try (var probe = DataKey.random(random);
                var back = services.unwrap(services.wrap(root, probe, context), context)) {
            if (!back.equals(probe)) {
                throw new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "it opened another key than it wrapped");
            }
        }
    }

    static Pkcs11Kms pkcs11(KmsConfig.Pkcs11 token, SecureRandom random, Meter meter) {
        var settings = new Pkcs11Config(token.library(), token.token(), KmsCallLimits.defaults());
        try (var pin = Passphrase.ofCredential(token.pinCredential())) {
            return Pkcs11Kms.open(settings, pin, random, meter);
        }
    }

    private static Kms vault(KmsConfig.Vault server, SecureRandom random, Meter meter) {
        VaultLogin login = server.login().equals("approle")
                ? new VaultLogin.AppRole(
                        server.loginMount(), server.role(), () -> Passphrase.ofCredential(server.secret()))
                : new VaultLogin.Kubernetes(server.loginMount(), server.role(), Path.of(server.secret()));
        return VaultKms.open(
                new VaultConfig(
                        server.address(),
                        server.namespace(),
                        server.mounts(),
                        login,
                        server.trustAnchors(),
                        KmsCallLimits.defaults()),
                meter,
                random);
    }
}
