package dev.sotto.core;

/// Where an event now stands in the audit log.
///
/// @param logId the log it was written to
/// @param sequence its place there, from zero
public record AuditReceipt(String logId, long sequence) {}
