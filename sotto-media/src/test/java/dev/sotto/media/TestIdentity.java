package dev.sotto.media;

import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A key and a self-signed certificate for localhost, made once by the JDK's keytool, and a client that trusts it.
final class TestIdentity {
    static final TlsIdentity SERVER;
    static final SSLContext CLIENT;

    static {
        try {
            Path store = Files.createTempDirectory("sotto-media").resolve("identity.p12");
            String keytool =
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
            var made = new ProcessBuilder(
                            keytool,
                            "-genkeypair",
                            "-alias",
                            "media",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-dname",
                            "CN=localhost",
                            "-ext",
                            "san=dns:localhost,ip:127.0.0.1",
                            "-validity",
                            "30",
                            "-storetype",
                            "PKCS12",
                            "-keystore",
                            store.toString(),
                            "-storepass",
                            "changeit")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!made.waitFor(30, TimeUnit.SECONDS) || made.exitValue() != 0) {
                throw new IllegalStateException("keytool did not make a key");
            }
            var keys = KeyStore.getInstance("PKCS12");
            try (var in = new FileInputStream(store.toFile())) {
                keys.load(in, "changeit".toCharArray());
            }
            Files.delete(store);
            var certificate = (X509Certificate) keys.getCertificate("media");
            SERVER = new TlsIdentity((PrivateKey) keys.getKey("media", "changeit".toCharArray()), List.of(certificate));
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("media", certificate);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            CLIENT = SSLContext.getInstance("TLS");
            CLIENT.init(null, trust.getTrustManagers(), null);
        } catch (Exception e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private TestIdentity() {}
}
