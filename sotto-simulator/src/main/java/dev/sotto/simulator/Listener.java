package dev.sotto.simulator;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket on loopback. A simulator never listens anywhere else: it is scripted, and what it is sent is kept
/// in clear. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
final class Listener implements AutoCloseable {
    /// The header, and its value, by which every answer of a simulator says what it is.
    static final String HEADER = "x-sotto-simulator";
    static final String HEADER_VALUE = "scripted";
    static final String HOST = "127.0.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int BACKLOG = 512;

    /// Builds the pipeline of an accepted connection.
    interface Pipeline {
        /// Adds the handlers of `channel`; `connection` counts from 1.
        void build(SocketChannel channel, long connection);
    }

    private final String what;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicLong connections = new AtomicLong();
    private final MultiThreadIoEventLoopGroup loops;
    private final Channel listening;

    /// @param mostConnections at once; one more is closed
    /// @throws UnavailableException if the port cannot be bound
    Listener(String what, int port, int mostConnections, Pipeline pipeline) {
        this.what = what;
        loops = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("simulator-" + what, true), NioIoHandler.newFactory());
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (open.size() >= mostConnections) {
                            channel.close();
                            return;
                        }
                        open.add(channel);
                        pipeline.build(channel, connections.incrementAndGet());
                    }
                })
                .bind(HOST, port)
                .awaitUninterruptibly();
        listening = bound.channel();
        if (!bound.isSuccess()) {
            release();
            throw new UnavailableException(
                    SimulatorError.SIMULATOR_LISTEN_FAILED,
                    "simulator (%s) cannot be bound to port %d".formatted(what, port),
                    bound.cause());
        }
        LOG.atInfo()
                .addKeyValue("event", "simulator.listener.started")
                .addKeyValue("simulator", what)
                .addKeyValue("port", port())
                .log("a simulator listens: its answers are scripted");
    }

    /// TLS 1.3 and 1.2 with that key and certificate; nothing without.
    ///
    /// @throws RejectedException if they cannot be used
    static @Nullable SslContext tls(@Nullable ServerIdentity identity) {
        if (identity == null) {
            return null;
        }
        try {
            return SslContextBuilder.forServer(identity.key(), identity.chain().toArray(X509Certificate[]::new))
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | IllegalArgumentException unfit) {
            throw new RejectedException(
                    SimulatorError.SIMULATOR_TLS_IDENTITY, "the simulator's key and certificates do not fit", unfit);
        }
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// How many connections there have been.
    long connections() {
        return connections.get();
    }

    /// How many are open now.
    int openNow() {
        return open.size();
    }

    /// Cuts every open connection; new ones are still taken.
    void cutAll() {
        open.close().awaitUninterruptibly(PATIENCE.toMillis());
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly(PATIENCE.toMillis());
        cutAll();
        release();
    }

    private void release() {
        loops.shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(PATIENCE.toMillis());
    }

    @Override
    public String toString() {
        return "Listener[" + what + "]";
    }
}
