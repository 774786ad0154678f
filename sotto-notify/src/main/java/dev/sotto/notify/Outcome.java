package dev.sotto.notify;

/// What became of one attempt.
sealed interface Outcome {
    /// The other side took it.
    record Taken() implements Outcome {}

    /// It did not, or nobody knows.
    ///
    /// @param answer the number that the other side answered; 0 if it did not
    record Failed(NotifyError error, int answer) implements Outcome {
        Failed(NotifyError error) {
            this(error, 0);
        }

        /// As it is kept and shown.
        String code() {
            return answer == 0 ? error.name() : error.name() + " " + answer;
        }
    }
}
