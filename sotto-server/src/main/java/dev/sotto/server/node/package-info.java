/// One node: its configuration, folders, secrets and certificates, and the order in which its parts start and stop.
@NullMarked
package dev.sotto.server.node;

import org.jspecify.annotations.NullMarked;
