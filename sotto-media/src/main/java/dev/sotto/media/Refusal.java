package dev.sotto.media;

import static java.util.Objects.requireNonNull;

/// One thing the edge refused. Sids are empty where they were not known, and are well-formed otherwise; they are
/// claims unless `authenticated`.
///
/// @param authenticated whether a valid signature of the account came with it
public record Refusal(RefusalReason reason, String accountSid, String callSid, boolean authenticated) {
    public Refusal {
        requireNonNull(reason, "reason");
        requireNonNull(accountSid, "accountSid");
        requireNonNull(callSid, "callSid");
    }
}
