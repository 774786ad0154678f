package dev.sotto.guard;

/// When a rule applies, beyond what it matches on. Immutable, thread-safe, does not block. The expressions of later
/// policies go here.
@FunctionalInterface
public interface Condition {
    Condition ALWAYS = _ -> true;

    boolean holds(Act act);
}
