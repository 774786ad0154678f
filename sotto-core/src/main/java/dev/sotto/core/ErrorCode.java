package dev.sotto.core;

/// Why a failure happened. Each module has one enum of these; a code is documented, counted and never renamed.
public interface ErrorCode {
    String name();
}
