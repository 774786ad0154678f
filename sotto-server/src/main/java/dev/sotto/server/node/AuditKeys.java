package dev.sotto.server.node;

import dev.sotto.audit.CheckpointKeys;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.keys.KeyService;
import java.nio.file.Files;
import java.util.Arrays;

/// The keys that sign the audit log: private ones sealed in the data directory, public ones in the state directory,
/// where who verifies takes them from.
final class AuditKeys {
    private AuditKeys() {}

    /// The name of the log of `data`, in its checkpoints.
    static String origin(DataDirectory data) {
        return "sotto.local/audit/" + data.nodeId();
    }

    /// Opens the keys, or makes them at the first start.
    ///
    /// @throws IntegrityException if they are not the ones that are trusted here
    static CheckpointKeys open(DataDirectory data, StateDirectory state, KeyService keys) {
        var context = new SealContext(
                TenantId.OPERATOR,
                DataClass.CREDENTIAL,
                new KeyOwner.OfTenant(TenantId.OPERATOR),
                "checkpoint-key",
                data.nodeId(),
                "private",
                0);
        CheckpointKeys opened;
        if (Files.exists(data.checkpointKey())) {
            byte[] encoded = keys.sealer().open(context, PrivateFiles.read(data.checkpointKey()));
            opened = CheckpointKeys.decode(encoded);
            Arrays.fill(encoded, (byte) 0);
        } else {
            opened = CryptoProvider.isFips()
                    ? CheckpointKeys.generateClassical(origin(data))
                    : CheckpointKeys.generate(origin(data));
            byte[] encoded = opened.encodePrivate();
            PrivateFiles.write(data.checkpointKey(), keys.sealer().seal(context, encoded));
            Arrays.fill(encoded, (byte) 0);
        }
        trust(state, opened.publicKeys());
        return opened;
    }

    private static void trust(StateDirectory state, TrustedKeys ours) {
        if (!Files.exists(state.trustedAuditKeys())) {
            ours.write(state.trustedAuditKeys());
        } else if (!TrustedKeys.read(state.trustedAuditKeys()).vkeys().containsAll(ours.vkeys())) {
            throw new IntegrityException(
                    ServerError.DATA_MISMATCH,
                    "the keys that sign the audit log are not those trusted in %s\n".formatted(state.trustedAuditKeys())
                            + "hint: this data directory belongs to another state directory, or was exchanged");
        }
    }
}
