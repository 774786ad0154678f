/// Root keys in Google Cloud KMS.
@NullMarked
package dev.sotto.kms.gcp;

import org.jspecify.annotations.NullMarked;
