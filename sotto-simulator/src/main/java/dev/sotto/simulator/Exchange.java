package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The answer to one HTTP request. Used on the connection's thread only.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
final class Exchange {
    private final ChannelHandlerContext ctx;
    private final String requestId;
    private final Runnable done;
    private boolean answered;

    /// @param done called once when the answer is complete
    Exchange(ChannelHandlerContext ctx, String requestId, Runnable done) {
        this.ctx = ctx;
        this.requestId = requestId;
        this.done = done;
    }

    /// Runs `task` on the connection's thread, at once if nothing is to be waited for.
    static void later(ChannelHandlerContext ctx, Duration delay, Runnable task) {
        if (delay.isZero()) {
            task.run();
        } else {
            Timers.of(ctx.channel().eventLoop()).after(delay, task);
        }
    }

    Timers timers() {
        return Timers.of(ctx.channel().eventLoop());
    }

    /// Whether the peer takes more now; a peer that is gone takes everything.
    boolean ready() {
        return ctx.channel().isWritable() || gone();
    }

    boolean gone() {
        return !ctx.channel().isActive();
    }

    /// A whole JSON answer.
    void json(HttpResponseStatus status, JsonNode body) {
        whole(status, "application/json", Json.write(body).getBytes(UTF_8), false);
    }

    /// A whole answer.
    void whole(HttpResponseStatus status, String type, byte[] body) {
        whole(status, type, body, false);
    }

    /// An error in the shape of the real services, with a second until the next try where that makes sense.
    void error(HttpResponseStatus status, String type, String code, String message) {
        ObjectNode body = Json.object();
        body.putObject("error")
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", code);
        whole(status, "application/json", Json.write(body).getBytes(UTF_8), status.code() == 429);
    }

    private void whole(HttpResponseStatus status, String type, byte[] body, boolean retryLater) {
        if (gone() || answered) {
            return;
        }
        answered = true;
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        head(response.headers(), type);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        if (retryLater) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, 1);
        }
        ctx.writeAndFlush(response).addListener(_ -> done.run());
    }

    /// Begins an answer in pieces.
    void begin(String type) {
        if (gone() || answered) {
            return;
        }
        answered = true;
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head(response.headers(), type);
        response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        ctx.writeAndFlush(response);
    }

    void piece(byte[] bytes) {
        if (!gone()) {
            ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
        }
    }

    /// One server-sent event.
    void event(String data) {
        piece(("data: " + data + "\n\n").getBytes(UTF_8));
    }

    void end() {
        if (!gone()) {
            ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(_ -> done.run());
        }
    }

    /// Cuts the connection behind what was written.
    void cut() {
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void head(HttpHeaders headers, String type) {
        headers.set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(Listener.HEADER, Listener.HEADER_VALUE)
                .set("x-request-id", requestId);
    }
}
