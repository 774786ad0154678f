/// Where calls are kept: an embedded PostgreSQL, its schema and rows, and the sealed objects beside it. Every
/// write and every read of protected content is audited here, before it happens.
@NullMarked
package dev.sotto.store;

import org.jspecify.annotations.NullMarked;
