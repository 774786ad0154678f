/// The call loop, the built-in receptionist, its tools and the identity gate, and the recorder. Never seals: hands text
/// and audio to the store.
@NullMarked
package dev.sotto.agent;

import org.jspecify.annotations.NullMarked;
