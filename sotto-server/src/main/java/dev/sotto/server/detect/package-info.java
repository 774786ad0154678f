/// Reads turns line by line and tells what in them may identify a person, for `sotto detect` and `sotto redact`.
@NullMarked
package dev.sotto.server.detect;

import org.jspecify.annotations.NullMarked;
