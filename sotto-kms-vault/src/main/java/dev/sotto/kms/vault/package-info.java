/// Root keys in the Transit engine of HashiCorp Vault or OpenBao.
@NullMarked
package dev.sotto.kms.vault;

import org.jspecify.annotations.NullMarked;
