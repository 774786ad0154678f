package dev.sotto.agent;

/// Something the agent says in one go: a phrase of the shipped voice, or a piece of what a model says.
sealed interface Utterance permits Phrase, Spoken {}
