package dev.sotto.benchmarks.sealing;

import dev.sotto.core.CallId;
import dev.sotto.core.SealContext;
import dev.sotto.keys.KeysFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/// Sealed streams of Sotto: a key service with its rows in memory, the record key unwrapped.
final class SottoStream implements Contender {
    private final KeysFixture keys = new KeysFixture();
    private final SealContext context = KeysFixture.recording(keys.tenant(), new CallId(new UUID(3, 4)));

    @Override
    public String name() {
        return "sotto";
    }

    @Override
    public void seal(ByteBuffer plain, ByteBuffer sealed) throws IOException {
        var channel = BufferChannel.into(sealed);
        try (var writer = keys.service.streams().create(context, channel)) {
            writer.write(plain.duplicate());
            writer.finish();
        }
        sealed.flip();
    }

    @Override
    public void open(ByteBuffer sealed, ByteBuffer plain) throws IOException {
        plain.clear();
        try (var reader = keys.service.streams().open(context, BufferChannel.of(sealed))) {
            plain.limit((int) reader.size());
            reader.read(0, plain);
        }
        plain.flip();
    }

    @Override
    public void close() {
        keys.close();
    }
}
