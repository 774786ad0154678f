package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.security.MessageDigest;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One connection to a model simulator: checks the token and leads each request to its service, one at a time.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
final class ModelDoor extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String BEARER = "Bearer ";
    private static final String INVALID = "invalid_request_error";

    private final Studio studio;
    private final ChatEndpoint chat;
    private final AudioEndpoint audio;
    private final long connection;
    private final Ids ids;
    private boolean busy;

    ModelDoor(Studio studio, long connection) {
        this.studio = studio;
        this.chat = new ChatEndpoint(studio);
        this.audio = new AudioEndpoint(studio);
        this.connection = connection;
        this.ids = new Ids(studio.seed(), connection);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (busy) { // pipelining, which no client of ours does
            ctx.close();
            return;
        }
        busy = true;
        boolean keep = HttpUtil.isKeepAlive(request);
        var exchange = new Exchange(ctx, ids.next("req_"), () -> {
            busy = false;
            if (!keep) {
                ctx.close();
            }
        });
        if (HttpUtil.isTransferEncodingChunked(request)) {
            studio.received().add(connection, Received.Form.BODY, request.content());
        }
        if (!request.decoderResult().isSuccess()) {
            exchange.error(HttpResponseStatus.BAD_REQUEST, INVALID, "invalid_request", "the request is malformed");
        } else if (!authorised(request.headers())) {
            exchange.error(HttpResponseStatus.UNAUTHORIZED, INVALID, "invalid_api_key", "incorrect api key provided");
        } else {
            route(ctx, exchange, request, Address.of(request.uri()));
        }
    }

    private void route(ChannelHandlerContext ctx, Exchange exchange, FullHttpRequest request, Address address) {
        switch (address.resource()) {
            case "chat/completions" -> {
                if (posted(exchange, request)) {
                    chat.answer(exchange, body(request), address.key(), ids);
                }
            }
            case "audio/transcriptions" -> {
                if (posted(exchange, request)) {
                    audio.transcribe(exchange, request, address.key());
                }
            }
            case "audio/speech" -> {
                if (posted(exchange, request)) {
                    audio.speak(exchange, body(request));
                }
            }
            case "models" -> exchange.json(HttpResponseStatus.OK, models());
            case "realtime" -> RealtimeUpgrade.attempt(ctx, exchange, request, address, studio, connection);
            default ->
                exchange.error(
                        HttpResponseStatus.NOT_FOUND, INVALID, "unknown_url", "the simulator has no such address");
        }
    }

    private static boolean posted(Exchange exchange, FullHttpRequest request) {
        if (request.method().equals(HttpMethod.POST)) {
            return true;
        }
        exchange.error(HttpResponseStatus.METHOD_NOT_ALLOWED, INVALID, "method_not_allowed", "use POST");
        return false;
    }

    private static String body(FullHttpRequest request) {
        return request.content().toString(UTF_8);
    }

    private boolean authorised(HttpHeaders headers) {
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        String shown = authorization.startsWith(BEARER)
                ? authorization.substring(BEARER.length())
                : headers.get("api-key", "");
        return MessageDigest.isEqual(shown.getBytes(UTF_8), studio.token().getBytes(UTF_8));
    }

    private ObjectNode models() {
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        long created = studio.clock().instant().getEpochSecond();
        studio.models()
                .forEach(scene -> data.addObject()
                        .put("id", Studio.modelOf(scene))
                        .put("object", "model")
                        .put("created", created)
                        .put("owned_by", "sotto-simulator-scripted"));
        return body;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
