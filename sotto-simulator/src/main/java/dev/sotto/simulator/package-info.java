/// Simulators of other people's services: an OpenAI-compatible model endpoint with its Realtime WebSocket, a webhook
/// receiver and a mail receiver. They play written scenes, run in this process on loopback, and say in every answer
/// that
/// they are simulators.
@NullMarked
package dev.sotto.simulator;

import org.jspecify.annotations.NullMarked;
