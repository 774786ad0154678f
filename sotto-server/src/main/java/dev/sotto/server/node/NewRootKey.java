package dev.sotto.server.node;

import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsRouter;
import java.security.SecureRandom;
import java.util.List;

/// Makes a root key in the token of the configuration. Needs no data and no node, and may be done beside one that runs.
public final class NewRootKey {
    private static final String TOKENS = "pkcs11";

    private NewRootKey() {}

    /// Makes an AES-256 key that cannot leave the token, then wraps and opens a key of no use under it, which also
    /// looks at its attributes.
    ///
    /// @param uri `pkcs11:<token>/<label>`
    /// @throws RejectedException if no token is set up, `uri` is not of that token, or it has a key of that label
    /// @throws dev.sotto.core.SottoException if the token does not make it or does not use it
    public static void create(NodeConfig config, KeyUri uri) {
        if (!uri.scheme().equals(TOKENS)) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID,
                    "--uri (%s) must be pkcs11:<token>/<label>\nhint: elsewhere root keys are made in the key service itself, see docs/operations/keys.md"
                            .formatted(uri.text()));
        }
        var token = config.keys()
                .kms()
                .pkcs11()
                .orElseThrow(
                        () -> new RejectedException(
                                ServerError.CONFIG_INVALID,
                                "no token is set up\nhint: set keys.kms.pkcs11.library, .token and .pin-credential in --config FILE"));
        var random = new SecureRandom();
        try (var kms = KmsWiring.pkcs11(token, random, Meter.none())) {
            kms.createWrappingKey(uri);
            KmsWiring.requireRoot(new KmsRouter(List.of(kms)), "--uri", uri, random);
        }
    }
}
