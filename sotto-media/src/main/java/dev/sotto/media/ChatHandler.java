package dev.sotto.media;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
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
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The socket of one visitor, whose token the desk has accepted. Belongs to one channel.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
final class ChatHandler extends ChannelInboundHandlerAdapter implements ChatPeer {
    private static final Logger LOG = LoggerFactory.getLogger(ChatHandler.class);
    private static final long FORCED_CLOSE_MILLIS = 1_000;
    private static final Duration PING_EVERY = Duration.ofSeconds(20);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(70);

    private final ChatEdge edge;
    private final ConnectionGate gate;
    private final ChatListener listener;
    private final long seen;
    private ChannelHandlerContext ctx;
    private boolean closed;
    private long lastHeardOfPeer;

    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded
    ChatHandler(ChatEdge edge, ConnectionGate gate, ChatListener listener, long seen) {
        this.edge = edge;
        this.gate = gate;
        this.listener = listener;
        this.seen = seen;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        lastHeardOfPeer = edge.nanos().getAsLong();
        gate.accepted();
        edge.opened();
        listener.opened(this, seen);
        ctx.executor().schedule(this::ping, PING_EVERY.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void ping() {
        if (closed) {
            return;
        }
        if (edge.nanos().getAsLong() - lastHeardOfPeer > LONGEST_SILENCE.toNanos()) {
            end(Why.SILENT);
            return;
        }
        if (ctx.channel().isWritable()) {
            ctx.writeAndFlush(new PingWebSocketFrame());
        }
        ctx.executor().schedule(this::ping, PING_EVERY.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        try {
            if (closed) {
                return;
            }
            lastHeardOfPeer = edge.nanos().getAsLong();
            switch (frame) {
                case TextWebSocketFrame text -> read(text.content());
                case FrameGate.Violation(RefusalReason reason) -> refuse(reason, Why.TOO_MUCH);
                case PingWebSocketFrame ping -> {
                    if (ctx.channel().isWritable()) {
                        ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
                    }
                }
                case PongWebSocketFrame _ -> {}
                case CloseWebSocketFrame _ -> end(Why.DONE);
                default -> refuse(RefusalReason.BAD_FRAME, Why.AGAINST_PROTOCOL);
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void read(ByteBuf text) {
        byte[] bytes = ByteBufUtil.getBytes(text);
        Optional<ChatWire.Message> message = ChatWire.read(bytes, bytes.length);
        if (message.isEmpty()) {
            write(new ChatFrame.NotTaken(ChatFrame.Fault.BAD_MESSAGE, ""));
            refuse(RefusalReason.BAD_MESSAGE, Why.AGAINST_PROTOCOL);
            return;
        }
        try {
            switch (message.get()) {
                case ChatWire.Message.Text(String id, var words) -> listener.message(id, words);
                case ChatWire.Message.TooLong(String id) ->
                    write(new ChatFrame.NotTaken(ChatFrame.Fault.TEXT_TOO_LONG, id));
                case ChatWire.Message.End() -> listener.end();
            }
        } catch (RuntimeException failure) { // the listener's: this socket ends, the node goes on
            failed(failure);
        }
    }

    private void failed(RuntimeException failure) {
        edge.meter().count(MediaMetrics.CALLBACK_FAILED);
        LOG.atWarn()
                .addKeyValue("event", "media.chat.failed")
                .addKeyValue("failure", failure.getClass().getSimpleName())
                .log("a chat's listener failed");
        end(Why.SILENT);
    }

    @Override
    public void send(ChatFrame frame) {
        onLoop(() -> {
            if (!closed && !ctx.channel().isWritable()) {
                end(Why.SILENT);
            }
            write(frame);
        });
    }

    private void write(ChatFrame frame) {
        if (!closed) {
            ctx.writeAndFlush(new TextWebSocketFrame(ChatWire.write(frame)));
        }
    }

    @Override
    public void close(Why why) {
        onLoop(() -> end(why));
    }

    private void onLoop(Runnable task) {
        try {
            ctx.executor().execute(task);
        } catch (RejectedExecutionException stopped) {
            edge.meter().count(MediaMetrics.CHAT_UNSENT);
        }
    }

    private void refuse(RefusalReason reason, Why why) {
        if (!closed) {
            edge.refusals().report(reason);
            end(why);
        }
    }

    private void end(Why why) {
        if (closed) {
            return;
        }
        closed = true;
        edge.closed();
        listener.closed(this);
        if (ctx.channel().isActive()) {
            ctx.writeAndFlush(new CloseWebSocketFrame(why.code(), "")).addListener(ChannelFutureListener.CLOSE);
            ctx.executor()
                    .schedule(
                            () -> ctx.channel().unsafe().close(ctx.voidPromise()),
                            FORCED_CLOSE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(Why.DONE);
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == StreamHandler.Shutdown.NOW) {
            end(Why.NODE_STOPS);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        switch (cause) {
            case TooLongFrameException _ -> refuse(RefusalReason.FRAME_TOO_LARGE, Why.TOO_MUCH);
            case CorruptedWebSocketFrameException _ -> refuse(RefusalReason.BAD_FRAME, Why.AGAINST_PROTOCOL);
            case CorruptedFrameException _ -> refuse(RefusalReason.BAD_FRAME, Why.AGAINST_PROTOCOL);
            case IOException _ -> context.close();
            default -> {
                LOG.atWarn()
                        .addKeyValue("event", "media.chat.broken")
                        .addKeyValue("failure", cause.getClass().getSimpleName())
                        .log("a chat's socket failed");
                end(Why.SILENT);
            }
        }
    }
}
