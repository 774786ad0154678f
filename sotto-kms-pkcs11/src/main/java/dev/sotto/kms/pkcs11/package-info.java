/// Root keys in a hardware security module, reached over PKCS #11.
@NullMarked
package dev.sotto.kms.pkcs11;

import org.jspecify.annotations.NullMarked;
