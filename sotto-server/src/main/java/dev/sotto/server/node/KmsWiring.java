package dev.sotto.server.node;

import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCallLimits;
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
    private KmsWiring() {}

    /// All of them as one; closing it closes them, the local one too.
    ///
    /// @throws SottoException if a service refuses its configuration, PIN or credential: nothing starts then
    static Kms open(KmsConfig config, LocalKms local, SecureRandom random, Meter meter) {
        List<Kms> services = new ArrayList<>(List.of(local));
        try {
            config.pkcs11().ifPresent(token -> services.add(pkcs11(token, random, meter)));
            config.vault().ifPresent(server -> services.add(vault(server, random, meter)));
            return new KmsRouter(services);
        } catch (RuntimeException refused) {
            services.subList(1, services.size()).forEach(Kms::close);
            throw refused;
        }
    }

    private static Kms pkcs11(KmsConfig.Pkcs11 token, SecureRandom random, Meter meter) {
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
