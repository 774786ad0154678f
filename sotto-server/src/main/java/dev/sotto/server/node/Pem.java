package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.RejectedException;
import dev.sotto.media.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text form of certificates and keys (RFC 7468).
final class Pem {
    private static final int LINE = 64;
    private static final int MAX_CHAIN = 10;
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private Pem() {}

    static String of(List<X509Certificate> chain) {
        var out = new StringBuilder();
        for (X509Certificate certificate : chain) {
            try {
                out.append(encode("CERTIFICATE", certificate.getEncoded()));
            } catch (GeneralSecurityException failure) {
                throw new IllegalStateException(failure);
            }
        }
        return out.toString();
    }

    static String of(PrivateKey key) {
        return encode("PRIVATE KEY", key.getEncoded());
    }

    private static String encode(String label, byte[] content) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label);
    }

    /// Reads a certificate chain and its private key, and checks that they belong together and are valid now.
    static TlsIdentity read(NodeConfig.CertificateFiles files) {
        List<X509Certificate> chain = chain(files.chain());
        PrivateKey key = privateKey(files.privateKey());
        if (!belongs(key, chain.getFirst().getPublicKey())) {
            throw unusable(files.privateKey(), "is not the key of the first certificate of " + files.chain());
        }
        return new TlsIdentity(key, chain);
    }

    private static List<X509Certificate> chain(Path file) {
        try (var in = Files.newInputStream(file)) {
            Collection<? extends Certificate> read =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (read.isEmpty() || read.size() > MAX_CHAIN) {
                throw unusable(file, "must hold 1 to %d certificates".formatted(MAX_CHAIN));
            }
            List<X509Certificate> chain =
                    read.stream().map(X509Certificate.class::cast).toList();
            chain.getFirst().checkValidity();
            return chain;
        } catch (IOException | GeneralSecurityException failure) {
            throw new RejectedException(
                    ServerError.CERTIFICATE_UNUSABLE,
                    "%s is not a valid certificate chain in PEM".formatted(file),
                    failure);
        }
    }

    static PrivateKey privateKey(Path file) {
        Matcher matcher = PRIVATE_KEY.matcher(new String(PrivateFiles.read(file), US_ASCII));
        if (!matcher.find()) {
            throw unusable(file, "must hold one unencrypted PKCS #8 private key in PEM");
        }
        byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException _) {
                // another algorithm's key: try the next
            } catch (GeneralSecurityException failure) {
                throw new IllegalStateException(failure);
            }
        }
        throw unusable(file, "must hold an EC, RSA or Ed25519 key");
    }

    private static boolean belongs(PrivateKey key, PublicKey certified) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
        byte[] probe = "sotto".getBytes(US_ASCII);
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certified);
            verifier.update(probe);
            return verifier.verify(signature);
        } catch (GeneralSecurityException mismatch) {
            return false;
        }
    }

    static X509Certificate certificate(byte[] encoded) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    private static RejectedException unusable(Path file, String rule) {
        return new RejectedException(ServerError.CERTIFICATE_UNUSABLE, "%s %s".formatted(file, rule));
    }
}
