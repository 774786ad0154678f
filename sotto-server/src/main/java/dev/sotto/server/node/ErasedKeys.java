package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.audit.AuditExport;
import dev.sotto.audit.AuditSource;
import dev.sotto.audit.AuditVerifier;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.audit.Verification;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The ids of keys that were destroyed, as an audit log tells them: what a restore must not bring back.
/// Lines of an export (`docs/spec/audit-log.md`) are written to it. Not thread-safe.
final class ErasedKeys extends OutputStream {
    private static final int TYPE_AT = 41;
    private static final int MAX_LINE = 1 << 20;
    private static final String DESTROYED = "key.destroyed";
    private static final String KEY = "key/";
    private static final JsonMapper JSON = new JsonMapper();

    private final Set<UUID> ids = new HashSet<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private ErasedKeys() {}

    /// Of the log that is in the database; none if there is no log yet.
    static Set<UUID> of(DataSource reader, TrustedKeys keys) {
        var erased = new ErasedKeys();
        try {
            AuditExport.write(reader, keys, erased);
        } catch (RejectedException noLog) {
            return Set.of();
        }
        return erased.ids;
    }

    /// Of an export, which must be whole and signed by `keys`.
    ///
    /// @throws IntegrityException if it was altered
    static Set<UUID> of(Path export, TrustedKeys keys) {
        var erased = new ErasedKeys();
        if (!(new AuditVerifier().verify(AuditSource.fromExport(export), keys, Optional.empty())
                instanceof Verification.Intact)) {
            throw new IntegrityException(
                    ServerError.FILE_UNUSABLE,
                    "the audit export (%s) does not verify\nhint: ./sotto audit verify --file says where"
                            .formatted(export));
        }
        try {
            Files.copy(export, erased);
        } catch (IOException unreadable) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE, "the audit export (%s) cannot be read".formatted(export), unreadable);
        }
        return erased.ids;
    }

    @Override
    public void write(int one) throws IOException {
        if (one == '\n') {
            take(line.toByteArray());
            line.reset();
        } else if (line.size() >= MAX_LINE) {
            throw new IOException("a line of an audit export is too long");
        } else {
            line.write(one);
        }
    }

    private void take(byte[] text) throws IOException {
        try {
            JsonNode json = JSON.readTree(text);
            if (json.has("header") && json.has("body") && type(json).equals(DESTROYED)) {
                String resource =
                        JSON.readTree(decode(json, "body")).path("resource").asString("");
                if (resource.startsWith(KEY)) {
                    ids.add(UUID.fromString(resource.substring(KEY.length())));
                }
            }
        } catch (JacksonException | IllegalArgumentException malformed) {
            throw new IOException("a line of an audit export is malformed", malformed);
        }
    }

    private static String type(JsonNode json) {
        var header = ByteBuffer.wrap(decode(json, "header")).position(TYPE_AT);
        byte[] type = new byte[Math.min(Short.toUnsignedInt(header.getShort()), header.remaining())];
        header.get(type);
        return new String(type, US_ASCII);
    }

    private static byte[] decode(JsonNode json, String field) {
        return Base64.getDecoder().decode(json.path(field).asString(""));
    }
}
