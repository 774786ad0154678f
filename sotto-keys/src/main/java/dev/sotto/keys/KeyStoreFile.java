package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sotto.core.ConflictException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.SecretKeyEntry;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// The file of a [LocalKms]: a header, then a PKCS12 key store whose password is PBKDF2-HMAC-SHA256 of the
/// passphrase.
///
/// A plain PKCS12 file would let a guesser work against its cheapest layer, the MAC, which the JDK makes with 10,000
/// iterations unless a setting of the whole process says otherwise. With a derived password of 256 bits every layer
/// costs the full iteration count, which is paid once per start and not once per layer.
final class KeyStoreFile {
    static final int ITERATIONS = 600_000;
    static final int MIN_PASSPHRASE = 12;
    static final int HEADER_LENGTH = 8 + 1 + Integer.BYTES + 32;

    private static final byte[] MAGIC = "SOTTOKMS".getBytes(US_ASCII);
    private static final byte VERSION = 1;
    private static final int SALT_LENGTH = 32;
    private static final int PASSWORD_BITS = 256;
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final long MAX_FILE = 64 * 1024;

    private KeyStoreFile() {}

    static void create(Path file, char[] passphrase, Map<KeyUri, DataKey> roots, SecureRandom random) {
        if (passphrase.length < MIN_PASSPHRASE || passphrase.length > Passphrase.MAX_LENGTH) {
            throw new RejectedException(
                    KeysError.PASSPHRASE_REFUSED,
                    "passphrase must have %d to %d characters".formatted(MIN_PASSPHRASE, Passphrase.MAX_LENGTH));
        }
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        char[] password = derive(passphrase, salt, ITERATIONS);
        try {
            byte[] store = encode(password, roots);
            byte[] whole = ByteBuffer.allocate(HEADER_LENGTH + store.length)
                    .put(MAGIC)
                    .put(VERSION)
                    .putInt(ITERATIONS)
                    .put(salt)
                    .put(store)
                    .array();
            write(file, whole, random);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    static Map<KeyUri, DataKey> read(Path file, char[] passphrase, KeyUri... wanted) {
        var in = ByteBuffer.wrap(PrivateFile.read(file, MAX_FILE, KeysError.KEY_STORE_UNAVAILABLE, "key store"));
        byte[] magic = new byte[MAGIC.length];
        if (in.remaining() < HEADER_LENGTH || !Arrays.equals(get(in, magic), MAGIC) || in.get() != VERSION) {
            throw refused();
        }
        int iterations = in.getInt();
        if (iterations < ITERATIONS || iterations > MAX_ITERATIONS) {
            throw refused();
        }
        byte[] salt = get(in, new byte[SALT_LENGTH]);
        char[] password = derive(passphrase, salt, iterations);
        try {
            return decode(password, get(in, new byte[in.remaining()]), wanted);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static byte[] encode(char[] password, Map<KeyUri, DataKey> roots) {
        var protection = new PasswordProtection(password);
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (var root : roots.entrySet()) {
                byte[] bytes = root.getValue().reveal();
                try {
                    var entry = new SecretKeyEntry(new SecretKeySpec(bytes, "AES"));
                    store.setEntry(root.getKey().name(), entry, protection);
                } finally {
                    Arrays.fill(bytes, (byte) 0);
                }
            }
            var out = new ByteArrayOutputStream();
            store.store(out, password);
            return out.toByteArray();
        } catch (GeneralSecurityException | IOException broken) {
            throw new IllegalStateException("this Java runtime does not write PKCS12 key stores", broken);
        }
    }

    private static Map<KeyUri, DataKey> decode(char[] password, byte[] bytes, KeyUri... wanted) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), password);
            var roots = new HashMap<KeyUri, DataKey>();
            for (var uri : wanted) {
                var key = store.getKey(uri.name(), password);
                if (key == null) {
                    throw refused();
                }
                byte[] encoded = key.getEncoded();
                roots.put(uri, DataKey.copyOf(encoded));
                Arrays.fill(encoded, (byte) 0);
            }
            return Map.copyOf(roots);
        } catch (GeneralSecurityException | IOException | RuntimeException _) {
            throw refused(); // a foreign message might say more than a guesser should know
        }
    }

    private static char[] derive(char[] passphrase, byte[] salt, int iterations) {
        if (passphrase.length == 0 || passphrase.length > Passphrase.MAX_LENGTH) {
            throw refused();
        }
        var spec = new PBEKeySpec(passphrase, salt, iterations, PASSWORD_BITS);
        try {
            byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            byte[] text = Base64.getEncoder().encode(derived);
            char[] password = new char[text.length];
            for (int i = 0; i < text.length; i++) {
                password[i] = (char) text[i];
            }
            Arrays.fill(derived, (byte) 0);
            Arrays.fill(text, (byte) 0);
            return password;
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no PBKDF2WithHmacSHA256", absent);
        } finally {
            spec.clearPassword();
        }
    }

    /// Writes a temporary file beside the target, makes it durable and links it into place, which fails if the target
    /// exists.
    private static void write(Path file, byte[] whole, SecureRandom random) {
        var target = file.toAbsolutePath();
        var temporary = target.resolveSibling(target.getFileName() + ".new-" + Long.toHexString(random.nextLong()));
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try {
            try (var out = FileChannel.open(temporary, Set.of(CREATE_NEW, WRITE), ownerOnly)) {
                var bytes = ByteBuffer.wrap(whole);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.createLink(target, temporary);
            Files.delete(temporary);
            try (var directory = FileChannel.open(target.resolveSibling("."), READ)) {
                directory.force(true);
            }
        } catch (FileAlreadyExistsException exists) {
            deleteQuietly(temporary);
            throw new ConflictException(KeysError.KEY_STORE_EXISTS, "key store file exists already", exists);
        } catch (IOException | UnsupportedOperationException failed) {
            deleteQuietly(temporary);
            throw new UnavailableException(KeysError.KEY_STORE_UNAVAILABLE, "key store file cannot be written", failed);
        }
    }

    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException _) {
            // The first failure is the one to report; the leftover is sealed under the passphrase.
        }
    }

    private static byte[] get(ByteBuffer in, byte[] into) {
        in.get(into);
        return into;
    }

    private static RejectedException refused() {
        return new RejectedException(
                KeysError.KEY_STORE_REFUSED, "key store did not open: wrong passphrase or altered file");
    }
}
