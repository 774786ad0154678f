package dev.sotto.media;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one HTTP request of a connection: a webhook, a health check, or the upgrade to a stream. Belongs to one
/// channel.
///
/// One request a connection keeps this small: Twilio sends two webhooks a call, and the socket that lasts is the
/// stream's.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);
    private static final String ONE_YEAR = "max-age=31536000";
    private static final byte[] HEALTHY = "ok\n".getBytes(US_ASCII);
    private static final byte[] NOTHING = {};
    private static final int UNSUPPORTED_TYPE = 415;
    private static final long FORCED_CLOSE_MILLIS = 2_000;

    private final EdgeContext edge;
    private final ConnectionGate gate;
    private boolean busy;
    private boolean done;

    RequestHandler(EdgeContext edge, ConnectionGate gate) {
        this.edge = edge;
        this.gate = gate;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ctx.executor()
                        .schedule(
                                () -> timeOut(ctx),
                                edge.config().limits().requestTimeout().toNanos(),
                                TimeUnit.NANOSECONDS);
            } else {
                done = true;
                edge.refusals().report(RefusalReason.TLS_HANDSHAKE);
            }
        } else if (event == StreamHandler.Shutdown.NOW) {
            ctx.close();
        } else if (event instanceof TooLarge) {
            refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, RefusalReason.BODY_TOO_LARGE);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /// Fired by the aggregator for a body over the limit.
    enum TooLarge {
        BODY
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (done) {
            return;
        }
        if (busy || request.decoderResult().isFailure()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, RefusalReason.MALFORMED_REQUEST);
            return;
        }
        busy = true;
        String target = request.uri();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        boolean post = request.method().equals(HttpMethod.POST);
        boolean get = request.method().equals(HttpMethod.GET);
        if (post && (path.equals(VoiceRoutes.VOICE) || path.equals(VoiceRoutes.AFTER))) {
            webhook(ctx, request, target);
        } else if (get && (path.startsWith(VoiceRoutes.STREAM_PREFIX) || VoiceRoutes.relays(path))) {
            upgrade(ctx, request, target);
        } else if (get && target.equals(VoiceRoutes.HEALTH)) {
            respond(ctx, HttpResponseStatus.OK, "text/plain", HEALTHY);
        } else if (path.startsWith(ChatPages.PAGE) && edge.chat().isPresent()) {
            chat(ctx, request, edge.chat().get(), post, get);
        } else {
            refuse(ctx, HttpResponseStatus.NOT_FOUND, RefusalReason.UNKNOWN_ROUTE);
        }
    }

    private void chat(ChannelHandlerContext ctx, FullHttpRequest request, ChatEdge chat, boolean post, boolean get) {
        String path = request.uri();
        boolean token = post && path.equals(ChatPages.TOKEN);
        if (token || (get && path.equals(ChatPages.SOCKET))) {
            if (!chat.sameOrigin(request.headers().get(HttpHeaderNames.ORIGIN, ""))) {
                refuse(ctx, HttpResponseStatus.FORBIDDEN, RefusalReason.BAD_ORIGIN);
            } else if (token) {
                offerChat(ctx, chat);
            } else {
                connectChat(ctx, request, chat);
            }
            return;
        }
        var page = get ? chat.pages().get(path) : Optional.<ChatPages.Reply>empty();
        page.ifPresentOrElse(
                found -> respond(
                        ctx,
                        HttpResponseStatus.OK,
                        found.type(),
                        found.headers(),
                        found.body().getBytes(UTF_8)),
                () -> refuse(ctx, HttpResponseStatus.NOT_FOUND, RefusalReason.UNKNOWN_ROUTE));
    }

    private void offerChat(ChannelHandlerContext ctx, ChatEdge chat) {
        var from = ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress();
        edge.desk()
                .ask(
                        ctx.executor(),
                        MediaMetrics.DESK_CHAT,
                        () -> chat.desk().offer(from),
                        new DeskCalls.Outcome<>(
                                token -> token.ifPresentOrElse(
                                        given -> respond(
                                                ctx,
                                                HttpResponseStatus.CREATED,
                                                "application/json",
                                                ("{\"token\":\"" + given.reveal() + "\"}").getBytes(US_ASCII)),
                                        () -> refuse(
                                                ctx,
                                                HttpResponseStatus.TOO_MANY_REQUESTS,
                                                RefusalReason.TOO_MANY_CHATS)),
                                () -> unanswered(ctx),
                                _ -> {}));
    }

    private void connectChat(ChannelHandlerContext ctx, FullHttpRequest request, ChatEdge chat) {
        var brought = ChatUpgrade.read(request.headers());
        if (!upgrades(request) || brought.isEmpty()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, RefusalReason.BAD_UPGRADE);
            return;
        }
        var upgrade = brought.get();
        var kept = request.retain();
        edge.desk()
                .ask(
                        ctx.executor(),
                        MediaMetrics.DESK_CHAT,
                        () -> upgrade.resumes()
                                ? chat.desk().resume(upgrade.token())
                                : chat.desk().connect(upgrade.token()),
                        new DeskCalls.Outcome<>(
                                accepted -> {
                                    accepted.ifPresentOrElse(
                                            listener -> shakeHands(
                                                    ctx,
                                                    kept,
                                                    ChatUpgrade.PROTOCOL,
                                                    ChatEdge.MAX_FRAME_BYTES,
                                                    ChatEdge.MAX_MESSAGES_PER_SECOND,
                                                    new ChatHandler(chat, gate, listener, upgrade.seen())),
                                            () -> refuse(ctx, HttpResponseStatus.FORBIDDEN, RefusalReason.BAD_TOKEN));
                                    kept.release();
                                },
                                () -> {
                                    kept.release();
                                    unanswered(ctx);
                                },
                                _ -> {}));
    }

    private void webhook(ChannelHandlerContext ctx, FullHttpRequest request, String target) {
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        var body = RequestBody.read(type, ByteBufUtil.getBytes(request.content()));
        if (body.isEmpty()) {
            refuse(ctx, HttpResponseStatus.valueOf(UNSUPPORTED_TYPE), RefusalReason.MALFORMED_REQUEST);
            return;
        }
        var webhook = new VoiceRoutes.Webhook(target, body.get(), signature(request));
        edge.desk()
                .ask(
                        ctx.executor(),
                        MediaMetrics.DESK_WEBHOOK,
                        () -> edge.routes().webhook(webhook),
                        new DeskCalls.Outcome<>(reply -> reply(ctx, reply), () -> unanswered(ctx), _ -> {}));
    }

    private void upgrade(ChannelHandlerContext ctx, FullHttpRequest request, String target) {
        if (!upgrades(request)) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, RefusalReason.BAD_UPGRADE);
            return;
        }
        String given = signature(request);
        var kept = request.retain();
        edge.desk()
                .ask(
                        ctx.executor(),
                        MediaMetrics.DESK_WEBHOOK,
                        () -> edge.routes().streamSigned(target, given),
                        new DeskCalls.Outcome<>(
                                signed -> {
                                    stream(ctx, kept, target, signed);
                                    kept.release();
                                },
                                () -> {
                                    kept.release();
                                    unanswered(ctx);
                                },
                                _ -> {}));
    }

    /// Whether it is a WebSocket upgrade, and nothing else.
    private static boolean upgrades(FullHttpRequest request) {
        var headers = request.headers();
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
                && WebSocketVersion.V13.toHttpHeaderValue().equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))
                && !request.content().isReadable();
    }

    private void stream(ChannelHandlerContext ctx, FullHttpRequest request, String target, boolean signed) {
        String account = VoiceRoutes.streamAccount(target);
        if (!signed) {
            edge.refusals().report(new Refusal(RefusalReason.BAD_SIGNATURE, account, "", false));
            respond(ctx, HttpResponseStatus.FORBIDDEN, "text/plain", NOTHING);
            return;
        }
        shakeHands(
                ctx,
                request,
                null,
                EdgeLimits.MAX_FRAME_BYTES,
                edge.config().limits().maxMessagesPerSecond(),
                VoiceRoutes.relays(target)
                        ? new RelayHandler(edge, gate, account)
                        : new StreamHandler(edge, gate, account));
    }

    private void shakeHands(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            @Nullable String protocol,
            int maxFrameBytes,
            int perSecond,
            ChannelHandler handler) {
        if (done || !ctx.channel().isActive()) {
            return;
        }
        done = true;
        var config = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(maxFrameBytes)
                .allowExtensions(false)
                .expectMaskedFrames(true)
                .closeOnProtocolViolation(false)
                .withUTF8Validator(false) // the JSON reader checks
                .build();
        try {
            new WebSocketServerHandshaker13("", protocol, config)
                    .handshake(ctx.channel(), request, security(new DefaultHttpHeaders()), ctx.newPromise());
        } catch (WebSocketHandshakeException malformed) {
            done = false;
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, RefusalReason.BAD_UPGRADE);
            return;
        }
        ctx.pipeline()
                .addLast(new FrameGate(perSecond, edge.nanos()))
                .addLast(new WebSocketFrameAggregator(maxFrameBytes))
                .addLast(new FlowControlHandler())
                .addLast(handler)
                .remove(this);
    }

    /// The one signature header, or the empty string.
    private static String signature(FullHttpRequest request) {
        var given = request.headers().getAll(TwilioSignature.HEADER);
        return given.size() == 1 ? given.getFirst() : "";
    }

    private void reply(ChannelHandlerContext ctx, VoiceRoutes.Reply reply) {
        respond(
                ctx,
                HttpResponseStatus.valueOf(reply.status()),
                "text/xml",
                reply.twiml().getBytes(UTF_8));
    }

    private void unanswered(ChannelHandlerContext ctx) {
        refuse(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, RefusalReason.DESK_UNAVAILABLE);
    }

    private void timeOut(ChannelHandlerContext ctx) {
        if (!busy && !done) {
            refuse(ctx, HttpResponseStatus.REQUEST_TIMEOUT, RefusalReason.REQUEST_TIMEOUT);
        }
    }

    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, RefusalReason reason) {
        if (!done) {
            edge.refusals().report(reason);
            respond(ctx, status, "text/plain", NOTHING);
        }
    }

    private void respond(ChannelHandlerContext ctx, HttpResponseStatus status, String type, byte[] text) {
        respond(ctx, status, type, Map.of(), text);
    }

    private void respond(
            ChannelHandlerContext ctx,
            HttpResponseStatus status,
            String type,
            Map<String, String> headers,
            byte[] text) {
        if (done) {
            return;
        }
        done = true;
        ByteBuf content = Unpooled.wrappedBuffer(text);
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        headers.forEach(response.headers()::set);
        security(response.headers())
                .set(HttpHeaderNames.CONTENT_TYPE, type + "; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, text.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        ctx.executor() // a peer that does not read must not keep the socket
                .schedule(
                        () -> ctx.channel().unsafe().close(ctx.voidPromise()),
                        FORCED_CLOSE_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private static HttpHeaders security(HttpHeaders headers) {
        return headers.set("strict-transport-security", ONE_YEAR)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("x-content-type-options", "nosniff");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!done && !(cause instanceof IOException)) {
            done = true;
            edge.refusals().report(RefusalReason.MALFORMED_REQUEST);
            LOG.atDebug()
                    .addKeyValue("event", "media.request.failed")
                    .addKeyValue("failure", cause.getClass().getSimpleName())
                    .log("a request failed");
        }
        ctx.close();
    }
}
