package dev.sotto.guard;

/// One word, number or mark of a text in its normal form, and where it stands in the original.
///
/// @param text a word in lower case; the digits of a number, spoken or written; the one character of a mark
/// @param start UTF-16 code units of the original, inclusive
/// @param end exclusive
/// @param gap whether white space stands before it
record Token(Kind kind, String text, int start, int end, boolean gap) {
    /// What a token is.
    enum Kind {
        WORD,
        /// A word with a capital first letter.
        NAME_WORD,
        /// Letters said one by one.
        SPELLED,
        /// Digits as they are written.
        WRITTEN,
        /// Digits from words.
        SPOKEN,
        /// A written or spoken number of an order, such as 14th.
        ORDINAL,
        MARK
    }

    boolean isNumber() {
        return kind == Kind.WRITTEN || kind == Kind.SPOKEN || kind == Kind.ORDINAL;
    }

    boolean isWord() {
        return kind == Kind.WORD || kind == Kind.NAME_WORD || kind == Kind.SPELLED;
    }

    boolean isWord(String word) {
        return isWord() && text.equals(word);
    }

    boolean isMark(char mark) {
        return kind == Kind.MARK && text.length() == 1 && text.charAt(0) == mark;
    }

    /// Its value; -1 for what is no number or has more than 9 digits.
    int value() {
        return isNumber() && text.length() <= 9 ? Integer.parseInt(text) : -1;
    }

    @Override
    public String toString() {
        return "Token[%s, %d, %d]".formatted(kind, start, end);
    }
}
