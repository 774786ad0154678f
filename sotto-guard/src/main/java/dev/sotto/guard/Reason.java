package dev.sotto.guard;

import java.util.Locale;
import java.util.stream.Stream;

/// Why the guard denies where no rule of the policy does. The code stands in place of a rule's id, so no rule may have
/// it.
enum Reason {
    MALFORMED_REQUEST,
    UNKNOWN_DESTINATION,
    CLASS_NOT_LISTED,
    PURPOSE_NOT_LISTED,
    AGREEMENT_NOT_ACTIVE,
    NO_RULE,
    TEXT_TOO_LONG,
    DETECTOR_LATE,
    DETECTOR_FAILED,
    AUDIT_UNAVAILABLE;

    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static boolean isOutOfPolicy(String code) {
        return Stream.of(UNKNOWN_DESTINATION, CLASS_NOT_LISTED, PURPOSE_NOT_LISTED, AGREEMENT_NOT_ACTIVE, NO_RULE)
                .anyMatch(reason -> reason.code().equals(code));
    }

    static boolean isCode(String text) {
        for (Reason reason : values()) {
            if (reason.code().equals(text)) {
                return true;
            }
        }
        return false;
    }
}
