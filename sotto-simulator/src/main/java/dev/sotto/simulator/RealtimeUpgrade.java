package dev.sotto.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `GET /v1/realtime`: turns the connection into a WebSocket and gives it a session of its own.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
final class RealtimeUpgrade {
    private static final int MAX_FRAME_BYTES = 16 << 20;

    private RealtimeUpgrade() {}

    static void attempt(
            ChannelHandlerContext ctx,
            Exchange exchange,
            FullHttpRequest request,
            Address address,
            Studio studio,
            long connection) {
        if (!request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true)) {
            exchange.error(
                    HttpResponseStatus.UPGRADE_REQUIRED,
                    "invalid_request_error",
                    "upgrade_required",
                    "use a websocket");
            return;
        }
        if (address.model().isEmpty() && !address.transcription()) {
            exchange.error(
                    HttpResponseStatus.BAD_REQUEST, "invalid_request_error", "missing_model", "model is missing");
            return;
        }
        Fault fault = studio.faults().take(Service.REALTIME_CONNECT);
        if (fault != null && HttpFault.refuses(exchange, fault)) {
            return;
        }
        if (fault != null && fault.kind() == Fault.Kind.CLOSE) {
            ctx.close();
            return;
        }
        if (fault != null && fault.kind() == Fault.Kind.STALL) {
            return; // the upgrade is never answered
        }
        Dialect dialect = address.azurePreview()
                        || request.headers().get("openai-beta", "").contains("realtime=v1")
                ? Dialect.BETA
                : Dialect.GENERAL;
        request.retain();
        Exchange.later(ctx, fault == null ? Duration.ZERO : fault.delay(), () -> {
            try {
                upgrade(ctx, request, address, dialect, studio, connection);
            } finally {
                request.release();
            }
        });
    }

    private static void upgrade(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            Address address,
            Dialect dialect,
            Studio studio,
            long connection) {
        var handshaker =
                new WebSocketServerHandshakerFactory("", "realtime", false, MAX_FRAME_BYTES).newHandshaker(request);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(ctx.channel());
            return;
        }
        var headers = new DefaultHttpHeaders().set(Listener.HEADER, Listener.HEADER_VALUE);
        var pipeline = ctx.pipeline();
        pipeline.remove(Recorder.class);
        var socket = new Socket(studio, connection, ctx);
        handshaker.handshake(ctx.channel(), request, headers, ctx.newPromise()).addListener(done -> {
            if (done.isSuccess()) {
                pipeline.remove(ModelDoor.class);
                pipeline.addLast(new WebSocketFrameAggregator(MAX_FRAME_BYTES)).addLast(socket);
                var wire = new RealtimeWire(socket, dialect, new Ids(studio.seed(), connection));
                var opening = new RealtimeSession.Opening(
                        studio.scene(address.model()), address.model(), address.key(), address.transcription());
                socket.open(new RealtimeSession(
                        studio, opening, wire, Timers.of(ctx.channel().eventLoop())));
            } else {
                ctx.close();
            }
        });
    }

    /// The frames of one session.
    private static final class Socket extends SimpleChannelInboundHandler<WebSocketFrame>
            implements RealtimeWire.Socket {
        private final Studio studio;
        private final long connection;
        private final ChannelHandlerContext out;
        private @Nullable RealtimeSession session;

        Socket(Studio studio, long connection, ChannelHandlerContext out) {
            this.studio = studio;
            this.connection = connection;
            this.out = out;
        }

        void open(RealtimeSession opened) {
            session = opened;
            opened.open();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
            switch (frame) {
                case TextWebSocketFrame text -> {
                    ByteBuf content = text.content();
                    studio.received().add(connection, Received.Form.FRAMES, content);
                    if (session != null) {
                        session.receive(text.text());
                    }
                }
                case PingWebSocketFrame ping ->
                    ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
                case CloseWebSocketFrame close ->
                    ctx.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
                case PongWebSocketFrame _ -> {}
                default -> {
                    studio.received().add(connection, Received.Form.FRAMES, frame.content());
                    ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.INVALID_MESSAGE_TYPE))
                            .addListener(ChannelFutureListener.CLOSE);
                }
            }
        }

        @Override
        public void send(String text) {
            if (out.channel().isActive()) {
                out.channel().writeAndFlush(new TextWebSocketFrame(text));
            }
        }

        @Override
        public boolean ready() {
            return out.channel().isWritable() || !out.channel().isActive();
        }

        @Override
        public void cut() {
            out.channel().close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (session != null) {
                session.close();
            }
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
