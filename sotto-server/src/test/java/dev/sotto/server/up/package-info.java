@NullMarked
package dev.sotto.server.up;

import org.jspecify.annotations.NullMarked;
