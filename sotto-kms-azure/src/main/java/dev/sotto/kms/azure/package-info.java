/// Root keys in Azure Key Vault and Managed HSM.
@NullMarked
package dev.sotto.kms.azure;

import org.jspecify.annotations.NullMarked;
