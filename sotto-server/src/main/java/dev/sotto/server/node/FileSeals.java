package dev.sotto.server.node;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.SealedReader;
import dev.sotto.keys.SealedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/// Seals and opens files of operators, for tests and drills. What calls and records are sealed as does not open here.
/// Thread-safe. Channels stay the caller's.
public record FileSeals(KeyService keys, AuditSink audit) {
    private static final int BUFFER = 64 * 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /// What binds a sealed file to its place: the same opens it.
    public record Place(TenantId tenant, DataClass dataClass, String name) {
        public Place {
            if (!NAME.matcher(name).matches()) {
                throw new RejectedException(
                        ServerError.ARGUMENT_INVALID,
                        "name must be 1 to 64 letters, digits, dots, hyphens or underscores");
            }
        }

        /// The operator's, class backup, name `file`, as far as nothing else is given.
        public static Place of(Optional<String> tenant, Optional<String> dataClass, Optional<String> name) {
            return new Place(
                    tenant.map(TenantId::parse).orElse(TenantId.OPERATOR),
                    dataClass.map(DataClass::ofCode).orElse(DataClass.BACKUP),
                    name.orElse("file"));
        }

        private SealContext context() {
            return new SealContext(tenant, dataClass, new KeyOwner.OfTenant(tenant), "file", name, "content", 0);
        }
    }

    /// Seals all of `from`. Audited `file.sealed` before the first byte.
    public void seal(Place place, ReadableByteChannel from, WritableByteChannel to, ActorId by) throws IOException {
        record("file.sealed", place, by);
        var buffer = ByteBuffer.allocate(BUFFER);
        try (SealedWriter writer = keys.streams().create(place.context(), to)) {
            while (from.read(buffer) >= 0) {
                writer.write(buffer.flip());
                buffer.clear();
            }
            writer.finish();
        } finally {
            Arrays.fill(buffer.array(), (byte) 0);
        }
    }

    /// Opens all of `from`. Audited `file.opened` before the first byte.
    ///
    /// @throws IntegrityException if it was not sealed for that place, or was altered; some of it may be out then
    public void open(Place place, SeekableByteChannel from, WritableByteChannel to, ActorId by) throws IOException {
        open(place, from, to, by, _ -> {});
    }

    /// As [#open(Place, SeekableByteChannel, WritableByteChannel, ActorId)].
    ///
    /// @param size is told how many bytes there are, once that is certain and before the first one
    public void open(Place place, SeekableByteChannel from, WritableByteChannel to, ActorId by, LongConsumer size)
            throws IOException {
        record("file.opened", place, by);
        var buffer = ByteBuffer.allocate(BUFFER);
        try (SealedReader reader = keys.streams().open(place.context(), from)) {
            size.accept(reader.size());
            for (long position = 0; position < reader.size(); ) {
                int count = reader.read(position, buffer.clear());
                if (count <= 0) {
                    throw new IntegrityException(ServerError.FILE_UNUSABLE, "the sealed file is shorter than it says");
                }
                position += count;
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        } finally {
            Arrays.fill(buffer.array(), (byte) 0);
        }
    }

    private void record(String type, Place place, ActorId by) {
        audit.append(AuditEvent.of(type, by)
                .tenant(place.tenant())
                .resource("file", place.name())
                .detail("class", place.dataClass().code())
                .build());
    }
}
