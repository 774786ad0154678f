/// The HTTPS listener of a node: REST, pages, sign-in. The only package that knows Spring.
@NullMarked
package dev.sotto.server.web;

import org.jspecify.annotations.NullMarked;
