/// A whole running node: what `sotto up` starts, and the benchmarks and tests too.
@NullMarked
package dev.sotto.server.up;

import org.jspecify.annotations.NullMarked;
