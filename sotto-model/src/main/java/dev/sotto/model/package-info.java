/// Clients of other people's models: language, transcription, speech and realtime sessions, by base URL. Text is sent
/// only as the guard allowed it and audio only under an open passage: the types leave no other way.
@NullMarked
package dev.sotto.model;

import org.jspecify.annotations.NullMarked;
