package dev.sotto.testkit;

import dev.sotto.core.ErrorCode;

/// Why a fake failed.
public enum TestkitError implements ErrorCode {
    /// A test told the fake to be down.
    FAKE_IS_DOWN
}
