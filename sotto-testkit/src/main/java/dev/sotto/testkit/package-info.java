/// Fakes of the core contracts that can fail on demand, known-answer vectors, random samples and the leak search.
@NullMarked
package dev.sotto.testkit;

import org.jspecify.annotations.NullMarked;
