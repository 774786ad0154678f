@NullMarked
package dev.sotto.server.detect;

import org.jspecify.annotations.NullMarked;
