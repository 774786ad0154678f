package dev.sotto.media;

import dev.sotto.core.RejectedException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;

/// TLS 1.3 by Bouncy Castle over its FIPS module, which the FIPS distribution puts first: no BoringSSL, and no
/// post-quantum group.
final class FipsTls {
    private static final String PROVIDER = "BCJSSE";
    private static final String KEY_STORE = "BCFKS";
    private static final int PASSWORD_BYTES = 16;

    private FipsTls() {}

    static boolean isPresent() {
        return Security.getProvider(PROVIDER) != null;
    }

    /// @throws RejectedException if the key and certificates do not fit
    static SslContext server(TlsIdentity identity) {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        // The store never leaves this process: its password only has to be one that the module takes.
        char[] password = HexFormat.of().formatHex(random).toCharArray();
        try {
            KeyStore store = KeyStore.getInstance(KEY_STORE);
            store.load(null, null);
            store.setKeyEntry("tls", identity.key(), password, identity.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm(), PROVIDER);
            keys.init(store, password);
            return SslContextBuilder.forServer(keys)
                    .sslProvider(SslProvider.JDK)
                    .sslContextProvider(Security.getProvider(PROVIDER))
                    .protocols("TLSv1.3")
                    .build();
        } catch (GeneralSecurityException | IOException unfit) {
            throw new RejectedException(
                    MediaError.TLS_IDENTITY, "the listener's key and certificates cannot be used", unfit);
        }
    }
}
