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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.SecretKeyEntry;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// The file of a [LocalKms]: a header, then a key store whose password is PBKDF2-HMAC-SHA256 of the passphrase.
/// Version 1 holds a PKCS12 store, version 2 a BCFKS store, which the FIPS distribution makes and reads; neither
/// distribution reads the other's.
///
/// A plain PKCS12 file would let a guesser work against its cheapest layer, the MAC, which the JDK makes with 10,000
/// iterations unless a setting of the whole process says otherwise. With a derived password of 256 bits every layer
/// costs the full iteration count, which is paid once per start and not once per layer.
final class KeyStoreFile {
    static final int ITERATIONS = 600_000;
    static final int MIN_PASSPHRASE = 12;
    static final int HEADER_LENGTH = 8 + 1 + Integer.BYTES + 32;

    private static final byte[] MAGIC = "SOTTOKMS".getBytes(US_ASCII);
    private static final byte PKCS12 = 1;
    private static final byte BCFKS = 2;
    private static final int SALT_LENGTH = 32;
    private static final int PASSWORD_BITS = 256;
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final long MAX_FILE = 256 * 1024;
    private static final Pattern ROOT = Pattern.compile("(primary|backup)(-[1-9][0-9]{0,3})?");

    private KeyStoreFile() {}

    static void create(Path file, char[] passphrase, Map<KeyUri, DataKey> roots, SecureRandom random) {
        int least = CryptoProvider.minPassword(MIN_PASSPHRASE);
        if (passphrase.length < least || passphrase.length > Passphrase.MAX_LENGTH) {
            throw new RejectedException(
                    KeysError.PASSPHRASE_REFUSED,
                    "passphrase must have %d to %d characters".formatted(least, Passphrase.MAX_LENGTH));
        }
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        char[] password = derive(passphrase, salt, ITERATIONS);
        try {
            write(file, whole(ITERATIONS, salt, encode(password, roots)), random, false);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    /// What a file holds, and since when each root key is in it.
    record Roots(Map<KeyUri, DataKey> keys, Map<KeyUri, Instant> since) {}

    static Map<KeyUri, DataKey> read(Path file, char[] passphrase, KeyUri... wanted) {
        return open(file, passphrase, (store, password) -> {
            var roots = new HashMap<KeyUri, DataKey>();
            for (var uri : wanted) {
                roots.put(uri, key(store, uri, password));
            }
            return Map.copyOf(roots);
        });
    }

    /// Every root key of a scheme whose name is a tier's code, or that with `-` and a number.
    static Roots readAll(Path file, char[] passphrase, String scheme) {
        return open(file, passphrase, (store, password) -> {
            var keys = new HashMap<KeyUri, DataKey>();
            var since = new HashMap<KeyUri, Instant>();
            for (var alias : Collections.list(store.aliases())) {
                if (!ROOT.matcher(alias).matches()) {
                    throw refused();
                }
                var uri = new KeyUri(scheme + ":" + alias);
                keys.put(uri, key(store, uri, password));
                since.put(uri, store.getCreationDate(alias).toInstant());
            }
            return new Roots(Map.copyOf(keys), Map.copyOf(since));
        });
    }

    /// Puts one more root key into the file, which is replaced whole or not at all.
    static void add(Path file, char[] passphrase, KeyUri root, DataKey key, SecureRandom random) {
        byte[] whole = open(file, passphrase, (store, password) -> {
            byte[] bytes = key.reveal();
            try {
                store.setEntry(
                        root.name(),
                        new SecretKeyEntry(new SecretKeySpec(bytes, "AES")),
                        new PasswordProtection(password));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
            var out = new ByteArrayOutputStream();
            store.store(out, password);
            return out.toByteArray();
        });
        var header = ByteBuffer.wrap(PrivateFile.read(file, MAX_FILE, KeysError.KEY_STORE_UNAVAILABLE, "key store"));
        header.position(MAGIC.length + 1);
        int iterations = header.getInt();
        write(file, whole(iterations, get(header, new byte[SALT_LENGTH]), whole), random, true);
    }

    private static byte version() {
        return CryptoProvider.isFips() ? BCFKS : PKCS12;
    }

    private static void refuseOther(byte found) {
        if (found == version()) {
            return;
        }
        if (found != PKCS12 && found != BCFKS) {
            throw refused();
        }
        throw new RejectedException(
                KeysError.KEY_STORE_REFUSED,
                "key store file is of version %d, made by %s\nhint: keys do not pass from one distribution to the other"
                        .formatted(found, found == BCFKS ? "the FIPS distribution" : "a distribution without FIPS"));
    }

    private interface Contents<T> {
        T of(KeyStore store, char[] password) throws GeneralSecurityException, IOException;
    }

    private static <T> T open(Path file, char[] passphrase, Contents<T> contents) {
        var in = ByteBuffer.wrap(PrivateFile.read(file, MAX_FILE, KeysError.KEY_STORE_UNAVAILABLE, "key store"));
        byte[] magic = new byte[MAGIC.length];
        if (in.remaining() < HEADER_LENGTH || !Arrays.equals(get(in, magic), MAGIC)) {
            throw refused();
        }
        refuseOther(in.get());
        int iterations = in.getInt();
        if (iterations < ITERATIONS || iterations > MAX_ITERATIONS) {
            throw refused();
        }
        byte[] salt = get(in, new byte[SALT_LENGTH]);
        char[] password = derive(passphrase, salt, iterations);
        try {
            var store = KeyStore.getInstance(CryptoProvider.keyStoreType());
            store.load(new ByteArrayInputStream(get(in, new byte[in.remaining()])), password);
            return contents.of(store, password);
        } catch (GeneralSecurityException | IOException | RuntimeException | AssertionError _) {
            // The FIPS module raises an AssertionError where an altered file asks for what is not approved.
            throw refused(); // a foreign message might say more than a guesser should know
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static DataKey key(KeyStore store, KeyUri uri, char[] password) throws GeneralSecurityException {
        var key = store.getKey(uri.name(), password);
        if (key == null) {
            throw refused();
        }
        byte[] encoded = key.getEncoded();
        try {
            return DataKey.copyOf(encoded);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static byte[] whole(int iterations, byte[] salt, byte[] store) {
        return ByteBuffer.allocate(HEADER_LENGTH + store.length)
                .put(MAGIC)
                .put(version())
                .putInt(iterations)
                .put(salt)
                .put(store)
                .array();
    }

    private static byte[] encode(char[] password, Map<KeyUri, DataKey> roots) {
        var protection = new PasswordProtection(password);
        try {
            var store = KeyStore.getInstance(CryptoProvider.keyStoreType());
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
            throw new IllegalStateException("this Java runtime does not write key stores", broken);
        }
    }

    private static char[] derive(char[] passphrase, byte[] salt, int iterations) {
        if (passphrase.length < CryptoProvider.minPassword(1) || passphrase.length > Passphrase.MAX_LENGTH) {
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

    /// Writes a temporary file beside the target, makes it durable and puts it into place: over the target if it is to
    /// be replaced; else by a link, which fails if the target exists.
    private static void write(Path file, byte[] whole, SecureRandom random, boolean replace) {
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
            if (replace) {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.createLink(target, temporary);
                Files.delete(temporary);
            }
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
