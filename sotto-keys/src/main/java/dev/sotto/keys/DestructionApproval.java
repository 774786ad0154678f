package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;

/// One person's signed consent to one request to destroy: Ed25519 (RFC 8032) over [DestructionRequest#signedBytes()].
/// Immutable.
public final class DestructionApproval {
    private static final String ALGORITHM = "Ed25519";

    private final ActorId approver;
    private final byte[] signature;

    private DestructionApproval(ActorId approver, byte[] signature) {
        this.approver = requireNonNull(approver, "approver");
        this.signature = signature.clone();
    }

    /// What somebody signed elsewhere.
    public static DestructionApproval of(ActorId approver, byte[] signature) {
        return new DestructionApproval(approver, signature);
    }

    /// Signs `request` in the name of `approver`.
    ///
    /// @throws IllegalArgumentException if the key is none for Ed25519
    public static DestructionApproval sign(DestructionRequest request, ActorId approver, PrivateKey key) {
        try {
            var signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(request.signedBytes());
            return new DestructionApproval(approver, signer.sign());
        } catch (GeneralSecurityException unusable) {
            throw new IllegalArgumentException("the key must be for Ed25519", unusable);
        }
    }

    public ActorId approver() {
        return approver;
    }

    /// A copy of the signature.
    public byte[] signature() {
        return signature.clone();
    }

    /// Whether `key`'s owner signed `request`. False for anything malformed.
    public boolean verifies(DestructionRequest request, PublicKey key) {
        try {
            var verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(request.signedBytes());
            return verifier.verify(signature);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DestructionApproval that
                && approver.equals(that.approver)
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return 31 * approver.hashCode() + Arrays.hashCode(signature);
    }

    @Override
    public String toString() {
        return "approval of " + approver + " " + Base64.getEncoder().encodeToString(signature);
    }
}
