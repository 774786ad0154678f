package dev.sotto.kms.gcp;

import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.cloudkms.v1.CloudKMS;
import com.google.api.services.cloudkms.v1.CloudKMSRequest;
import com.google.api.services.cloudkms.v1.CloudKMSScopes;
import com.google.api.services.cloudkms.v1.model.DecryptRequest;
import com.google.api.services.cloudkms.v1.model.EncryptRequest;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import dev.sotto.keys.PrivateFile;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One request each, with checksums both ways, over the JDK's own HTTP. Never tries again by itself, except once with a
/// new token after a 401. Thread-safe.
final class GcpClient implements AutoCloseable {
    /// Held, because the JDK forgets the level of a logger that nobody holds. At `CONFIG` the client logs whole token
    /// requests, which no setting of a request keeps it from.
    static final Logger CLIENT_LOG = quiet(Logger.getLogger(HttpTransport.class.getName()));

    private final Optional<Path> file;
    private final HttpTransport transport;
    private final CloudKMS service;
    private final int timeoutMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpCredentialsAdapter credentials;

    GcpClient(GcpKmsConfig config) {
        this.file = config.credentials();
        file.ifPresent(path -> PrivateFile.checkOwnerOnly(path, "credentials"));
        this.timeoutMillis = Math.toIntExact(config.limits().perTry().toMillis() + 1);
        this.transport = new NetHttpTransport.Builder()
                .setConnectionFactory(this::connection)
                .build();
        this.service = new CloudKMS.Builder(transport, GsonFactory.getDefaultInstance(), this::prepare)
                .setRootUrl(config.endpoint() + "/")
                .setApplicationName("sotto")
                .build();
    }

    /// The ciphertext and the version of the key that made it.
    GcpWrapping encrypt(GcpKeyName key, byte[] plaintext, byte[] associatedData) throws KmsFailure {
        var body = new EncryptRequest()
                .encodePlaintext(plaintext)
                .setPlaintextCrc32c(checksum(plaintext))
                .encodeAdditionalAuthenticatedData(associatedData)
                .setAdditionalAuthenticatedDataCrc32c(checksum(associatedData));
        try {
            var answer =
                    send(service.projects().locations().keyRings().cryptoKeys().encrypt(key.text(), body));
            byte[] ciphertext = answer.decodeCiphertext();
            var version = key.versionIn(answer.getName() == null ? "" : answer.getName());
            if (ciphertext == null
                    || version.isEmpty()
                    || !GcpWrapping.fits(ciphertext)
                    || !Boolean.TRUE.equals(answer.getVerifiedPlaintextCrc32c())
                    || !Boolean.TRUE.equals(answer.getVerifiedAdditionalAuthenticatedDataCrc32c())
                    || !matches(ciphertext, answer.getCiphertextCrc32c())) {
                throw new KmsFailure(Reason.ANSWER_INVALID);
            }
            return new GcpWrapping(version.getAsInt(), ciphertext);
        } catch (IOException failure) {
            throw GcpFailures.of(failure, false);
        }
    }

    DataKey decrypt(GcpKeyName key, byte[] ciphertext, byte[] associatedData) throws KmsFailure {
        var body = new DecryptRequest()
                .encodeCiphertext(ciphertext)
                .setCiphertextCrc32c(checksum(ciphertext))
                .encodeAdditionalAuthenticatedData(associatedData)
                .setAdditionalAuthenticatedDataCrc32c(checksum(associatedData));
        try {
            var answer =
                    send(service.projects().locations().keyRings().cryptoKeys().decrypt(key.text(), body));
            byte[] plaintext = answer.decodePlaintext();
            if (plaintext == null) {
                throw new KmsFailure(Reason.ANSWER_INVALID);
            }
            try {
                if (plaintext.length != DataKey.LENGTH || !matches(plaintext, answer.getPlaintextCrc32c())) {
                    throw new KmsFailure(Reason.ANSWER_INVALID);
                }
                return DataKey.copyOf(plaintext);
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        } catch (IOException failure) {
            throw GcpFailures.of(failure, true);
        }
    }

    @Override
    public void close() {
        try {
            transport.shutdown();
        } catch (IOException leftToTheCollector) {
            // nothing of ours depends on it
        }
    }

    private static Logger quiet(Logger log) {
        log.setLevel(Level.WARNING);
        return log;
    }

    private static <T> T send(CloudKMSRequest<T> request) throws IOException, KmsFailure {
        request.setDisableGZipContent(true);
        try {
            return request.execute();
        } catch (IllegalArgumentException garbled) { // the parser's word for JSON of another shape
            throw new KmsFailure(Reason.ANSWER_INVALID, garbled);
        }
    }

    /// The client logs whole requests, keys included, unless it is told not to.
    private void prepare(HttpRequest request) throws IOException {
        request.setLoggingEnabled(false);
        request.setCurlLoggingEnabled(false);
        request.setConnectTimeout(timeoutMillis);
        request.setReadTimeout(timeoutMillis);
        request.setWriteTimeout(timeoutMillis);
        request.setFollowRedirects(false);
        request.setNumberOfRetries(1);
        try {
            credentials().initialize(request);
        } catch (IOException absent) {
            throw new GcpFailures.NoToken(absent);
        }
    }

    /// Looked up at the first request, so that a service that starts late can be waited for.
    private HttpCredentialsAdapter credentials() throws IOException {
        lock.lock();
        try {
            var found = credentials;
            if (found == null) {
                found = new HttpCredentialsAdapter(read().createScoped(List.of(CloudKMSScopes.CLOUDKMS)));
                credentials = found;
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    private GoogleCredentials read() throws IOException {
        if (file.isEmpty()) {
            return GoogleCredentials.getApplicationDefault(() -> transport);
        }
        try (var in = Files.newInputStream(file.get())) {
            return ServiceAccountCredentials.fromStream(in, () -> transport);
        }
    }

    private HttpURLConnection connection(URL url) throws IOException {
        var connection = (HttpURLConnection) url.openConnection();
        connection.setConnectTimeout(timeoutMillis);
        connection.setReadTimeout(timeoutMillis);
        connection.setInstanceFollowRedirects(false);
        return connection;
    }

    private static boolean matches(byte[] bytes, @Nullable Long checksum) {
        return checksum != null && checksum == checksum(bytes);
    }

    private static long checksum(byte[] bytes) {
        var checksum = new CRC32C();
        checksum.update(bytes);
        return checksum.getValue();
    }
}
