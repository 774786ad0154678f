package dev.sotto.store;

/// How many identity attempts are allowed: in one call, and in an hour by subject, caller's number and tenant.
public record AttemptLimits(int perCall, int perSubject, int perCaller, int perTenant) {
    public AttemptLimits {
        if (perCall < 1 || perSubject < 1 || perCaller < 1 || perTenant < 1) {
            throw new IllegalArgumentException("attempt limits must be positive");
        }
    }

    public static AttemptLimits defaults() {
        return new AttemptLimits(3, 5, 10, 200);
    }
}
