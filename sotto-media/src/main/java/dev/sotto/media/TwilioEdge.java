package dev.sotto.media;

import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listener that Twilio talks to: `POST /twilio/voice`, `POST /twilio/after`, `GET /twilio/stream/<account
/// sid>` (WebSocket) and `GET /health`, over TLS 1.3 only. Thread-safe.
///
/// Nothing of a request is used before its `X-Twilio-Signature` was checked, and nothing of a stream's audio
/// before the desk accepted its one-time token. The address of the stream names the account because nothing else
/// in the upgrade does; it stands in our own TwiML, so Twilio follows by itself.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
public final class TwilioEdge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TwilioEdge.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /// What waits in a socket's buffers is heard late after a hiccup, so it is kept small: about a second of audio.
    private static final int SEND_BUFFER_BYTES = 32 * 1024;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(4 * 1024, 12 * 1024);
    private static final int BACKLOG = 512;

    private final EdgeContext edge;
    private final MultiThreadIoEventLoopGroup loops;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Channel listening;

    private TwilioEdge(
            TwilioEdgeConfig config, CallDesk desk, Optional<ChatDesk> chats, Meter meter, LongSupplier nanos) {
        var tls = EdgeTls.server(config.identity());
        edge = new EdgeContext(config, desk, chats, meter, nanos);
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        loops = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("media-io", true), NioIoHandler.newFactory());
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ConnectionSetup(edge, tls, open))
                .bind(config.host(), config.port())
                .awaitUninterruptibly();
        listening = bound.channel();
        if (!bound.isSuccess()) {
            release();
            throw new UnavailableException(
                    MediaError.LISTEN_FAILED,
                    "media listener (%s:%d) cannot be bound".formatted(config.host(), config.port()),
                    bound.cause());
        }
        LOG.atInfo()
                .addKeyValue("event", "media.edge.started")
                .addKeyValue("port", port())
                .log("media listener started");
    }

    /// Opens the listener; when this returns it is served.
    ///
    /// @throws UnavailableException if the address cannot be bound or BoringSSL is missing
    /// @throws RejectedException if the key and certificates cannot be used
    public static TwilioEdge start(TwilioEdgeConfig config, CallDesk desk, Meter meter) {
        return start(config, desk, Optional.empty(), meter);
    }

    /// The same, with the page on which visitors write (`/chat`) and its sockets, if there is a desk for them.
    public static TwilioEdge start(TwilioEdgeConfig config, CallDesk desk, Optional<ChatDesk> chats, Meter meter) {
        return new TwilioEdge(config, desk, chats, meter, System::nanoTime);
    }

    /// The port that is bound.
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// How late outbound audio was since the start or [#resetLateness()], over all legs.
    public Lateness lateness() {
        return edge.legs().lateness().snapshot();
    }

    public void resetLateness() {
        edge.legs().lateness().reset();
    }

    /// Closes the listener and every leg, and waits up to five seconds for the listeners to hear of it. Closing
    /// again does nothing.
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        open.forEach(channel -> channel.pipeline().fireUserEventTriggered(StreamHandler.Shutdown.NOW));
        open.newCloseFuture().awaitUninterruptibly(PATIENCE.toMillis());
        edge.legs().clock().close(PATIENCE);
        open.close();
        release();
    }

    private void release() {
        edge.legs().clock().close();
        edge.desk().close();
        edge.refusals().close();
        loops.shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(PATIENCE.toMillis());
    }
}
