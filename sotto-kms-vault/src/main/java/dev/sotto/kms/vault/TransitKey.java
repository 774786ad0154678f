package dev.sotto.kms.vault;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.KmsFailure;
import tools.jackson.databind.JsonNode;

/// What the server says of a key before it is used.
///
/// @param derived if each context has a key of its own, derived from this one
/// @param checkedAt when it was asked, in the time of the adapter's clock
record TransitKey(boolean derived, long checkedAt) {
    /// @throws RejectedException if the key could leave the server or be lost, or does not bind a context
    static TransitKey read(JsonNode data, String name, long now) throws KmsFailure {
        if (!VaultJson.text(data, "type").equals("aes256-gcm96")) {
            throw unfit(name, "must be of the type aes256-gcm96");
        }
        if (VaultJson.truth(data, "exportable")) {
            throw unfit(name, "must not be exportable");
        }
        if (VaultJson.truth(data, "allow_plaintext_backup")) {
            throw unfit(name, "must not allow a plaintext backup");
        }
        if (VaultJson.truth(data, "deletion_allowed")) {
            throw unfit(name, "must not allow deletion");
        }
        if (data.path("convergent_encryption").asBoolean(false)) {
            throw unfit(name, "must not be for convergent encryption");
        }
        return new TransitKey(VaultJson.truth(data, "derived"), now);
    }

    /// The field of a request that binds it to a context.
    String binding() {
        return derived ? "context" : "associated_data";
    }

    private static RejectedException unfit(String name, String rule) {
        return new RejectedException(VaultError.VAULT_KEY_UNFIT, "key (%s) %s".formatted(name, rule));
    }
}
