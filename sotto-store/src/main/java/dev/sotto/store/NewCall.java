package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.HexFormat;

/// A call as the carrier offers it.
///
/// @param carrierCallId the carrier's own id of the call; taken once
/// @param from the caller's number as the carrier gave it; may be empty
/// @param mode how it is to be answered, such as `receptionist`
/// @param tokenHash SHA-256 of the one-time token that connects the stream, 64 lower-case hex digits
/// @param tokenExpires until when the token connects
public record NewCall(
        TenantId tenant,
        CallId id,
        String carrierCallId,
        SensitiveText from,
        String mode,
        String tokenHash,
        Instant tokenExpires,
        CallChannel channel) {
    public NewCall {
        requireNonNull(tenant, "tenant");
        requireNonNull(id, "id");
        Fields.text("carrierCallId", carrierCallId, 64);
        requireNonNull(from, "from");
        Fields.code("mode", mode);
        Fields.hash("tokenHash", HexFormat.of().parseHex(tokenHash));
        requireNonNull(tokenExpires, "tokenExpires");
        requireNonNull(channel, "channel");
    }

    /// A call for the built-in receptionist.
    ///
    /// @param tokenHash SHA-256 of the one-time token, 32 bytes
    public static NewCall receptionist(
            TenantId tenant,
            CallId id,
            String carrierCallId,
            SensitiveText from,
            byte[] tokenHash,
            Instant tokenExpires) {
        return new NewCall(
                tenant,
                id,
                carrierCallId,
                from,
                CallRecord.RECEPTIONIST,
                HexFormat.of().formatHex(tokenHash),
                tokenExpires,
                CallChannel.VOICE);
    }
}
