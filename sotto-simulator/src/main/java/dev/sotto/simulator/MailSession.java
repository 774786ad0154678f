package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One connection to the mail simulator: the commands of RFC 5321 that a sender needs, a line at a time.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
final class MailSession extends SimpleChannelInboundHandler<ByteBuf> {
    private static final Pattern PATH = Pattern.compile("<([^<>\\s]{0,256})>.*");
    private static final int MOST_ERRORS = 20;

    private final MailSimulator simulator;
    private final List<String> recipients = new ArrayList<>();
    private final StringBuilder content = new StringBuilder();
    private @Nullable String sender;
    private boolean greeted;
    private boolean secure;
    private boolean authenticated;
    private boolean awaitsLogin;
    private boolean inData;
    private boolean tooLarge;
    private int errors;

    MailSession(MailSimulator simulator) {
        this.simulator = simulator;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        reply(ctx, "220 localhost Sotto mail simulator (scripted)");
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
        String line = bytes.toString(ISO_8859_1);
        if (inData) {
            data(ctx, line);
        } else if (awaitsLogin) {
            awaitsLogin = false;
            logIn(ctx, line);
        } else {
            command(ctx, line);
        }
    }

    private void command(ChannelHandlerContext ctx, String line) {
        int space = line.indexOf(' ');
        String verb = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
        String rest = space < 0 ? "" : line.substring(space + 1).strip();
        switch (verb) {
            case "EHLO", "HELO" -> hello(ctx, verb.equals("EHLO"));
            case "STARTTLS" -> startTls(ctx);
            case "AUTH" -> authenticate(ctx, rest);
            case "MAIL" -> mail(ctx, rest);
            case "RCPT" -> recipient(ctx, rest);
            case "DATA" -> beginData(ctx);
            case "RSET" -> {
                reset();
                reply(ctx, "250 OK");
            }
            case "NOOP" -> reply(ctx, "250 OK");
            case "QUIT" ->
                ctx.writeAndFlush(Unpooled.copiedBuffer("221 bye\r\n", UTF_8)).addListener(ChannelFutureListener.CLOSE);
            default -> refuse(ctx, "500 command not known");
        }
    }

    private void hello(ChannelHandlerContext ctx, boolean extended) {
        reset();
        greeted = true;
        if (!extended) {
            reply(ctx, "250 localhost");
            return;
        }
        var lines = new ArrayList<String>();
        lines.add("localhost");
        lines.add("SIZE " + MailSimulator.MOST_MESSAGE_BYTES);
        lines.add("8BITMIME");
        if (simulator.tls() != null && !secure) {
            lines.add("STARTTLS");
        }
        if (simulator.login() != null && (secure || simulator.tls() == null)) {
            lines.add("AUTH PLAIN");
        }
        var text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            text.append(i + 1 < lines.size() ? "250-" : "250 ")
                    .append(lines.get(i))
                    .append("\r\n");
        }
        ctx.writeAndFlush(Unpooled.copiedBuffer(text, UTF_8));
    }

    private void startTls(ChannelHandlerContext ctx) {
        SslContext tls = simulator.tls();
        if (tls == null || secure) {
            refuse(ctx, "503 tls is not to be had now");
            return;
        }
        greeted = false;
        secure = true;
        reset();
        // The answer goes out in clear, everything after it through TLS.
        ctx.pipeline().addFirst(new SslHandler(tls.newEngine(ctx.alloc()), true));
        reply(ctx, "220 go ahead");
    }

    private void authenticate(ChannelHandlerContext ctx, String rest) {
        String[] words = rest.split(" ", 2);
        if (simulator.login() == null || (simulator.tls() != null && !secure)) {
            refuse(ctx, "503 not to be had now");
        } else if (!words[0].equalsIgnoreCase("PLAIN")) {
            refuse(ctx, "504 only plain");
        } else if (words.length == 2) {
            logIn(ctx, words[1]);
        } else {
            awaitsLogin = true;
            reply(ctx, "334 ");
        }
    }

    private void logIn(ChannelHandlerContext ctx, String base64) {
        MailSimulator.Login login = simulator.login();
        byte[] given;
        try {
            given = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException malformed) {
            refuse(ctx, "501 not base64");
            return;
        }
        byte[] wanted = login == null
                ? new byte[0]
                : ("\0" + login.user() + "\0" + login.password().reveal()).getBytes(UTF_8);
        authenticated = login != null && MessageDigest.isEqual(given, wanted);
        if (authenticated) {
            reply(ctx, "235 authenticated");
        } else {
            refuse(ctx, "535 not authenticated");
        }
    }

    private void mail(ChannelHandlerContext ctx, String rest) {
        String path = path(rest, "FROM:");
        if (!greeted || sender != null) {
            refuse(ctx, "503 out of order");
        } else if (simulator.tls() != null && !secure) {
            refuse(ctx, "530 starttls first");
        } else if (simulator.login() != null && !authenticated) {
            refuse(ctx, "530 authenticate first");
        } else if (path == null) {
            refuse(ctx, "501 not a path");
        } else {
            sender = path;
            reply(ctx, "250 OK");
        }
    }

    private void recipient(ChannelHandlerContext ctx, String rest) {
        String path = path(rest, "TO:");
        if (sender == null) {
            refuse(ctx, "503 out of order");
        } else if (path == null || path.isEmpty()) {
            refuse(ctx, "501 not a path");
        } else if (recipients.size() >= MailSimulator.MOST_RECIPIENTS) {
            refuse(ctx, "452 too many recipients");
        } else {
            recipients.add(path);
            reply(ctx, "250 OK");
        }
    }

    private static @Nullable String path(String rest, String keyword) {
        if (!rest.regionMatches(true, 0, keyword, 0, keyword.length())) {
            return null;
        }
        var path = PATH.matcher(rest.substring(keyword.length()).strip());
        return path.matches() ? path.group(1) : null;
    }

    private void beginData(ChannelHandlerContext ctx) {
        if (recipients.isEmpty()) {
            refuse(ctx, "503 out of order");
        } else {
            inData = true;
            reply(ctx, "354 go ahead, end with a dot");
        }
    }

    private void data(ChannelHandlerContext ctx, String line) {
        if (!line.equals(".")) {
            String plain = line.startsWith(".") ? line.substring(1) : line;
            tooLarge |= content.length() + plain.length() > MailSimulator.MOST_MESSAGE_BYTES;
            if (!tooLarge) {
                content.append(plain).append("\r\n");
            }
            return;
        }
        inData = false;
        String from = sender == null ? "" : sender;
        String text = new String(content.toString().getBytes(ISO_8859_1), UTF_8);
        String answer = tooLarge
                ? "552 too large"
                : simulator.take(new MailSimulator.Message(from, recipients, text, secure))
                        ? "250 kept, and delivered to nobody"
                        : "451 try again later";
        reset();
        reply(ctx, answer);
    }

    private void reset() {
        sender = null;
        recipients.clear();
        content.setLength(0);
        tooLarge = false;
    }

    private void refuse(ChannelHandlerContext ctx, String line) {
        reply(ctx, line);
        if (++errors >= MOST_ERRORS) {
            ctx.close();
        }
    }

    private static void reply(ChannelHandlerContext ctx, String line) {
        ctx.writeAndFlush(Unpooled.copiedBuffer(line + "\r\n", UTF_8));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause.getCause() instanceof TooLongFrameException || cause instanceof TooLongFrameException) {
            refuse(ctx, "500 line too long");
        } else {
            ctx.close();
        }
    }
}
