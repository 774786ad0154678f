/// Tells others: alerts by mail, and webhooks. Everything it sends was decided by the egress door and comes from the
/// store's outbox, so that it survives whatever happens on the way.
@NullMarked
package dev.sotto.notify;

import org.jspecify.annotations.NullMarked;
