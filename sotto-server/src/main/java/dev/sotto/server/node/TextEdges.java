package dev.sotto.server.node;

import java.time.Duration;
import java.util.List;

/// How this node takes calls in text.
///
/// @param chat when the page for visitors is served
/// @param maxChats how many chats may be open, or about to
/// @param maxChatsPerAddress of those, from one address
/// @param resume how long a chat waits for a visitor whose socket was lost
/// @param idle how long the agent waits before it asks whether the visitor is there
/// @param longest how long a chat may be
/// @param relay whether Twilio transcribes and speaks, so that calls by telephone come as text too
public record TextEdges(
        Served chat,
        int maxChats,
        int maxChatsPerAddress,
        Duration resume,
        Duration idle,
        Duration longest,
        boolean relay) {
    /// When the page is served.
    public enum Served {
        ON,
        OFF,
        /// In a demo only.
        DEMO
    }

    static TextEdges read(ConfigReader reader) {
        return new TextEdges(
                switch (reader.choice("chat.mode", "demo", List.of("on", "off", "demo"))) {
                    case "on" -> Served.ON;
                    case "off" -> Served.OFF;
                    default -> Served.DEMO;
                },
                reader.integer("chat.max-chats", 100, 1, 2_000),
                reader.integer("chat.max-chats-per-address", 5, 1, 2_000),
                reader.duration("chat.resume", Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofMinutes(10)),
                reader.duration("chat.idle", Duration.ofMinutes(2), Duration.ofSeconds(20), Duration.ofMinutes(30)),
                reader.duration("chat.longest", Duration.ofMinutes(30), Duration.ofMinutes(1), Duration.ofHours(4)),
                reader.choice("twilio.mode", "stream", List.of("stream", "relay"))
                        .equals("relay"));
    }

    boolean served(boolean demo) {
        return switch (chat) {
            case ON -> true;
            case OFF -> false;
            case DEMO -> demo;
        };
    }
}
