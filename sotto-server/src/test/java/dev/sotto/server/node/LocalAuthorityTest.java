package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.media.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAuthorityTest {
    @TempDir
    private Path folder;

    private LocalAuthority open(String passphrase) {
        return LocalAuthority.open(
                folder.resolve("ca.p12"), passphrase.toCharArray(), "node-1", Clock.systemUTC(), new SecureRandom());
    }

    @Test
    void open_again_isTheSameAuthority() {
        var made = open("a long passphrase");

        assertThat(open("a long passphrase").certificate()).isEqualTo(made.certificate());
        assertThat(made.fingerprint()).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
    }

    @Test
    void open_underAnotherPassphrase_isRefused() {
        open("a long passphrase");

        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> open("another passphrase"));
    }

    @Test
    void file_isClosedToOthersAndDoesNotOpenWhenFlipped() throws IOException {
        open("a long passphrase");
        Path file = folder.resolve("ca.p12");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> open("a long passphrase"));
    }

    @Test
    void authority_maySignCertificatesAndNothingElse() {
        X509Certificate certificate = open("a long passphrase").certificate();

        assertThat(certificate.getBasicConstraints()).isZero();
        assertThat(certificate.getKeyUsage())
                .containsExactly(false, false, false, false, false, true, true, false, false);
        assertThat(certificate.getCriticalExtensionOIDs()).contains("2.5.29.15", "2.5.29.19");
    }

    @Test
    void issue_makesAServerCertificateForItsNames() throws GeneralSecurityException {
        var authority = open("a long passphrase");

        TlsIdentity identity = authority.issue("Sotto", List.of("localhost", "127.0.0.1", "::1", "voice.example.org"));

        X509Certificate leaf = identity.chain().getFirst();
        leaf.checkValidity();
        assertThatCode(() -> leaf.verify(authority.certificate().getPublicKey()))
                .doesNotThrowAnyException();
        assertThat(identity.chain().getLast()).isEqualTo(authority.certificate());
        assertThat(((ECPublicKey) leaf.getPublicKey()).getParams().getOrder().bitLength())
                .isEqualTo(256);
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getSubjectAlternativeNames().stream().map(List::getLast).map(Object::toString))
                .containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "voice.example.org");
    }

    @Test
    void issue_twice_neverReusesKeyOrSerial() {
        var authority = open("a long passphrase");

        X509Certificate one =
                authority.issue("Sotto", List.of("localhost")).chain().getFirst();
        X509Certificate two =
                authority.issue("Sotto", List.of("localhost")).chain().getFirst();

        assertThat(one.getSerialNumber()).isNotEqualTo(two.getSerialNumber());
        assertThat(one.getPublicKey()).isNotEqualTo(two.getPublicKey());
    }

    @Test
    void pem_readsWhatItWrote() {
        TlsIdentity identity = open("a long passphrase").issue("Sotto", List.of("localhost"));
        var files = written(identity, identity);

        assertThat(Pem.read(files)).isEqualTo(identity);
    }

    @Test
    void pem_keyOfAnotherCertificate_isRefused() {
        var authority = open("a long passphrase");
        var files =
                written(authority.issue("Sotto", List.of("localhost")), authority.issue("Sotto", List.of("localhost")));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Pem.read(files))
                .withMessageContaining("is not the key of the first certificate");
    }

    @Test
    void pem_keyThatOthersCanRead_isRefused() throws IOException {
        TlsIdentity identity = open("a long passphrase").issue("Sotto", List.of("localhost"));
        var files = written(identity, identity);
        Files.setPosixFilePermissions(files.privateKey(), PosixFilePermissions.fromString("rw-r-----"));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Pem.read(files))
                .withMessageContaining("hint: chmod 600");
    }

    private NodeConfig.CertificateFiles written(TlsIdentity chain, TlsIdentity key) {
        Path chainFile = folder.resolve("chain.pem");
        Path keyFile = folder.resolve("key.pem");
        PrivateFiles.write(chainFile, Pem.of(chain.chain()));
        PrivateFiles.write(keyFile, Pem.of(key.key()));
        return new NodeConfig.CertificateFiles(chainFile, keyFile);
    }
}
