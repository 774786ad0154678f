/// Whole nodes under faults and attacks: real database, real TLS, the real carrier protocol.
@org.jspecify.annotations.NullMarked
package dev.sotto.server.faults;
