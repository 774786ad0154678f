package dev.sotto.server.node;

import dev.sotto.core.IntegrityException;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.media.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The certificate authority of one installation (RFC 5280): ECDSA on P-256, its key in a PKCS #12 file (BCFKS in the
/// FIPS distribution) under a passphrase that derives from the node's wrapped secret. It signs the node's own listeners
/// and its database. Thread-safe.
public final class LocalAuthority {
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
    private static final Duration SERVER_LIFE = Duration.ofDays(397);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final int SERIAL_BITS = 127;
    private static final String ENTRY = "authority";
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*");

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final Clock clock;
    private final SecureRandom random;

    private LocalAuthority(PrivateKey key, X509Certificate certificate, Clock clock, SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.clock = clock;
        this.random = random;
    }

    /// Opens the authority kept in `file`, or makes one there.
    ///
    /// @throws IntegrityException if the file was altered or belongs to another node secret
    static LocalAuthority open(Path file, char[] passphrase, String name, Clock clock, SecureRandom random) {
        return Files.exists(file)
                ? load(file, passphrase, clock, random)
                : create(file, passphrase, name, clock, random);
    }

    private static LocalAuthority load(Path file, char[] passphrase, Clock clock, SecureRandom random) {
        try {
            KeyStore store = KeyStore.getInstance(CryptoProvider.keyStoreType());
            store.load(new ByteArrayInputStream(PrivateFiles.read(file)), passphrase);
            if (!(store.getKey(ENTRY, passphrase) instanceof PrivateKey key)
                    || !(store.getCertificate(ENTRY) instanceof X509Certificate certificate)) {
                throw new IntegrityException(ServerError.CERTIFICATE_UNUSABLE, "%s is damaged".formatted(file));
            }
            return new LocalAuthority(key, certificate, clock, random);
        } catch (IOException | GeneralSecurityException failure) {
            throw new IntegrityException(
                    ServerError.CERTIFICATE_UNUSABLE,
                    "%s does not open: it was altered or belongs to another node".formatted(file),
                    failure);
        }
    }

    private static LocalAuthority create(Path file, char[] passphrase, String name, Clock clock, SecureRandom random) {
        KeyPair pair = keyPair(random);
        Instant now = clock.instant();
        var subject = new X500Name("CN=Sotto local authority " + name);
        var builder = new JcaX509v3CertificateBuilder(
                subject, serial(random), from(now), Date.from(now.plus(AUTHORITY_LIFE)), subject, pair.getPublic());
        try {
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
            X509Certificate certificate = sign(builder, pair.getPrivate(), random);
            KeyStore store = KeyStore.getInstance(CryptoProvider.keyStoreType());
            store.load(null, null);
            store.setKeyEntry(ENTRY, pair.getPrivate(), passphrase, new X509Certificate[] {certificate});
            var out = new ByteArrayOutputStream();
            store.store(out, passphrase);
            PrivateFiles.write(file, out.toByteArray());
            return new LocalAuthority(pair.getPrivate(), certificate, clock, random);
        } catch (IOException | GeneralSecurityException failure) {
            throw new IllegalStateException("the local authority could not be made", failure);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// SHA-256 of the certificate, as browsers show it: upper-case pairs with colons.
    public String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// A fresh key with a server certificate for `names`, host names or addresses.
    TlsIdentity issue(String commonName, Collection<String> names) {
        KeyPair pair = keyPair(random);
        Instant now = clock.instant();
        Instant end = now.plus(SERVER_LIFE);
        Instant last = certificate.getNotAfter().toInstant();
        var builder = new JcaX509v3CertificateBuilder(
                certificate,
                serial(random),
                from(now),
                Date.from(end.isBefore(last) ? end : last),
                new X500Principal("CN=" + commonName),
                pair.getPublic());
        try {
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(certificate));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
            builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names));
            return new TlsIdentity(pair.getPrivate(), List.of(sign(builder, key, random), certificate));
        } catch (IOException | GeneralSecurityException failure) {
            throw new IllegalStateException("a server certificate could not be made", failure);
        }
    }

    private static GeneralNames alternativeNames(Collection<String> names) {
        return new GeneralNames(names.stream()
                .distinct()
                .map(name -> new GeneralName(
                        ADDRESS.matcher(name).matches() ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key, SecureRandom random)
            throws GeneralSecurityException, IOException {
        try {
            var signer = new JcaContentSignerBuilder("SHA256withECDSA")
                    .setSecureRandom(random)
                    .build(key);
            return Pem.certificate(builder.build(signer).getEncoded());
        } catch (OperatorCreationException failure) {
            throw new GeneralSecurityException(failure);
        }
    }

    private static KeyPair keyPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    private static Date from(Instant now) {
        return Date.from(now.minus(CLOCK_SKEW));
    }
}
