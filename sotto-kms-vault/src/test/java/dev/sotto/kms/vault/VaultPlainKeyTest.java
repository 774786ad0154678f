package dev.sotto.kms.vault;

/// Under keys that are not derived: the context is associated data.
class VaultPlainKeyTest extends VaultKmsContract {
    @Override
    boolean derived() {
        return false;
    }
}
