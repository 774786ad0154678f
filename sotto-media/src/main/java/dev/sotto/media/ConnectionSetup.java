package dev.sotto.media;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;

/// Builds the pipeline of each accepted socket: a place, TLS, one bounded HTTP request.
final class ConnectionSetup extends ChannelInitializer<SocketChannel> {
    private static final int MAX_LINE_BYTES = 2 * 1024;

    private final EdgeContext edge;
    private final SslContext tls;
    private final ChannelGroup open;

    ConnectionSetup(EdgeContext edge, SslContext tls, ChannelGroup open) {
        this.edge = edge;
        this.tls = tls;
        this.open = open;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        open.add(channel);
        var gate = new ConnectionGate(edge.admission(), edge.refusals(), channel.remoteAddress());
        var handshake = tls.newHandler(channel.alloc());
        handshake.setHandshakeTimeoutMillis(
                edge.config().limits().handshakeTimeout().toMillis());
        channel.pipeline()
                .addLast(gate)
                .addLast(handshake)
                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(MAX_LINE_BYTES)
                        .setMaxHeaderSize(EdgeLimits.MAX_HEADER_BYTES)))
                .addLast(new BoundedAggregator())
                .addLast(new RequestHandler(edge, gate));
    }

    /// Says so when a body is over the limit, by length or by what came.
    private static final class BoundedAggregator extends HttpObjectAggregator {
        private boolean tooLarge;

        BoundedAggregator() {
            super(EdgeLimits.MAX_BODY_BYTES);
        }

        @Override
        protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
            if (!tooLarge) {
                tooLarge = true;
                ctx.fireUserEventTriggered(RequestHandler.TooLarge.BODY);
            }
            if (oversized instanceof FullHttpRequest full) {
                full.release();
            }
        }
    }
}
