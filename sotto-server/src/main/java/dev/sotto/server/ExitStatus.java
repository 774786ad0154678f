package dev.sotto.server;

import dev.sotto.core.BugException;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.LimitedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;

/// What the command line ends with. Scripts depend on these numbers.
final class ExitStatus {
    static final int DONE = 0;
    static final int NEGATIVE = 1;
    static final int WRONG_USE = 2;
    static final int NOT_NOW = 3;

    private ExitStatus() {}

    static int of(SottoException failure) {
        return switch (failure) {
            case RejectedException _, NotFoundException _ -> WRONG_USE;
            case DeniedException _, IntegrityException _, BugException _ -> NEGATIVE;
            case ConflictException _, LimitedException _, UnavailableException _ -> NOT_NOW;
        };
    }
}
