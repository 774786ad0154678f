package dev.sotto.store;

import dev.sotto.core.DataClass;

/// What is made of a call once it ended.
public enum InsightKind {
    /// What it was about, in words.
    SUMMARY(DataClass.SUMMARY),
    /// How the caller felt and how promising the call was, in numbers.
    ANALYTICS(DataClass.ANALYTICS);

    private final DataClass dataClass;

    InsightKind(DataClass dataClass) {
        this.dataClass = dataClass;
    }

    /// The class under whose key it is sealed.
    public DataClass dataClass() {
        return dataClass;
    }
}
