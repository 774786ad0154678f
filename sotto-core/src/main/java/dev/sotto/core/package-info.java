/// What two or more modules share: ids, data classes, secrets that do not print, failures, and the contracts that
/// cross floors. Nothing here depends on another module.
@NullMarked
package dev.sotto.core;

import org.jspecify.annotations.NullMarked;
