/// The `sotto` program: its command line, and the one place that knows every module and wires them by hand.
@NullMarked
package dev.sotto.server;

import org.jspecify.annotations.NullMarked;
