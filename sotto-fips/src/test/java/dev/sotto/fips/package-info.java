/// Tests of the FIPS distribution.
@NullMarked
package dev.sotto.fips;

import org.jspecify.annotations.NullMarked;
