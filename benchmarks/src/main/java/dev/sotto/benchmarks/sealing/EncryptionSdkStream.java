package dev.sotto.benchmarks.sealing;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/// The AWS Encryption SDK for Java with key commitment, without signatures, in frames of its default size, under a raw
/// AES key: no network.
final class EncryptionSdkStream implements Contender {
    private static final int COPY_BYTES = 64 * 1024;

    private final AwsCrypto crypto = AwsCrypto.builder()
            .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
            .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
            .build();
    private final JceMasterKey key;
    private final byte[] copy = new byte[COPY_BYTES];

    EncryptionSdkStream(byte[] key) {
        this.key = JceMasterKey.getInstance(new SecretKeySpec(key, "AES"), "sotto", "benchmark", "AES/GCM/NoPadding");
    }

    @Override
    public String name() {
        return "AWS Encryption SDK with commitment";
    }

    @Override
    public void seal(ByteBuffer plain, ByteBuffer sealed) throws IOException {
        sealed.clear();
        try (var out = crypto.createEncryptingStream(key, new Sink(sealed), Map.of("purpose", "benchmark"))) {
            out.write(plain.array(), plain.arrayOffset() + plain.position(), plain.remaining());
        }
        sealed.flip();
    }

    @Override
    public void open(ByteBuffer sealed, ByteBuffer plain) throws IOException {
        plain.clear();
        try (var in = crypto.createDecryptingStream(key, new Source(sealed.duplicate()))) {
            for (int some = in.read(copy); some >= 0; some = in.read(copy)) {
                plain.put(copy, 0, some);
            }
        }
        plain.flip();
    }

    private static final class Sink extends OutputStream {
        private final ByteBuffer to;

        Sink(ByteBuffer to) {
            this.to = to;
        }

        @Override
        public void write(int octet) {
            to.put((byte) octet);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            to.put(bytes, offset, length);
        }
    }

    private static final class Source extends InputStream {
        private final ByteBuffer from;

        Source(ByteBuffer from) {
            this.from = from;
        }

        @Override
        public int read() {
            return from.hasRemaining() ? from.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            int some = Math.min(length, from.remaining());
            if (some == 0 && length > 0) {
                return -1;
            }
            from.get(bytes, offset, some);
            return some;
        }
    }
}
