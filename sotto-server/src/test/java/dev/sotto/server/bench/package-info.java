@NullMarked
package dev.sotto.server.bench;

import org.jspecify.annotations.NullMarked;
