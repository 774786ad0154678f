@NullMarked
package dev.sotto.server.web;

import org.jspecify.annotations.NullMarked;
