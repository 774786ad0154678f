/// What sealing costs, beside what others take for the same bytes: the figures of `./sotto bench sealing`.
@NullMarked
package dev.sotto.benchmarks.sealing;

import org.jspecify.annotations.NullMarked;
