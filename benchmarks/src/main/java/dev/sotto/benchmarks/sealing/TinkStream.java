package dev.sotto.benchmarks.sealing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/// Google's Tink: StreamingAead, AES-256-GCM-HKDF in segments of 64 KiB, by the same provider.
final class TinkStream implements Contender {
    private static final int SEGMENT_BYTES = 64 * 1024;
    private static final int KEY_BYTES = 32;
    private static final byte[] ASSOCIATED = "sotto/benchmark".getBytes(US_ASCII);

    private final StreamingAead aead;

    TinkStream() throws GeneralSecurityException {
        StreamingAeadConfig.register();
        var parameters = AesGcmHkdfStreamingParameters.builder()
                .setKeySizeBytes(KEY_BYTES)
                .setDerivedAesGcmKeySizeBytes(KEY_BYTES)
                .setHkdfHashType(AesGcmHkdfStreamingParameters.HashType.SHA256)
                .setCiphertextSegmentSizeBytes(SEGMENT_BYTES)
                .build();
        aead = KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.generateEntryFromParameters(parameters)
                        .withRandomId()
                        .makePrimary())
                .build()
                .getPrimitive(RegistryConfiguration.get(), StreamingAead.class);
    }

    @Override
    public String name() {
        return "Tink StreamingAead, 64 KiB segments";
    }

    @Override
    public void seal(ByteBuffer plain, ByteBuffer sealed) throws IOException, GeneralSecurityException {
        try (var channel = aead.newEncryptingChannel(BufferChannel.into(sealed), ASSOCIATED)) {
            var in = plain.duplicate();
            while (in.hasRemaining()) {
                channel.write(in);
            }
        }
        sealed.flip();
    }

    @Override
    public void open(ByteBuffer sealed, ByteBuffer plain) throws IOException, GeneralSecurityException {
        plain.clear();
        try (var channel = aead.newDecryptingChannel(BufferChannel.of(sealed), ASSOCIATED)) {
            while (plain.hasRemaining() && channel.read(plain) >= 0) {
                // until all is there; what is missing shows when both are compared
            }
        }
        plain.flip();
    }
}
