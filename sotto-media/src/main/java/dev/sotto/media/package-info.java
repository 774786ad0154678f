/// Telephony media: Twilio voice webhooks and Media Streams, paced outbound audio, G.711, speech detection and WAV.
@NullMarked
package dev.sotto.media;

import org.jspecify.annotations.NullMarked;
