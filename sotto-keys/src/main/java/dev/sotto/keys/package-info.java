/// The key hierarchy and everything sealed under it: key services, wrapped keys, sealing of fields and streams, blind
/// indexes. Byte layouts are in `docs/spec/sealing.md`.
@NullMarked
package dev.sotto.keys;

import org.jspecify.annotations.NullMarked;
