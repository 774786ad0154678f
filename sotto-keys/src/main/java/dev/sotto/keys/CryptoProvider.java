package dev.sotto.keys;

import dev.sotto.core.RejectedException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which library does the arithmetic: Amazon Corretto Crypto Provider where it loads, else what the JDK brings. In the
/// FIPS distribution, which has a class path of its own, it is Bouncy Castle's FIPS module in approved mode, and
/// nothing else will do. Thread-safe.
public final class CryptoProvider {
    private static final Logger LOG = LoggerFactory.getLogger(CryptoProvider.class);
    private static final String AWS_LC = "AWS-LC ";
    private static final String ACCP = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
    /// Only the jar of the FIPS distribution has it.
    private static final String MARKER = "META-INF/sotto/fips";

    private static final boolean FIPS = CryptoProvider.class.getClassLoader().getResource(MARKER) != null;

    private CryptoProvider() {}

    /// Puts the best provider first, once for this process, and says which one that is. Calling it again checks
    /// again.
    ///
    /// @throws RejectedException in the FIPS distribution, if anything not approved could be used
    public static synchronized CryptoModule install() {
        if (FIPS) {
            return FipsProviders.install();
        }
        try {
            // By name: there is no build of it for every platform that Sotto runs on.
            Class<?> type = Class.forName(ACCP);
            Provider provider = (Provider) type.getField("INSTANCE").get(null);
            Object failure = type.getMethod("getLoadingError").invoke(provider);
            if (failure == null) {
                Security.insertProviderAt(provider, 1);
            }
        } catch (ReflectiveOperationException | LinkageError missing) {
            LOG.atInfo()
                    .addKeyValue("event", "keys.crypto.fallback")
                    .addKeyValue("cause", missing.getClass().getSimpleName())
                    .log("the JDK's own crypto provider is used");
        }
        return inUse();
    }

    /// Whether this is the FIPS distribution.
    public static boolean isFips() {
        return FIPS;
    }

    /// Checks, where this is the FIPS distribution, that nothing has come between since the start.
    ///
    /// @throws RejectedException if something not approved could be used
    public static void check() {
        if (FIPS) {
            FipsProviders.check();
        }
    }

    /// What encrypts in this process now.
    public static CryptoModule inUse() {
        Provider provider = cipher().getProvider();
        return new CryptoModule(
                provider.getName(),
                provider.getVersionStr(),
                moduleOf(provider),
                certificateOf(provider),
                FIPS && FipsProviders.isApprovedOnly());
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no AES/GCM/NoPadding", absent);
        }
    }

    /// The type of a key store that this process can encrypt: PKCS #12, or Bouncy Castle's own, whose parts are all
    /// approved.
    public static String keyStoreType() {
        return FIPS ? FipsProviders.KEY_STORE : "PKCS12";
    }

    /// The fewest characters of a passphrase or password that keys or hashes are derived from. The FIPS module takes
    /// 112 bits, counting eight a character.
    ///
    /// @param elsewhere the fewest outside the FIPS distribution
    public static int minPassword(int elsewhere) {
        return FIPS ? Math.max(elsewhere, FipsProviders.MIN_PASSWORD) : elsewhere;
    }

    private static String moduleOf(Provider provider) {
        if (provider.getName().equals(FipsProviders.NAME)) {
            return FipsProviders.module();
        }
        if (provider.getClass().getName().equals(ACCP)) {
            String release = ask(provider, "getAwsLcVersionStr"); // such as "AWS-LC v1.47.0"
            String name = release.startsWith(AWS_LC) ? release : AWS_LC + release;
            return isFipsBuild(provider) ? name + ", FIPS" : name;
        }
        return "OpenJDK " + Runtime.version();
    }

    /// A claim needs a source that a reader can open; where there is none, none is made.
    private static String certificateOf(Provider provider) {
        if (provider.getName().equals(FipsProviders.NAME)) {
            return FipsProviders.CERTIFICATE;
        }
        if (provider.getClass().getName().equals(ACCP) && isFipsBuild(provider)) {
            return CryptoModule.NONE_CLAIMED + "; a FIPS build of AWS-LC is loaded, the notes on ACCP-FIPS of its"
                    + " publisher name the certificate";
        }
        return CryptoModule.NONE_CLAIMED;
    }

    private static boolean isFipsBuild(Provider provider) {
        return ask(provider, "isFips").equals("true");
    }

    private static String ask(Provider provider, String question) {
        try {
            return String.valueOf(provider.getClass().getMethod(question).invoke(provider));
        } catch (ReflectiveOperationException unknown) {
            return "of unknown version";
        }
    }
}
