@NullMarked
package dev.sotto.server.node;

import org.jspecify.annotations.NullMarked;
