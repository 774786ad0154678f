package dev.sotto.media;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Base64;

/// Writes our messages as whole WebSocket text frames (RFC 6455 section 5.2: final, unmasked, as a server's are),
/// so that a packet costs one pooled buffer and no objects. Not thread-safe.
final class StreamWriter {
    private static final int FINAL_TEXT = 0x81;
    private static final int TWO_BYTE_LENGTH = 126;
    private static final int HEADER_BYTES = 4;
    private static final byte[] MEDIA_END = "\"}}".getBytes(US_ASCII);

    private final byte[] mediaStart;
    private final byte[] markStart;
    private final byte[] clear;
    private final byte[] base64 = new byte[(OutboundAudio.FRAME_BYTES + 2) / 3 * 4];

    /// @param streamSid well-formed, so it needs no escaping
    StreamWriter(String streamSid) {
        String sid = "\",\"streamSid\":\"" + streamSid + "\"";
        mediaStart = ("{\"event\":\"media" + sid + ",\"media\":{\"payload\":\"").getBytes(US_ASCII);
        markStart = ("{\"event\":\"mark" + sid + ",\"mark\":{\"name\":\"").getBytes(US_ASCII);
        clear = ("{\"event\":\"clear" + sid + "}").getBytes(US_ASCII);
    }

    /// A frame of 160 bytes.
    ByteBuf media(ByteBufAllocator allocator, byte[] frame) {
        int length = Base64.getEncoder().encode(frame, base64);
        var out = begin(allocator, mediaStart.length + length + MEDIA_END.length);
        return out.writeBytes(mediaStart).writeBytes(base64, 0, length).writeBytes(MEDIA_END);
    }

    /// @param name printable ASCII
    ByteBuf mark(ByteBufAllocator allocator, String name) {
        byte[] escaped = name.replace("\\", "\\\\").replace("\"", "\\\"").getBytes(US_ASCII);
        var out = begin(allocator, markStart.length + escaped.length + MEDIA_END.length);
        return out.writeBytes(markStart).writeBytes(escaped).writeBytes(MEDIA_END);
    }

    ByteBuf clear(ByteBufAllocator allocator) {
        return begin(allocator, clear.length).writeBytes(clear);
    }

    private static ByteBuf begin(ByteBufAllocator allocator, int length) {
        var out = allocator.directBuffer(HEADER_BYTES + length).writeByte(FINAL_TEXT);
        return length < TWO_BYTE_LENGTH
                ? out.writeByte(length)
                : out.writeByte(TWO_BYTE_LENGTH).writeShort(length);
    }
}
