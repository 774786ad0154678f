package dev.sotto.media;

import java.time.Duration;

/// How late outbound frames reached the socket, against the moment each was due. Quantiles are upper bounds,
/// exact to 1/16 of their value.
///
/// @param frames how many were measured
/// @param shifted how many of them were so late that they lost their slot and left a gap
public record Lateness(long frames, long shifted, Duration p50, Duration p99, Duration max) {}
