package dev.sotto.kms.vault;

/// Under derived keys: the context is what a key is derived from.
class VaultKmsTest extends VaultKmsContract {
    @Override
    boolean derived() {
        return true;
    }
}
