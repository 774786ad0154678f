package dev.sotto.guard;

/// A rule that ties the digits of a number together.
public enum Checksum {
    /// ISO/IEC 7812-1, annex B: payment cards.
    LUHN;

    /// Whether `digits`, ASCII digits only, keep the rule.
    boolean holds(String digits) {
        int sum = 0;
        boolean twice = false;
        for (int i = digits.length() - 1; i >= 0; i--) {
            int digit = digits.charAt(i) - '0';
            if (twice) {
                digit = digit > 4 ? digit * 2 - 9 : digit * 2;
            }
            sum += digit;
            twice = !twice;
        }
        return sum % 10 == 0;
    }
}
