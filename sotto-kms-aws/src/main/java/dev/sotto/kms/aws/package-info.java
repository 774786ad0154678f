/// Root keys in AWS KMS.
@NullMarked
package dev.sotto.kms.aws;

import org.jspecify.annotations.NullMarked;
