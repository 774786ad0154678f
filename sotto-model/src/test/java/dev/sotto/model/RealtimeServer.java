package dev.sotto.model;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/// A realtime endpoint over a real WebSocket on this machine. It makes and sets up sessions like a provider; what it
/// says then, and what it refuses, a test decides.
@SuppressWarnings("FutureReturnValueIgnored") // what a write became of shows at the other side
final class RealtimeServer implements AutoCloseable {
    static final String CREATED =
            "{\"event_id\":\"event_1\",\"type\":\"session.created\",\"session\":{\"id\":\"sess_1\",\"object\":\"realtime.session\"}}";
    static final String UPDATED =
            "{\"event_id\":\"event_2\",\"type\":\"session.updated\",\"session\":{\"id\":\"sess_1\",\"type\":\"realtime\"}}";

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>(10_000);
    private final BlockingQueue<FullRequest> upgrades = new LinkedBlockingQueue<>(100);
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile BiConsumer<RealtimeServer, String> script = RealtimeServer::obliging;
    private volatile int refuseWith;
    private volatile boolean greets = true;
    private volatile boolean pongs = true;
    private volatile Channel socket;

    record FullRequest(String uri, String authorization, String apiKey, String beta) {}

    RealtimeServer() {
        try {
            listener = new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(new HttpServerCodec(), new HttpObjectAggregator(64 << 10), new Upgrade());
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private final class Upgrade extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            var headers = request.headers();
            upgrades.add(new FullRequest(
                    request.uri(), headers.get("Authorization"), headers.get("api-key"), headers.get("OpenAI-Beta")));
            if (refuseWith != 0) {
                var refusal = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(refuseWith),
                        Unpooled.copiedBuffer("canary-error-body", java.nio.charset.StandardCharsets.UTF_8));
                refusal.headers().set("Content-Length", refusal.content().readableBytes());
                context.writeAndFlush(refusal);
                return;
            }
            var handshaker = new WebSocketServerHandshakerFactory("ws://localhost", null, false, 32 << 20)
                    .newHandshaker(request);
            handshaker.handshake(context.channel(), request).addListener(_ -> {
                socket = context.channel();
                if (greets) {
                    send(CREATED);
                }
            });
            context.pipeline().addLast(new Frames());
        }
    }

    private final class Frames extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            switch (frame) {
                case TextWebSocketFrame text -> {
                    received.add(text.text());
                    script.accept(RealtimeServer.this, text.text());
                }
                case CloseWebSocketFrame _ -> {
                    received.add("close");
                    context.close();
                }
                case PingWebSocketFrame ping
                when pongs ->
                    context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
                default -> {}
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            gone.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /// Sets sessions up and answers nothing else.
    static void obliging(RealtimeServer server, String message) {
        if (message.contains("session.update\"")) {
            server.send(UPDATED);
        }
    }

    /// Sets sessions up, and runs `onRespond` when a response is asked for.
    RealtimeServer responding(Runnable onRespond) {
        script = (server, message) -> {
            obliging(server, message);
            if (message.contains("\"response.create\"")) {
                onRespond.run();
            }
        };
        return this;
    }

    RealtimeServer script(BiConsumer<RealtimeServer, String> other) {
        script = other;
        return this;
    }

    RealtimeServer refusing(int status) {
        refuseWith = status;
        return this;
    }

    RealtimeServer silent() {
        greets = false;
        return this;
    }

    RealtimeServer deaf() {
        pongs = false;
        return this;
    }

    void send(String json) {
        socket.writeAndFlush(new TextWebSocketFrame(json));
    }

    void sendBinary(byte[] bytes) {
        socket.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
    }

    /// One message in pieces.
    void sendInPieces(String json, int size) {
        for (int at = 0; at < json.length(); at += size) {
            String piece = json.substring(at, Math.min(json.length(), at + size));
            boolean last = at + size >= json.length();
            socket.write(
                    at == 0 ? new TextWebSocketFrame(last, 0, piece) : new ContinuationWebSocketFrame(last, 0, piece));
        }
        socket.flush();
    }

    void closeWith(int status) {
        socket.writeAndFlush(new CloseWebSocketFrame(status, "canary"));
    }

    void hangUp() {
        socket.close();
    }

    /// The next message of the client as JSON.
    JsonNode next() {
        return WireJson.MAPPER.readTree(nextText());
    }

    String nextText() {
        try {
            String message = received.poll(20, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("the client sent nothing");
            }
            return message;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /// The next message of that type.
    JsonNode next(String type) {
        for (int i = 0; i < 1_000; i++) {
            var json = next();
            if (json.path("type").stringValue("").equals(type)) {
                return json;
            }
        }
        throw new AssertionError("no " + type);
    }

    FullRequest upgrade() {
        try {
            var upgrade = upgrades.poll(20, TimeUnit.SECONDS);
            if (upgrade == null) {
                throw new AssertionError("nobody came");
            }
            return upgrade;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    boolean clientLeft() {
        try {
            return gone.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    Provider provider() {
        return Provider.insecureLoopback(
                        "simulator",
                        URI.create(
                                "http://127.0.0.1:" + ((InetSocketAddress) listener.localAddress()).getPort() + "/v1"))
                .limits(ModelServer.PATIENT);
    }

    @Override
    public void close() {
        listener.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
