package dev.sotto.store;

/// How far the work after a call has come.
public enum WrapUpState {
    /// It is to be done, or being done.
    PENDING,
    /// Everything that is wanted was made.
    DONE,
    /// Nothing was wanted.
    OFF,
    /// It was tried too often.
    FAILED
}
