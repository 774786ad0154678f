/// The guard: finds what may identify a person in text, decides by policy and register what may be sent to whom,
/// changes
/// it accordingly, and records the disclosure before a byte leaves.
@NullMarked
package dev.sotto.guard;

import org.jspecify.annotations.NullMarked;
