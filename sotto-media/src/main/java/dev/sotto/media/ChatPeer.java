package dev.sotto.media;

/// The socket of a visitor, as the desk holds it. Thread-safe, never blocks. After it closed its methods do nothing.
public interface ChatPeer {
    /// Sends a frame. A visitor who does not read is closed, and may resume.
    void send(ChatFrame frame);

    void close(Why why);

    /// Why a socket is closed, and its code in RFC 6455 section 7.4.
    enum Why {
        /// The chat is over.
        DONE(1000),
        /// The chat goes on on another socket.
        TAKEN_OVER(4001),
        /// Something it sent is against the protocol.
        AGAINST_PROTOCOL(1008),
        /// It sends more than it may.
        TOO_MUCH(1009),
        /// It did not read, or nothing was heard of it; it may resume.
        SILENT(1013),
        /// The node stops.
        NODE_STOPS(1001);

        private final int code;

        Why(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}
