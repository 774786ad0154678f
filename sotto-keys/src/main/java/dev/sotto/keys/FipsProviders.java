package dev.sotto.keys;

import dev.sotto.core.RejectedException;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;

/// The providers of the FIPS distribution: Bouncy Castle's FIPS module in approved mode, its TLS over that module, and
/// of the JDK what has no cipher: certificates, seeds, and tokens by PKCS #11, which are modules of their own. All
/// others are taken out, because the JCA goes on to the next provider where one refuses a key, without a word.
///
/// Known by name only: sotto-keys is compiled without it.
final class FipsProviders {
    static final String NAME = "BCFIPS";
    static final String TLS = "BCJSSE";
    static final String KEY_STORE = "BCFKS";
    /// 112 bits, the least that the module derives keys from (SP 800-132; its security policy, section 2.3).
    static final int MIN_PASSWORD = 14;
    static final String CERTIFICATE = "CMVP 4943 (FIPS 140-3, level 1, interim) on the platforms it lists,"
            + " as the publisher says in the POM of org.bouncycastle:bc-fips:2.1.3";

    private static final String MODE = "org.bouncycastle.fips.approved_only";
    private static final Set<String> OF_THE_JDK = Set.of("SUN", "SunPKCS11");
    private static final List<String> ORDER = List.of(NAME, TLS);

    /// Says at each start which rules of the JDK's list it does not know; they are about SHA-1, which is not offered.
    private static final Logger RULES = Logger.getLogger("org.bouncycastle.jsse.provider.DisabledAlgorithmConstraints");

    /// Classes that must not be on the class path, and what they would be.
    private static final Map<String, String> FOREIGN = Map.of(
            "org/bouncycastle/jce/provider/BouncyCastleProvider.class", "bcprov, which is not validated",
            "com/amazon/corretto/crypto/provider/AmazonCorrettoCryptoProvider.class", "ACCP, another module",
            "org/conscrypt/Conscrypt.class", "Conscrypt, another module");

    private FipsProviders() {}

    /// @throws RejectedException if a part is missing, foreign or not in approved mode
    static CryptoModule install() {
        refuseForeign();
        if (Security.getProvider(NAME) == null) {
            if (!System.getProperty(MODE, "true").equals("true")) {
                throw refused(MODE + " is switched off", "take the option away");
            }
            System.setProperty(MODE, "true");
            Provider module = make("org.bouncycastle.jcajce.provider.BouncyCastleFipsProvider");
            Security.insertProviderAt(module, 1);
            RULES.setLevel(Level.SEVERE);
            Provider tls = make("org.bouncycastle.jsse.provider.BouncyCastleJsseProvider", "fips:" + NAME);
            Security.insertProviderAt(tls, 2);
            Security.setProperty("ssl.KeyManagerFactory.algorithm", "PKIX");
            Security.setProperty("ssl.TrustManagerFactory.algorithm", "PKIX");
            for (Provider other : Security.getProviders()) {
                if (!ORDER.contains(other.getName()) && !OF_THE_JDK.contains(other.getName())) {
                    Security.removeProvider(other.getName());
                }
            }
        }
        check();
        return CryptoProvider.inUse();
    }

    private static void refuseForeign() {
        var loader = FipsProviders.class.getClassLoader();
        FOREIGN.forEach((type, what) -> {
            if (loader.getResource(type) != null) {
                throw refused("the class path has " + what, "start the distribution as it was built");
            }
        });
    }

    private static Provider make(String type, String... arguments) {
        try {
            Class<?>[] types = new Class<?>[arguments.length];
            Arrays.fill(types, String.class);
            return Class.forName(type)
                    .asSubclass(Provider.class)
                    .getConstructor(types)
                    .newInstance((Object[]) arguments);
        } catch (ReflectiveOperationException | LinkageError failed) {
            throw refused("the module cannot be loaded (%s)".formatted(type), "build the distribution anew");
        }
    }

    /// @throws RejectedException if anything not approved could be used
    static void check() {
        if (!isApprovedOnly()) {
            throw refused("the module is not in approved mode", "take options away that start with org.bouncycastle");
        }
        if (!ask("org.bouncycastle.crypto.fips.FipsStatus", "isReady").equals("true")) {
            throw refused("the module's self-tests failed", "build the distribution anew");
        }
        List<String> names =
                Arrays.stream(Security.getProviders()).map(Provider::getName).toList();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            boolean expected = i < ORDER.size() ? ORDER.get(i).equals(name) : isOfTheJdk(name);
            if (!expected) {
                throw refused(
                        "provider %d is %s".formatted(i + 1, name), "nothing but the distribution may add a provider");
            }
        }
        needs().forEach((algorithm, provider) -> {
            if (!provider.equals(NAME)) {
                throw refused("%s would come from %s".formatted(algorithm, provider), "build the distribution anew");
            }
        });
    }

    /// A token's provider is named after its configuration.
    private static boolean isOfTheJdk(String name) {
        return OF_THE_JDK.contains(name) || name.startsWith("SunPKCS11-");
    }

    static boolean isApprovedOnly() {
        return ask("org.bouncycastle.crypto.CryptoServicesRegistrar", "isInApprovedOnlyMode")
                .equals("true");
    }

    /// Of each algorithm that Sotto asks for, who would do it.
    private static Map<String, String> needs() {
        var found = new LinkedHashMap<String, String>();
        try {
            var random = new SecureRandom();
            found.put("randomness", random.getProvider().getName());
            found.put(
                    "AES-256-GCM",
                    Cipher.getInstance("AES/GCM/NoPadding").getProvider().getName());
            for (String mac : List.of("HmacSHA512", "HmacSHA256")) {
                found.put(mac, Mac.getInstance(mac).getProvider().getName());
            }
            String pbkdf2 = "PBKDF2WithHmacSHA256";
            found.put(pbkdf2, SecretKeyFactory.getInstance(pbkdf2).getProvider().getName());
            found.put(
                    "SHA-256",
                    MessageDigest.getInstance("SHA-256").getProvider().getName());
            found.put(
                    "ECDSA",
                    Signature.getInstance("SHA256withECDSA").getProvider().getName());
            found.put("Ed25519", Signature.getInstance("Ed25519").getProvider().getName());
            found.put(
                    "keys of P-256",
                    KeyPairGenerator.getInstance("EC").getProvider().getName());
            found.put(
                    "key stores", KeyStore.getInstance(KEY_STORE).getProvider().getName());
        } catch (GeneralSecurityException absent) {
            throw refused("an algorithm is missing", "build the distribution anew");
        }
        return found;
    }

    static String module() {
        Provider provider = Security.getProvider(NAME);
        return provider == null ? "BC-FJA, not loaded" : "BC-FJA " + release(provider.getInfo());
    }

    /// The info ends in the release, such as `v2.1.3`.
    private static String release(String info) {
        int at = info.lastIndexOf('v');
        return at < 0 ? "of unknown release" : info.substring(at + 1);
    }

    private static String ask(String type, String question) {
        try {
            return String.valueOf(Class.forName(type).getMethod(question).invoke(null));
        } catch (ReflectiveOperationException | LinkageError failed) {
            return "unknown";
        }
    }

    private static RejectedException refused(String what, String hint) {
        return new RejectedException(
                KeysError.CRYPTO_NOT_APPROVED,
                "the FIPS distribution does not start: %s\nhint: %s".formatted(what, hint));
    }
}
