package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.ConflictException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// The private key of a [Recipient]. Leaves memory only sealed under a passphrase, in a file described in
/// `docs/spec/sealing.md`. Prints as `[REDACTED]`; [#close()] overwrites this copy. Thread-safe.
public final class RecipientKey implements AutoCloseable {
    private static final byte[] MAGIC = "SOTTORCP".getBytes(US_ASCII);
    private static final byte VERSION = 1;
    private static final int SALT_LENGTH = 32;
    private static final int FIXED_LENGTH = 8 + 1 + Integer.BYTES + SALT_LENGTH + Short.BYTES;
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final int MAX_FILE = 8192;

    private final Recipient recipient;
    private final byte[] privateKey;
    private boolean closed;

    private RecipientKey(Recipient recipient, byte[] privateKey) {
        this.recipient = recipient;
        this.privateKey = privateKey;
    }

    /// A fresh key pair.
    ///
    /// @throws RejectedException if this Java runtime, or the FIPS module, does not have the suite
    public static RecipientKey generate(Recipient.Suite suite, SecureRandom random) {
        suite.require();
        return of(suite, suite.kem().generate(random));
    }

    /// Keeps `privateKey`.
    static RecipientKey of(Recipient.Suite suite, byte[] privateKey) {
        suite.require();
        return new RecipientKey(new Recipient(suite, suite.kem().publicKey(privateKey)), privateKey);
    }

    /// Whose key it is.
    public Recipient recipient() {
        return recipient;
    }

    synchronized byte[] reveal() {
        if (closed) {
            throw new IllegalStateException("the key was closed");
        }
        return privateKey.clone();
    }

    /// Writes a file, readable and writable by its owner only, that opens with the passphrase, which stays the
    /// caller's.
    ///
    /// @throws ConflictException if the file exists
    /// @throws RejectedException if the passphrase has fewer than 12 or more than 1024 characters
    /// @throws UnavailableException if the file cannot be written; none is left then
    public void write(Path file, char[] passphrase, SecureRandom random) {
        if (passphrase.length < KeyStoreFile.MIN_PASSPHRASE || passphrase.length > Passphrase.MAX_LENGTH) {
            throw new RejectedException(
                    KeysError.PASSPHRASE_REFUSED,
                    "passphrase must have %d to %d characters"
                            .formatted(KeyStoreFile.MIN_PASSPHRASE, Passphrase.MAX_LENGTH));
        }
        byte[] sealed = seal(passphrase, random);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        boolean whole = false;
        try (var out =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
            try {
                var bytes = ByteBuffer.wrap(sealed);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
                whole = true;
            } finally {
                if (!whole) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (FileAlreadyExistsException exists) {
            throw new ConflictException(KeysError.KEY_STORE_EXISTS, "recipient key file exists already", exists);
        } catch (IOException | UnsupportedOperationException failed) {
            throw new UnavailableException(
                    KeysError.KEY_STORE_UNAVAILABLE, "recipient key file cannot be written", failed);
        }
    }

    /// Reads what [#write] wrote. Takes part of a second by design.
    ///
    /// @throws dev.sotto.core.DeniedException if someone other than the owner may read or write the file
    /// @throws RejectedException if the passphrase is wrong or the file was altered: these cannot be told apart
    /// @throws UnavailableException if the file is absent or cannot be read
    public static RecipientKey read(Path file, char[] passphrase) {
        byte[] sealed = PrivateFile.read(file, MAX_FILE, KeysError.KEY_STORE_UNAVAILABLE, "recipient key");
        try {
            return open(sealed, passphrase);
        } catch (SealedDataException refused) {
            throw refused();
        }
    }

    byte[] seal(char[] passphrase, SecureRandom random) {
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        byte[] publicKey = recipient.publicKey();
        byte[] header = ByteBuffer.allocate(FIXED_LENGTH + publicKey.length)
                .put(MAGIC)
                .put(VERSION)
                .putInt(KeyStoreFile.ITERATIONS)
                .put(salt)
                .putShort((short) recipient.suite().kem().id())
                .put(publicKey)
                .array();
        byte[] key = derive(passphrase, salt, KeyStoreFile.ITERATIONS);
        byte[] plain = reveal();
        try {
            byte[] message = Cobblestone.sealMessage(key, random, context(header), plain);
            return ByteBuffer.allocate(header.length + message.length)
                    .put(header)
                    .put(message)
                    .array();
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(plain, (byte) 0);
        }
    }

    static RecipientKey open(byte[] sealed, char[] passphrase) throws SealedDataException {
        if (sealed.length < FIXED_LENGTH) {
            throw refused();
        }
        var in = ByteBuffer.wrap(sealed);
        byte[] magic = new byte[MAGIC.length];
        byte[] salt = new byte[SALT_LENGTH];
        in.get(magic);
        byte version = in.get();
        int iterations = in.getInt();
        in.get(salt);
        if (!Arrays.equals(magic, MAGIC)
                || version != VERSION
                || iterations < KeyStoreFile.ITERATIONS
                || iterations > MAX_ITERATIONS
                || passphrase.length == 0
                || passphrase.length > Passphrase.MAX_LENGTH) {
            throw refused();
        }
        var suite = Recipient.Suite.ofId(Short.toUnsignedInt(in.getShort()));
        if (in.remaining() < suite.kem().publicKeyLength()) {
            throw refused();
        }
        byte[] publicKey = new byte[suite.kem().publicKeyLength()];
        in.get(publicKey);
        byte[] header = Arrays.copyOf(sealed, in.position());
        byte[] key = derive(passphrase, salt, iterations);
        try {
            byte[] plain = Cobblestone.openMessage(
                    key, context(header), Arrays.copyOfRange(sealed, header.length, sealed.length));
            return matching(suite, plain, publicKey);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static RecipientKey matching(Recipient.Suite suite, byte[] privateKey, byte[] publicKey) {
        if (privateKey.length != suite.kem().privateKeyLength()) {
            throw refused();
        }
        var opened = of(suite, privateKey);
        if (!MessageDigest.isEqual(opened.recipient.publicKey(), publicKey)) {
            opened.close();
            throw refused();
        }
        return opened;
    }

    private static byte[] context(byte[] header) {
        return Parts.lengthPrefixed("sotto-recipient-key".getBytes(US_ASCII), header);
    }

    private static byte[] derive(char[] passphrase, byte[] salt, int iterations) {
        var spec = new PBEKeySpec(passphrase, salt, iterations, Byte.SIZE * DataKey.LENGTH);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no PBKDF2WithHmacSHA256", absent);
        } finally {
            spec.clearPassword();
        }
    }

    private static RejectedException refused() {
        return new RejectedException(
                KeysError.RECIPIENT_KEY_REFUSED, "recipient key did not open: wrong passphrase or altered file");
    }

    /// Overwrites the key. Closing again does nothing.
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(privateKey, (byte) 0);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
