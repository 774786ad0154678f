package dev.sotto.fips;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.CryptoModule;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Recipient;
import dev.sotto.keys.RecipientKey;
import dev.sotto.server.node.CryptoBoundary;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the FIPS distribution does with its module, and refuses without it.
class FipsModuleTest {
    @Test
    void module_isInPlaceInApprovedModeAndNamesItsCertificate() {
        CryptoModule module = CryptoProvider.install();

        assertThat(CryptoProvider.isFips()).isTrue();
        assertThat(module.provider()).isEqualTo("BCFIPS");
        assertThat(module.approvedOnly()).isTrue();
        assertThat(module.module()).isEqualTo("BC-FJA 2.1.3");
        // The claim is of one release: a newer one needs its own source.
        assertThat(module.certificate()).contains("CMVP 4943", "bc-fips:2.1.3", "as the publisher says");
        assertThat(module.line()).contains("approved mode only");
        assertThat(CryptoBoundary.ofThisProcess().inside()).isNotEmpty();
    }

    @Test
    void providers_areTheModuleItsTlsAndWhatHasNoCipher() {
        assertThat(Arrays.stream(Security.getProviders()).map(Provider::getName))
                .startsWith("BCFIPS", "BCJSSE")
                .allMatch(name -> name.matches("BCFIPS|BCJSSE|SUN|SunPKCS11.*"));
    }

    @Test
    void tls_isOverTheModule() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);

        assertThat(context.getProvider().getName()).isEqualTo("BCJSSE");
    }

    /// The JCA would go on to the next provider that takes the key.
    @Test
    void refusedByTheModule_isDoneByNobodyElse() throws Exception {
        Mac mac = Mac.getInstance("HmacSHA512");
        assertThatThrownBy(() -> mac.init(new SecretKeySpec(new byte[8], "HmacSHA512")))
                .hasMessageContaining("112 bits");
        SecretKeyFactory pbkdf2 = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
        assertThatThrownBy(() ->
                        pbkdf2.generateSecret(new PBEKeySpec("twelve chars".toCharArray(), new byte[32], 600_000, 256)))
                .hasMessageContaining("112 bits");
        assertThat(CryptoProvider.minPassword(12)).isEqualTo(14);
    }

    @ParameterizedTest
    @CsvSource({"ChaCha20-Poly1305, ChaCha20", "DESede/CBC/PKCS5Padding, DESede", "RC4, RC4", "Blowfish, Blowfish"})
    void cipher_notApproved_encryptsNothing(String algorithm, String keys) {
        byte[] key = "sixteen or twenty-four..".getBytes(US_ASCII);
        assertThatThrownBy(() -> {
                    Cipher cipher = Cipher.getInstance(algorithm);
                    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, keys));
                })
                .isInstanceOfAny(GeneralSecurityException.class, AssertionError.class); // the module's own is one
    }

    @ParameterizedTest
    @ValueSource(strings = {"MD5withRSA", "ML-DSA-44"})
    void signature_notOfTheModule_isNotOfIt(String algorithm) {
        assertThatExceptionOfType(NoSuchAlgorithmException.class)
                .isThrownBy(() -> Signature.getInstance(algorithm, "BCFIPS"));
    }

    @Test
    void ed25519_isOfTheModule() throws Exception {
        assertThat(KeyPairGenerator.getInstance("Ed25519").getProvider().getName())
                .isEqualTo("BCFIPS");
    }

    @Test
    void check_withAProviderAhead_refusesAndNamesIt() {
        Security.insertProviderAt(new Foreign(), 1);
        try {
            assertRefused("provider 1 is Foreign");
            assertThatExceptionOfType(RejectedException.class).isThrownBy(CryptoProvider::install);
        } finally {
            Security.removeProvider("Foreign");
        }
        CryptoProvider.check();
    }

    @Test
    void check_withAProviderAtTheEnd_refusesAndNamesIt() {
        Security.addProvider(new Foreign());
        try {
            assertRefused("is Foreign");
        } finally {
            Security.removeProvider("Foreign");
        }
        CryptoProvider.check();
    }

    @Test
    void check_withoutTheModule_refuses() {
        Provider module = Security.getProvider("BCFIPS");
        Security.removeProvider("BCFIPS");
        try {
            assertRefused("provider 1 is BCJSSE");
        } finally {
            Security.insertProviderAt(module, 1);
        }
        CryptoProvider.check();
    }

    private static void assertRefused(String why) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(CryptoProvider::check)
                .withMessageStartingWith("the FIPS distribution does not start: ")
                .withMessageContaining(why)
                .withMessageContaining("\nhint: ")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.CRYPTO_NOT_APPROVED));
    }

    /// Could do anything.
    private static final class Foreign extends Provider {
        Foreign() {
            super("Foreign", "1", "not approved");
        }
    }

    @ParameterizedTest
    @EnumSource(Recipient.Suite.class)
    void exports_areRefused_sinceTheModuleHasNoSuiteOfThem(Recipient.Suite suite) {
        assertThat(suite.isPresent()).isFalse();
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> RecipientKey.generate(suite, new SecureRandom()))
                .withMessageContaining("suite of the recipient (%s)".formatted(suite.code()));
    }
}
