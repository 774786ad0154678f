package dev.sotto.server.node;

import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsRouter;
import dev.sotto.kms.pkcs11.Pkcs11Kms;
import java.security.SecureRandom;
import java.util.List;

/// Makes keys in the token of the configuration. Needs no data and no node, and may be done beside one that runs.
public final class NewTokenKey {
    private static final String TOKENS = "pkcs11";
    private static final String FIELD = "--uri";

    private NewTokenKey() {}

    /// Makes an AES-256 key that cannot leave the token, then wraps and opens a key of no use under it, which also
    /// looks at its attributes.
    ///
    /// @param uri `pkcs11:<token>/<label>`
    /// @throws RejectedException if no token is set up, `uri` is not of that token, or it has a key of that label
    /// @throws dev.sotto.core.SottoException if the token does not make it or does not use it
    public static void createRoot(NodeConfig config, KeyUri uri) {
        var random = new SecureRandom();
        try (var kms = token(config, uri, random)) {
            kms.createWrappingKey(uri);
            KmsWiring.requireRoot(new KmsRouter(List.of(kms)), FIELD, uri, random);
        }
    }

    /// Makes a secret of 32 bytes for blind indexes that cannot leave the token, then computes a code of no use with
    /// it.
    ///
    /// @param uri `pkcs11:<token>/<label>`
    /// @throws RejectedException if no token is set up, `uri` is not of that token, or it has a key of that label
    /// @throws dev.sotto.core.SottoException if the token does not make it or does not use it
    public static void createIndex(NodeConfig config, KeyUri uri) {
        try (var kms = token(config, uri, new SecureRandom())) {
            kms.createMacKey(uri);
            KmsWiring.requireIndexKey(kms, FIELD, uri);
        }
    }

    private static Pkcs11Kms token(NodeConfig config, KeyUri uri, SecureRandom random) {
        if (!uri.scheme().equals(TOKENS)) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID,
                    "--uri (%s) must be pkcs11:<token>/<label>\nhint: elsewhere keys are made in the key service itself, see docs/operations/keys.md"
                            .formatted(uri.text()));
        }
        var token = config.keys()
                .kms()
                .pkcs11()
                .orElseThrow(
                        () -> new RejectedException(
                                ServerError.CONFIG_INVALID,
                                "no token is set up\nhint: set keys.kms.pkcs11.library, .token and .pin-credential in --config FILE"));
        return KmsWiring.pkcs11(token, random, Meter.none());
    }
}
