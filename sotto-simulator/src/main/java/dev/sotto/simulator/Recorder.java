package dev.sotto.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Keeps the bytes of a connection as they come, before anything reads them.
final class Recorder extends ChannelInboundHandlerAdapter {
    private final Received received;
    private final long connection;
    private final Received.Form form;

    Recorder(Received received, long connection, Received.Form form) {
        this.received = received;
        this.connection = connection;
        this.form = form;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            received.add(connection, form, bytes);
        }
        ctx.fireChannelRead(message);
    }
}
