package dev.sotto.media;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.function.LongSupplier;

/// Counts every frame, control frames and fragments too, against the rate a stream may have, and stops binary
/// ones. Belongs to one channel.
final class FrameGate extends ChannelInboundHandlerAdapter {
    private static final int BURST_SECONDS = 5;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /// Passed on in place of a frame that is refused.
    record Violation(RefusalReason reason) {}

    private final long costNanos;
    private final long burstNanos;
    private final LongSupplier nanos;
    /// The moment up to which the allowance is used; never further back than a burst.
    private long usedUntil;
    private boolean closed;

    FrameGate(int perSecond, LongSupplier nanos) {
        this.costNanos = NANOS_PER_SECOND / perSecond;
        this.burstNanos = BURST_SECONDS * NANOS_PER_SECOND;
        this.nanos = nanos;
        this.usedUntil = nanos.getAsLong() - burstNanos;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closed || !(message instanceof WebSocketFrame frame)) {
            ReferenceCountUtil.release(message);
        } else if (!allowed()) {
            refuse(ctx, frame, RefusalReason.TOO_MANY_MESSAGES);
        } else if (frame instanceof BinaryWebSocketFrame) {
            refuse(ctx, frame, RefusalReason.BINARY_FRAME);
        } else {
            ctx.fireChannelRead(frame);
        }
    }

    private void refuse(ChannelHandlerContext ctx, WebSocketFrame frame, RefusalReason reason) {
        frame.release();
        closed = true;
        ctx.fireChannelRead(new Violation(reason));
    }

    private boolean allowed() {
        long now = nanos.getAsLong();
        if (now - usedUntil > burstNanos) {
            usedUntil = now - burstNanos;
        }
        if (usedUntil - now > 0) {
            return false;
        }
        usedUntil += costNanos;
        return true;
    }
}
