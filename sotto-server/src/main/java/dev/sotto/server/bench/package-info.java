/// The figures behind `sotto bench`: each measured on a throwaway node, printed with its target.
@NullMarked
package dev.sotto.server.bench;

import org.jspecify.annotations.NullMarked;
