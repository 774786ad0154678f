package dev.sotto.keys;

import java.security.Provider;
import java.security.Security;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which library does the arithmetic: Amazon Corretto Crypto Provider where it loads, else what the JDK brings.
/// Thread-safe.
public final class CryptoProvider {
    private static final Logger LOG = LoggerFactory.getLogger(CryptoProvider.class);
    private static final String ACCP = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

    private CryptoProvider() {}

    /// Puts the best provider first, once for this process, and says which one that is, with its version.
    public static synchronized String install() {
        try {
            // By name: there is no build of it for every platform that Sotto runs on.
            Class<?> type = Class.forName(ACCP);
            Provider provider = (Provider) type.getField("INSTANCE").get(null);
            Object failure = type.getMethod("getLoadingError").invoke(provider);
            if (failure == null) {
                Security.insertProviderAt(provider, 1);
                return provider.getName() + " " + provider.getVersionStr();
            }
        } catch (ReflectiveOperationException | LinkageError missing) {
            LOG.atInfo()
                    .addKeyValue("event", "keys.crypto.fallback")
                    .addKeyValue("cause", missing.getClass().getSimpleName())
                    .log("the JDK's own crypto provider is used");
        }
        Provider first = Security.getProviders()[0];
        return first.getName() + " " + first.getVersionStr();
    }
}
