package dev.sotto.store;

/// What a member of staff may do.
public enum StaffRole {
    ADMIN,
    OPERATOR,
    AUDITOR
}
