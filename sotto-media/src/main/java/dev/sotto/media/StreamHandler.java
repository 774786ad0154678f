package dev.sotto.media;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One media stream: holds its messages to the order and the limits, has the desk check its token before any
/// audio is used, and passes on what the caller does. Belongs to one channel.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
final class StreamHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);
    private static final long FORCED_CLOSE_MILLIS = 1_000;
    /// How far a time stamp may be ahead of our clock: whoever places audio by it must not be made to fill hours.
    private static final long MAX_AHEAD_MILLIS = 60_000;

    /// Sent down the pipeline when the edge shuts down.
    enum Shutdown {
        NOW
    }

    private enum State {
        AWAITING_CONNECTED,
        AWAITING_START,
        /// The desk is asked; nothing is read meanwhile.
        CONNECTING,
        STREAMING,
        CLOSED
    }

    private final EdgeContext edge;
    private final ConnectionGate gate;
    private final String account;
    private final InboundMessage message = new InboundMessage();

    private State state = State.AWAITING_CONNECTED;
    private byte[] scratch = new byte[1_024];
    private String streamSid = "";
    private String callSid = "";
    private long lastSequence = InboundMessage.ABSENT;
    private long lastHeardOfPeer;
    private @Nullable TwilioLeg leg;
    private @Nullable LegListener listener;

    /// @param account the one whose secret signed the upgrade
    StreamHandler(EdgeContext edge, ConnectionGate gate, String account) {
        this.edge = edge;
        this.gate = gate;
        this.account = account;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        var limits = edge.config().limits();
        lastHeardOfPeer = edge.nanos().getAsLong();
        after(ctx, limits.startTimeout(), () -> {
            if (state == State.AWAITING_CONNECTED || state == State.AWAITING_START) {
                refuse(ctx, RefusalReason.START_TIMEOUT);
            }
        });
        after(ctx, limits.idleTimeout(), () -> checkIdle(ctx));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        try {
            if (state == State.CLOSED) {
                return;
            }
            lastHeardOfPeer = edge.nanos().getAsLong();
            switch (frame) {
                case TextWebSocketFrame text -> read(ctx, text.content());
                case FrameGate.Violation(RefusalReason reason) -> refuse(ctx, reason);
                case PingWebSocketFrame ping -> pong(ctx, ping);
                case PongWebSocketFrame _ -> {}
                case CloseWebSocketFrame _ -> end(ctx, CloseReason.PEER_CLOSED, WebSocketCloseStatus.NORMAL_CLOSURE);
                default -> refuse(ctx, RefusalReason.BAD_FRAME);
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf text) {
        int length = text.readableBytes();
        if (scratch.length < length) {
            scratch = new byte[Math.min(EdgeLimits.MAX_FRAME_BYTES, Integer.highestOneBit(length) << 1)];
        }
        text.getBytes(text.readerIndex(), scratch, 0, length);
        var against = message.read(scratch, length);
        if (against == null) {
            against = order();
        }
        if (against != null) {
            refuse(ctx, against);
            return;
        }
        try {
            take(ctx);
        } catch (RuntimeException failure) { // the listener's: this leg ends, the node goes on
            var failed = leg;
            if (failed != null) {
                failed.failed(failure);
            }
        }
    }

    /// Why the message may not come now, or null.
    private @Nullable RefusalReason order() {
        var awaited = state == State.AWAITING_CONNECTED || state == State.AWAITING_START;
        var against = switch (message.event) {
            case CONNECTED -> state == State.AWAITING_CONNECTED ? null : RefusalReason.REPEATED_CONNECTED;
            case START -> mayStart();
            case MEDIA, DTMF, MARK, STOP -> awaited ? RefusalReason.BEFORE_START : sameStream();
            case OTHER -> null;
        };
        if (against == null && message.sequence != InboundMessage.ABSENT) {
            if (message.sequence < lastSequence) {
                return RefusalReason.WRONG_SEQUENCE;
            }
            lastSequence = message.sequence;
        }
        return against;
    }

    private @Nullable RefusalReason mayStart() {
        if (state == State.AWAITING_CONNECTED) {
            return RefusalReason.START_BEFORE_CONNECTED;
        }
        if (state != State.AWAITING_START) {
            return RefusalReason.REPEATED_START;
        }
        if (!message.accountSid.equals(account)) {
            return RefusalReason.WRONG_ACCOUNT;
        }
        if (!message.formatGood) {
            return RefusalReason.WRONG_FORMAT;
        }
        if (!Sid.wellFormed(message.streamSid)
                || !(message.startStreamSid.isEmpty() || message.startStreamSid.equals(message.streamSid))) {
            return RefusalReason.WRONG_STREAM;
        }
        return null;
    }

    private @Nullable RefusalReason sameStream() {
        return message.streamSid.equals(streamSid) ? null : RefusalReason.WRONG_STREAM;
    }

    private void take(ChannelHandlerContext ctx) {
        switch (message.event) {
            case CONNECTED -> state = State.AWAITING_START;
            case START -> connect(ctx);
            case MEDIA -> media(ctx);
            case DTMF -> {
                if (message.fromCaller) {
                    listening().dtmf(message.digit);
                }
            }
            case MARK -> listening().mark(message.markName);
            case STOP -> end(ctx, CloseReason.STOPPED, WebSocketCloseStatus.NORMAL_CLOSURE);
            case OTHER -> {}
        }
    }

    private void media(ChannelHandlerContext ctx) {
        var streaming = leg;
        if (!message.fromCaller || streaming == null) {
            return;
        }
        if (message.timestampMillis > streaming.position().toMillis() + MAX_AHEAD_MILLIS) {
            refuse(ctx, RefusalReason.BAD_MESSAGE);
            return;
        }
        listening().audio(message.timestampMillis, message.payload);
    }

    private LegListener listening() {
        var accepted = listener;
        if (accepted == null) {
            throw new IllegalStateException("streaming without a listener");
        }
        return accepted;
    }

    private void connect(ChannelHandlerContext ctx) {
        streamSid = message.streamSid;
        callSid = message.callSid;
        state = State.CONNECTING;
        ctx.channel().config().setAutoRead(false);
        var asked =
                new TwilioLeg(edge.legs(), ctx.channel(), streamSid, reason -> end(ctx, reason, closeStatus(reason)));
        leg = asked;
        var start = new StreamStart(account, callSid, streamSid, message.parameters);
        edge.desk()
                .ask(
                        ctx.executor(),
                        MediaMetrics.DESK_CONNECT,
                        () -> edge.callDesk().connect(start, asked),
                        new DeskCalls.Outcome<>(
                                answer -> connected(ctx, asked, answer),
                                () -> unanswered(ctx),
                                late -> late.ifPresent(listener -> listener.closed(CloseReason.FAILED))));
    }

    private void connected(ChannelHandlerContext ctx, TwilioLeg asked, Optional<LegListener> answer) {
        if (answer.isEmpty()) {
            refuse(ctx, RefusalReason.BAD_TOKEN);
            return;
        }
        if (state != State.CONNECTING) { // closed meanwhile
            answer.get().closed(CloseReason.PEER_CLOSED);
            return;
        }
        state = State.STREAMING;
        listener = answer.get();
        gate.accepted();
        edge.legOpened();
        asked.accept(answer.get());
        LOG.atInfo()
                .addKeyValue("event", "media.leg.opened")
                .addKeyValue("callSid", callSid)
                .addKeyValue("streamSid", streamSid)
                .log("leg opened");
        ctx.channel().config().setAutoRead(true);
    }

    private void unanswered(ChannelHandlerContext ctx) {
        refuse(ctx, RefusalReason.DESK_UNAVAILABLE);
    }

    private void refuse(ChannelHandlerContext ctx, RefusalReason reason) {
        if (state == State.CLOSED) {
            return;
        }
        edge.refusals().report(new Refusal(reason, account, callSid, true));
        end(ctx, CloseReason.REFUSED, WebSocketCloseStatus.POLICY_VIOLATION);
    }

    private void end(ChannelHandlerContext ctx, CloseReason reason, WebSocketCloseStatus status) {
        if (state == State.CLOSED) {
            return;
        }
        boolean streamed = state == State.STREAMING;
        state = State.CLOSED;
        var ending = leg;
        if (ending != null) {
            ending.ended(reason);
        }
        if (streamed) {
            edge.legClosed();
            LOG.atInfo()
                    .addKeyValue("event", "media.leg.closed")
                    .addKeyValue("callSid", callSid)
                    .addKeyValue("reason", reason)
                    .log("leg closed");
        }
        if (ctx.channel().isActive()) {
            ctx.channel().config().setAutoRead(true); // so that the peer's closing is seen; what it sends is dropped
            ctx.writeAndFlush(new CloseWebSocketFrame(status)).addListener(ChannelFutureListener.CLOSE);
            ctx.executor()
                    .schedule(
                            () -> ctx.channel().unsafe().close(ctx.voidPromise()),
                            FORCED_CLOSE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    private static WebSocketCloseStatus closeStatus(CloseReason reason) {
        return switch (reason) {
            case STOPPED, PEER_CLOSED, LEG_CLOSED -> WebSocketCloseStatus.NORMAL_CLOSURE;
            case EDGE_CLOSED -> WebSocketCloseStatus.ENDPOINT_UNAVAILABLE;
            case REFUSED, IDLE, STALLED -> WebSocketCloseStatus.POLICY_VIOLATION;
            case FAILED -> WebSocketCloseStatus.INTERNAL_SERVER_ERROR;
        };
    }

    private void pong(ChannelHandlerContext ctx, PingWebSocketFrame ping) {
        if (ctx.channel().isWritable()) { // else the peer would have us hold its echoes
            ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
    }

    private void checkIdle(ChannelHandlerContext ctx) {
        if (state == State.CLOSED) {
            return;
        }
        long left =
                edge.config().limits().idleTimeout().toNanos() - (edge.nanos().getAsLong() - lastHeardOfPeer);
        if (left <= 0 && state != State.CONNECTING) {
            end(ctx, CloseReason.IDLE, WebSocketCloseStatus.POLICY_VIOLATION);
        } else {
            after(ctx, Duration.ofNanos(Math.max(left, 1_000_000)), () -> checkIdle(ctx));
        }
    }

    private static void after(ChannelHandlerContext ctx, Duration delay, Runnable task) {
        ctx.executor().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(ctx, CloseReason.PEER_CLOSED, WebSocketCloseStatus.NORMAL_CLOSURE);
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        var streaming = leg;
        if (streaming != null && ctx.channel().isWritable()) {
            edge.legs().clock().wake();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Shutdown.NOW) {
            end(ctx, CloseReason.EDGE_CLOSED, WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case TooLongFrameException _ -> refuse(ctx, RefusalReason.FRAME_TOO_LARGE);
            case CorruptedWebSocketFrameException corrupted ->
                refuse(
                        ctx,
                        corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)
                                ? RefusalReason.FRAME_TOO_LARGE
                                : RefusalReason.BAD_FRAME);
            case CorruptedFrameException _ -> refuse(ctx, RefusalReason.BAD_FRAME);
            case IOException _ -> ctx.close();
            default -> {
                LOG.atWarn()
                        .addKeyValue("event", "media.stream.failed")
                        .addKeyValue("failure", cause.getClass().getSimpleName())
                        .log("a stream failed");
                end(ctx, CloseReason.FAILED, WebSocketCloseStatus.INTERNAL_SERVER_ERROR);
            }
        }
    }
}
