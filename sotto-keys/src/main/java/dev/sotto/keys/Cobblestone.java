package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// One message of Cobblestone-256 (C2SP chunked-encryption): SHA-512 and AES-256-GCM, chunks of 16 KiB, the last one
/// shorter. Holds the key, base nonce and commitment of the message. Not thread-safe.
///
/// Sealing the same chunk number twice with different content would be fatal: only [SealedWriter] and [#sealMessage]
/// seal, each number once.
final class Cobblestone implements AutoCloseable {
    static final int KEY_LENGTH = 32;
    static final int SALT_LENGTH = 24;
    static final int COMMITMENT_LENGTH = 32;
    static final int PREFIX_LENGTH = SALT_LENGTH + COMMITMENT_LENGTH;
    static final int CHUNK_LENGTH = 16 * 1024;
    static final int TAG_LENGTH = 16;
    static final int SEALED_CHUNK_LENGTH = CHUNK_LENGTH + TAG_LENGTH;
    static final long MAX_CHUNKS = 1L << 38;

    private static final int NONCE_LENGTH = 12;
    /// Where the part of a nonce begins that a chunk number reaches.
    private static final int LOW = NONCE_LENGTH - Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int HASH_LENGTH = 64;
    private static final byte[] INFO = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".getBytes(US_ASCII);

    private final SecretKeySpec key;
    private final byte[] baseNonce;
    private final byte[] commitment;
    private final byte[] nonce;
    private final Cipher cipher;

    private Cobblestone(SecretKeySpec key, byte[] baseNonce, byte[] commitment) {
        this.key = key;
        this.baseNonce = baseNonce;
        this.nonce = baseNonce.clone();
        this.commitment = commitment;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no AES/GCM/NoPadding", absent);
        }
    }

    /// Derives the message of `salt` and `context` under `inputKey`, which stays the caller's.
    static Cobblestone derive(byte[] inputKey, byte[] salt, byte[] context) {
        if (inputKey.length != KEY_LENGTH || salt.length != SALT_LENGTH) {
            throw new IllegalArgumentException("input key and salt must have 32 and 24 bytes");
        }
        byte[] info = ByteBuffer.allocate(INFO.length + salt.length + context.length)
                .put(INFO)
                .put(salt)
                .put(context)
                .array();
        byte[] okm = expand(inputKey, info, KEY_LENGTH + NONCE_LENGTH + COMMITMENT_LENGTH);
        try {
            return new Cobblestone(
                    new SecretKeySpec(okm, 0, KEY_LENGTH, "AES"),
                    Arrays.copyOfRange(okm, KEY_LENGTH, KEY_LENGTH + NONCE_LENGTH),
                    Arrays.copyOfRange(okm, KEY_LENGTH + NONCE_LENGTH, okm.length));
        } finally {
            Arrays.fill(okm, (byte) 0);
        }
    }

    /// HKDF-Expand with SHA-512 (RFC 5869 section 2.3). The JDK's own refuses a pseudorandom key under 64 bytes.
    static byte[] expand(byte[] prk, byte[] info, int length) {
        if (length < 1 || length > 255 * HASH_LENGTH) {
            throw new IllegalArgumentException("length (%d) must be 1 to 255 hashes".formatted(length));
        }
        byte[] out = new byte[length];
        byte[] block = new byte[0];
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec(prk, "HmacSHA512"));
            for (int done = 0, counter = 1; done < length; done += HASH_LENGTH, counter++) {
                mac.update(block);
                mac.update(info);
                mac.update((byte) counter);
                Arrays.fill(block, (byte) 0);
                block = mac.doFinal();
                System.arraycopy(block, 0, out, done, Math.min(HASH_LENGTH, length - done));
            }
            return out;
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no HmacSHA512", absent);
        } finally {
            Arrays.fill(block, (byte) 0);
        }
    }

    /// Seals a whole message: salt, commitment, chunks.
    static byte[] sealMessage(byte[] inputKey, byte[] salt, byte[] context, byte[] plaintext) {
        byte[] out = new byte[Math.toIntExact(sealedLength(plaintext.length))];
        try (var message = derive(inputKey, salt, context)) {
            var to = ByteBuffer.wrap(out).put(salt).put(message.commitment);
            long chunk = 0;
            for (int at = 0; at <= plaintext.length; at += CHUNK_LENGTH) {
                message.seal(
                        chunk++, ByteBuffer.wrap(plaintext, at, Math.min(CHUNK_LENGTH, plaintext.length - at)), to);
            }
        }
        return out;
    }

    static byte[] sealMessage(byte[] inputKey, SecureRandom random, byte[] context, byte[] plaintext) {
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        return sealMessage(inputKey, salt, context, plaintext);
    }

    /// Opens a whole message.
    ///
    /// @throws SealedDataException if anything about it is wrong; no plaintext is given out
    static byte[] openMessage(byte[] inputKey, byte[] context, byte[] sealed) throws SealedDataException {
        long length = plainLength(sealed.length);
        byte[] plaintext = new byte[Math.toIntExact(length)];
        boolean whole = false;
        try (var message = derive(inputKey, Arrays.copyOf(sealed, SALT_LENGTH), context)) {
            message.check(Arrays.copyOfRange(sealed, SALT_LENGTH, PREFIX_LENGTH));
            var to = ByteBuffer.wrap(plaintext);
            long chunk = 0;
            for (int at = PREFIX_LENGTH; at < sealed.length; at += SEALED_CHUNK_LENGTH) {
                int size = Math.min(SEALED_CHUNK_LENGTH, sealed.length - at);
                message.open(chunk++, ByteBuffer.wrap(sealed, at, size), to);
            }
            whole = true;
            return plaintext;
        } finally {
            if (!whole) {
                Arrays.fill(plaintext, (byte) 0);
            }
        }
    }

    /// The length of the message of `plainLength` bytes.
    static long sealedLength(long plainLength) {
        return PREFIX_LENGTH + plainLength + (plainLength / CHUNK_LENGTH + 1) * TAG_LENGTH;
    }

    /// The length of what a message of `sealedLength` bytes holds.
    ///
    /// @throws SealedDataException if no message has that length
    static long plainLength(long sealedLength) throws SealedDataException {
        long body = sealedLength - PREFIX_LENGTH;
        if (body < 0) {
            throw new SealedDataException(SealedDataException.Cause.LENGTH);
        }
        long last = body % SEALED_CHUNK_LENGTH;
        if (last < TAG_LENGTH || body / SEALED_CHUNK_LENGTH >= MAX_CHUNKS) {
            throw new SealedDataException(SealedDataException.Cause.LENGTH);
        }
        return body / SEALED_CHUNK_LENGTH * CHUNK_LENGTH + last - TAG_LENGTH;
    }

    byte[] commitment() {
        return commitment.clone();
    }

    /// Compares the commitment found with the derived one, in constant time.
    void check(byte[] found) throws SealedDataException {
        if (!MessageDigest.isEqual(commitment, found)) {
            throw new SealedDataException(SealedDataException.Cause.COMMITMENT);
        }
    }

    /// Seals one chunk and its tag into `to`, whose position moves on.
    void seal(long chunk, ByteBuffer plaintext, ByteBuffer to) {
        if (plaintext.remaining() > CHUNK_LENGTH) {
            throw new IllegalArgumentException("a chunk must have at most 16384 bytes");
        }
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, nonce(chunk));
            cipher.doFinal(plaintext, to);
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the provider did not seal a chunk", broken);
        }
    }

    /// Opens one chunk with its tag into `to`, whose position moves on only if the chunk is authentic. Of one that is
    /// not, nothing stays in `to`, whatever the provider wrote there.
    void open(long chunk, ByteBuffer sealed, ByteBuffer to) throws SealedDataException {
        if (sealed.remaining() < TAG_LENGTH || sealed.remaining() > SEALED_CHUNK_LENGTH) {
            throw new SealedDataException(SealedDataException.Cause.LENGTH);
        }
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, nonce(chunk));
            cipher.doFinal(sealed, to);
        } catch (AEADBadTagException altered) {
            wipe(to, sealed.remaining() - TAG_LENGTH);
            throw new SealedDataException(SealedDataException.Cause.CHUNK);
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the provider did not open a chunk", broken);
        }
    }

    private GCMParameterSpec nonce(long chunk) {
        if (chunk < 0 || chunk >= MAX_CHUNKS) {
            throw new IllegalStateException("chunk (%d) must be below 2^38".formatted(chunk));
        }
        LONG.set(nonce, LOW, (long) LONG.get(baseNonce, LOW) ^ chunk);
        return new GCMParameterSpec(Byte.SIZE * TAG_LENGTH, nonce); // copies it
    }

    private static void wipe(ByteBuffer to, int length) {
        for (int at = to.position(); at < to.position() + length; at++) {
            to.put(at, (byte) 0);
        }
    }

    /// Forgets the base nonce. The key inside the JDK's own object cannot be overwritten.
    @Override
    public void close() {
        Arrays.fill(baseNonce, (byte) 0);
        Arrays.fill(nonce, (byte) 0);
    }
}
