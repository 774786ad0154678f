package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.server.node.ServerError;

/// The carrier account a call is placed under, and the secret its requests are signed with.
public record CarrierAccount(String sid, SensitiveText authToken) {
    public CarrierAccount {
        if (!sid.matches("AC[0-9a-f]{32}")) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "account sid must be AC and 32 lower-case hex digits");
        }
        if (authToken.isEmpty()) {
            throw new RejectedException(ServerError.ARGUMENT_INVALID, "auth token must not be empty");
        }
    }
}
