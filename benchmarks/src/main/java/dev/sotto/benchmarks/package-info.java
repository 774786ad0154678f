/// One class for each claim about what a part costs.
@NullMarked
package dev.sotto.benchmarks;

import org.jspecify.annotations.NullMarked;
