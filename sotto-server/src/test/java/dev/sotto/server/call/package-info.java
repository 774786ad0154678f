@NullMarked
package dev.sotto.server.call;

import org.jspecify.annotations.NullMarked;
