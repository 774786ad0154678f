package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session of Twilio's ConversationRelay: nothing is used before `setup` brought the one-time token of our own
/// TwiML and the desk accepted it. Belongs to one channel.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
final class RelayHandler extends ChannelInboundHandlerAdapter implements RelayPeer {
    private static final Logger LOG = LoggerFactory.getLogger(RelayHandler.class);
    private static final long FORCED_CLOSE_MILLIS = 1_000;
    private static final Duration PING_EVERY = Duration.ofSeconds(20);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(70);

    private enum State {
        AWAITING_SETUP,
        /// The desk is asked; nothing is read meanwhile.
        CONNECTING,
        OPEN,
        CLOSED
    }

    private final EdgeContext edge;
    private final ConnectionGate gate;
    private final String account;
    private ChannelHandlerContext ctx;
    private State state = State.AWAITING_SETUP;
    private String call = "";
    private long lastHeardOfPeer;
    private @Nullable RelayListener listener;

    /// @param account the one whose secret signed the upgrade
    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded
    RelayHandler(EdgeContext edge, ConnectionGate gate, String account) {
        this.edge = edge;
        this.gate = gate;
        this.account = account;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        lastHeardOfPeer = edge.nanos().getAsLong();
        after(edge.config().limits().startTimeout(), () -> {
            if (state == State.AWAITING_SETUP) {
                refuse(RefusalReason.START_TIMEOUT);
            }
        });
        after(PING_EVERY, this::ping);
    }

    private void after(Duration delay, Runnable task) {
        ctx.executor().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void ping() {
        if (state == State.CLOSED) {
            return;
        }
        if (edge.nanos().getAsLong() - lastHeardOfPeer > LONGEST_SILENCE.toNanos()) {
            end(CloseReason.IDLE, WebSocketCloseStatus.POLICY_VIOLATION);
            return;
        }
        if (ctx.channel().isWritable()) {
            ctx.writeAndFlush(new PingWebSocketFrame());
        }
        after(PING_EVERY, this::ping);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        try {
            if (state == State.CLOSED) {
                return;
            }
            lastHeardOfPeer = edge.nanos().getAsLong();
            switch (frame) {
                case TextWebSocketFrame text -> read(ByteBufUtil.getBytes(text.content()));
                case FrameGate.Violation(RefusalReason reason) -> refuse(reason);
                case PingWebSocketFrame ping -> {
                    if (ctx.channel().isWritable()) {
                        ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
                    }
                }
                case PongWebSocketFrame _ -> {}
                case CloseWebSocketFrame _ -> end(CloseReason.STOPPED, WebSocketCloseStatus.NORMAL_CLOSURE);
                default -> refuse(RefusalReason.BAD_FRAME);
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void read(byte[] text) {
        var message = RelayWire.read(text);
        if (message.isEmpty()) {
            refuse(RefusalReason.BAD_MESSAGE);
            return;
        }
        var open = listener;
        if (message.get() instanceof RelayWire.Message.Setup setup) {
            setUp(setup);
        } else if (open == null) {
            refuse(RefusalReason.BEFORE_START);
        } else {
            try {
                tell(open, message.get());
            } catch (RuntimeException failure) { // the listener's: this call ends, the node goes on
                failed(failure);
            }
        }
    }

    private void tell(RelayListener open, RelayWire.Message message) {
        switch (message) {
            case RelayWire.Message.Prompt(SensitiveText text, boolean last) -> {
                if (last) {
                    open.prompt(text);
                } else {
                    edge.meter().count(MediaMetrics.RELAY_PARTIAL);
                }
            }
            case RelayWire.Message.Interrupt(SensitiveText heard) -> open.interrupted(heard);
            case RelayWire.Message.Key(char digit) -> open.dtmf(digit);
            case RelayWire.Message.Fault _ -> edge.meter().count(MediaMetrics.RELAY_FAULT);
            case RelayWire.Message.Setup _, RelayWire.Message.Other _ -> {
                // setup is handled before; what is new is none of ours
            }
        }
    }

    private void setUp(RelayWire.Message.Setup setup) {
        if (state != State.AWAITING_SETUP) {
            refuse(RefusalReason.REPEATED_START);
            return;
        }
        call = setup.call();
        if (!setup.account().equals(account)) {
            refuse(RefusalReason.WRONG_ACCOUNT);
            return;
        }
        state = State.CONNECTING;
        ctx.channel().config().setAutoRead(false);
        var start = new StreamStart(account, setup.call(), setup.session(), setup.parameters());
        edge.desk()
                .ask(
                        ctx.executor(),
                        MediaMetrics.DESK_CONNECT,
                        () -> edge.callDesk().relay(start, this),
                        new DeskCalls.Outcome<>(
                                this::connected,
                                () -> refuse(RefusalReason.DESK_UNAVAILABLE),
                                late -> late.ifPresent(any -> any.closed(CloseReason.FAILED))));
    }

    private void connected(Optional<RelayListener> answer) {
        if (answer.isEmpty()) {
            refuse(RefusalReason.BAD_TOKEN);
            return;
        }
        if (state != State.CONNECTING) { // closed meanwhile
            answer.get().closed(CloseReason.PEER_CLOSED);
            return;
        }
        state = State.OPEN;
        listener = answer.get();
        gate.accepted();
        edge.legOpened();
        ctx.channel().config().setAutoRead(true);
    }

    private void failed(RuntimeException failure) {
        edge.meter().count(MediaMetrics.CALLBACK_FAILED);
        LOG.atWarn()
                .addKeyValue("event", "media.relay.failed")
                .addKeyValue("callSid", call)
                .addKeyValue("failure", failure.getClass().getSimpleName())
                .log("a call's listener failed");
        end(CloseReason.FAILED, WebSocketCloseStatus.INTERNAL_SERVER_ERROR);
    }

    @Override
    public void say(SensitiveText text) {
        onLoop(() -> write(RelayWire.say(text)));
    }

    @Override
    public void end(String handoff) {
        onLoop(() -> {
            write(RelayWire.end(handoff));
            end(CloseReason.LEG_CLOSED, WebSocketCloseStatus.NORMAL_CLOSURE);
        });
    }

    private void write(String json) {
        if (state == State.CLOSED) {
            return;
        }
        if (ctx.channel().isWritable()) {
            ctx.writeAndFlush(new TextWebSocketFrame(json));
        } else {
            end(CloseReason.STALLED, WebSocketCloseStatus.POLICY_VIOLATION);
        }
    }

    private void onLoop(Runnable task) {
        try {
            ctx.executor().execute(task);
        } catch (RejectedExecutionException stopped) {
            edge.meter().count(MediaMetrics.CHAT_UNSENT);
        }
    }

    private void refuse(RefusalReason reason) {
        if (state != State.CLOSED) {
            edge.refusals().report(new Refusal(reason, account, call, true));
            end(CloseReason.REFUSED, WebSocketCloseStatus.POLICY_VIOLATION);
        }
    }

    private void end(CloseReason reason, WebSocketCloseStatus status) {
        if (state == State.CLOSED) {
            return;
        }
        boolean opened = state == State.OPEN;
        state = State.CLOSED;
        var ending = listener;
        if (ending != null) {
            ending.closed(reason);
        }
        if (opened) {
            edge.legClosed();
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

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(CloseReason.PEER_CLOSED, WebSocketCloseStatus.NORMAL_CLOSURE);
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == StreamHandler.Shutdown.NOW) {
            end(CloseReason.EDGE_CLOSED, WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        switch (cause) {
            case TooLongFrameException _ -> refuse(RefusalReason.FRAME_TOO_LARGE);
            case CorruptedFrameException _ -> refuse(RefusalReason.BAD_FRAME);
            case IOException _ -> context.close();
            default -> {
                LOG.atWarn()
                        .addKeyValue("event", "media.relay.broken")
                        .addKeyValue("failure", cause.getClass().getSimpleName())
                        .log("a relay failed");
                end(CloseReason.FAILED, WebSocketCloseStatus.INTERNAL_SERVER_ERROR);
            }
        }
    }
}
