package dev.sotto.guard;

/// Where something stands in a text: UTF-16 code units, `start` inclusive, `end` exclusive, never empty.
public record Span(int start, int end) {
    public Span {
        if (start < 0 || end <= start) {
            throw new IllegalArgumentException("span (%d, %d) must not be empty or negative".formatted(start, end));
        }
    }

    public int length() {
        return end - start;
    }

    public boolean overlaps(Span other) {
        return start < other.end && other.start < end;
    }

    /// The smallest span that holds both.
    Span union(Span other) {
        return new Span(Math.min(start, other.start), Math.max(end, other.end));
    }
}
