package dev.sotto.server.up;

import dev.sotto.core.Meter;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.Passphrase;
import dev.sotto.kms.pkcs11.Pkcs11Config;
import dev.sotto.kms.pkcs11.Pkcs11Kms;
import java.nio.file.Path;
import java.security.SecureRandom;

/// Makes a root key and an index key in a token, as whoever sets up the token does. A process of its own: the library
/// reads its
/// environment when it is loaded.
final class TokenKey {
    private TokenKey() {}

    /// Takes the library, the label of the token, the credential that holds the PIN, and the addresses of the
    /// keys.
    public static void main(String[] arguments) {
        var config = new Pkcs11Config(Path.of(arguments[0]), arguments[1], KmsCallLimits.defaults());
        try (var pin = Passphrase.ofCredential(arguments[2]);
                var kms = Pkcs11Kms.open(config, pin, new SecureRandom(), Meter.none())) {
            kms.createWrappingKey(new KeyUri(arguments[3]));
            kms.createMacKey(new KeyUri(arguments[4]));
        }
    }
}
