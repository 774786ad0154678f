package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TwilioEdgeTlsTest {
    private final FakeDesk desk = new FakeDesk();
    private TwilioEdge edge;
    private volatile String firstBytes = "";

    @BeforeEach
    void open() {
        var limits = EdgeLimits.defaults()
                .withTimeouts(
                        Duration.ofMillis(300), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));
        edge = TwilioEdge.start(TwilioEdgeCallTest.config(limits), desk, Meter.none());
    }

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    void tls12_isRefusedAndCounted() throws Exception {
        try (var socket = (SSLSocket)
                TestIdentity.CLIENT.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatExceptionOfType(SSLException.class)
                    .isThrownBy(socket::startHandshake)
                    .withMessageContaining("protocol_version");
        }
        desk.refusal(RefusalReason.TLS_HANDSHAKE);
        try (var caller = TwilioCaller.connect(edge.port())) {
            caller.raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(caller.head())
                    .startsWith("HTTP/1.1 200")
                    .contains("strict-transport-security: max-age=31536000");
            assertThat(caller.protocol()).isEqualTo("TLSv1.3");
        }
    }

    @Test
    void postQuantumGroup_aloneOffered_isTaken() throws Exception {
        assertThat(handshakes("X25519MLKEM768")).isTrue();
        assertThat(handshakes("X25519")).isTrue();
        assertThat(handshakes("P-521")).isFalse();
    }

    @Test
    void postQuantumGroup_offeredBesideAnother_isChosenInEitherOrder() throws Exception {
        for (String[] offer : new String[][] {{"X25519MLKEM768", "X25519"}, {"X25519", "X25519MLKEM768"}}) {
            assertThat(handshakes(offer)).isTrue();
            // The key_share extension (RFC 8446 section 4.2.8) of the first ServerHello names group 0x11EC.
            assertThat(firstBytes).containsPattern("0033[0-9a-f]{4}11ec");
        }
    }

    private boolean handshakes(String... group) throws Exception {
        SslContext client = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .trustManager(TestIdentity.SERVER.chain())
                .protocols("TLSv1.3")
                .option(OpenSslContextOption.GROUPS, group)
                .build();
        firstBytes = "";
        var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            var channel = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel socket) {
                            socket.pipeline()
                                    .addLast(new ChannelInboundHandlerAdapter() {
                                        @Override
                                        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
                                            if (firstBytes.isEmpty()) {
                                                firstBytes = ByteBufUtil.hexDump((ByteBuf) bytes);
                                            }
                                            ctx.fireChannelRead(bytes);
                                        }
                                    })
                                    .addLast(client.newHandler(socket.alloc(), "localhost", edge.port()))
                                    .addLast(new ChannelInboundHandlerAdapter() {
                                        @Override
                                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable refused) {
                                            // the handshake's future tells
                                        }
                                    });
                        }
                    })
                    .connect(InetAddress.getLoopbackAddress(), edge.port())
                    .sync()
                    .channel();
            var handshake = channel.pipeline().get(SslHandler.class).handshakeFuture();
            assertThat(handshake.await(5, TimeUnit.SECONDS)).isTrue();
            return handshake.isSuccess();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void handshake_thatDoesNotCome_isCutOff() throws Exception {
        try (var silent = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            silent.setSoTimeout(5_000);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
        desk.refusal(RefusalReason.TLS_HANDSHAKE);
    }

    @Test
    void start_onATakenPort_saysSo() {
        var config = new TwilioEdgeConfig(
                "127.0.0.1", edge.port(), URI.create("https://voice.sotto.test"), TestIdentity.SERVER);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> TwilioEdge.start(config, desk, Meter.none()).close())
                .withMessage("media listener (127.0.0.1:%d) cannot be bound".formatted(edge.port()))
                .extracting(UnavailableException::code)
                .isEqualTo(MediaError.LISTEN_FAILED);
    }

    @Test
    void start_withAKeyOfAnotherCertificate_isRejected() throws Exception {
        var other = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        var config = new TwilioEdgeConfig(
                "127.0.0.1",
                0,
                URI.create("https://voice.sotto.test"),
                new TlsIdentity(other, TestIdentity.SERVER.chain()));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> TwilioEdge.start(config, desk, Meter.none()).close())
                .extracting(RejectedException::code)
                .isEqualTo(MediaError.TLS_IDENTITY);
    }

    @Test
    void config_againstARule_isRefused() {
        for (String url :
                new String[] {"http://a.test", "https:a", "https://u@a.test", "https://a.test/x", "https://a.test?q"}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new TwilioEdgeConfig("::", 1, URI.create(url), TestIdentity.SERVER))
                    .withMessageContaining("publicUrl");
        }
        for (int lead : new int[] {99, 201}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new TwilioEdgeConfig(
                            "::",
                            1,
                            URI.create("https://a.test"),
                            TestIdentity.SERVER,
                            Duration.ofMillis(lead),
                            EdgeLimits.defaults()))
                    .withMessageContaining("lead");
        }
    }
}
