/// A caller over Twilio Media Streams, for `sotto call`, the benchmarks and drills. It plays the carrier's part
/// only.
@NullMarked
package dev.sotto.server.call;

import org.jspecify.annotations.NullMarked;
