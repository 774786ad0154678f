package dev.sotto.benchmarks.sealing;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// AES-256-GCM alone, a nonce that counts: no format, no commitment, no order of chunks. The floor.
final class RawGcm implements Contender {
    private static final int KIBIBYTE = 1024;
    private static final int TAG_BYTES = 16;
    private static final int NONCE_BYTES = 12;

    private final int chunkBytes;
    private final Cipher cipher;
    private final SecretKeySpec key;
    private final byte[] nonce = new byte[NONCE_BYTES];

    /// @param kibibytes of each chunk
    RawGcm(byte[] key, int kibibytes) throws GeneralSecurityException {
        this.chunkBytes = kibibytes * KIBIBYTE;
        this.key = new SecretKeySpec(key, "AES");
        this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    }

    @Override
    public String name() {
        return "AES-256-GCM alone, %d KiB".formatted(chunkBytes / KIBIBYTE);
    }

    @Override
    public void seal(ByteBuffer plain, ByteBuffer sealed) throws GeneralSecurityException {
        run(Cipher.ENCRYPT_MODE, plain.duplicate(), chunkBytes, sealed);
    }

    @Override
    public void open(ByteBuffer sealed, ByteBuffer plain) throws GeneralSecurityException {
        run(Cipher.DECRYPT_MODE, sealed.duplicate(), chunkBytes + TAG_BYTES, plain);
    }

    private void run(int mode, ByteBuffer in, int step, ByteBuffer out) throws GeneralSecurityException {
        out.clear();
        int end = in.limit();
        for (long number = 0; in.position() < end; number++) {
            ByteBuffer.wrap(nonce).putLong(number);
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            in.limit(Math.min(end, in.position() + step));
            cipher.doFinal(in, out);
        }
        out.flip();
    }
}
