package dev.sotto.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/// Plays Twilio over a real TLS socket, byte by byte, so that a test can also break the rules.
final class TwilioCaller implements AutoCloseable {
    static final String PUBLIC_HOST = "voice.sotto.test";
    static final String STREAM = "MZ0123456789abcdef0123456789abcdef";
    static final String CALL = "CA0123456789abcdef0123456789abcdef";

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private TwilioCaller(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /// One WebSocket frame.
    static final class Frame {
        private final int opcode;
        private final byte[] payload;

        Frame(int opcode, byte[] payload) {
            this.opcode = opcode;
            this.payload = payload;
        }

        int opcode() {
            return opcode;
        }

        String text() {
            return new String(payload, UTF_8);
        }

        int closeCode() {
            return ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        }
    }

    static TwilioCaller connect(int port) throws IOException {
        return connect(port, 0);
    }

    static TwilioCaller connect(int port, int receiveBuffer) throws IOException {
        var plain = new Socket();
        if (receiveBuffer > 0) {
            plain.setReceiveBufferSize(receiveBuffer);
        }
        plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        var socket = (SSLSocket) TestIdentity.CLIENT.getSocketFactory().createSocket(plain, "localhost", port, true);
        socket.setSoTimeout(10_000);
        return new TwilioCaller(socket);
    }

    /// A stream that is upgraded and has said `connected`.
    static TwilioCaller stream(int port) throws IOException {
        var caller = connect(port);
        String upgraded = caller.upgrade(FakeDesk.ACCOUNT, FakeDesk.SECRET);
        if (!upgraded.startsWith("HTTP/1.1 101")) {
            throw new AssertionError(upgraded);
        }
        caller.text("{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
        return caller;
    }

    /// A stream that brought `token`.
    static TwilioCaller call(int port, String token) throws IOException {
        var caller = stream(port);
        caller.text(start(token));
        return caller;
    }

    String upgrade(String account, SensitiveText secret) throws IOException {
        String path = "/twilio/stream/" + account;
        return upgrade(path, TwilioSignature.sign(secret, "wss://" + PUBLIC_HOST + path, Map.of()));
    }

    /// @return the response's head
    String upgrade(String path, String signature) throws IOException {
        raw("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "x-twilio-signature: " + signature + "\r\n\r\n");
        return head();
    }

    void raw(String bytes) throws IOException {
        out.write(bytes.getBytes(ISO_8859_1));
        out.flush();
    }

    /// Reads up to the empty line.
    String head() throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return head.toString(ISO_8859_1);
            }
            head.write(b);
        }
        return head.toString(ISO_8859_1);
    }

    void text(String json) throws IOException {
        frame(0x81, json.getBytes(UTF_8));
    }

    /// A masked frame with this first byte.
    void frame(int first, byte[] payload) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(first);
        if (payload.length < 126) {
            bytes.write(0x80 | payload.length);
        } else if (payload.length < 0x10000) {
            bytes.write(0x80 | 126);
            bytes.write(payload.length >> 8);
            bytes.write(payload.length);
        } else {
            bytes.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                bytes.write((int) ((long) payload.length >> shift));
            }
        }
        byte[] mask = {1, 2, 3, 4};
        bytes.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            bytes.write(payload[i] ^ mask[i % 4]);
        }
        out.write(bytes.toByteArray());
        out.flush();
    }

    Frame read() throws IOException {
        int opcode = in.readUnsignedByte() & 0x0F;
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        return new Frame(opcode, in.readNBytes(length));
    }

    /// Reads on until the close frame, or -1 if the socket just ended.
    int closeCode() throws IOException {
        try {
            while (true) {
                var frame = read();
                if (frame.opcode() == 8) {
                    return frame.closeCode();
                }
            }
        } catch (EOFException | java.net.SocketException ended) {
            return -1;
        }
    }

    String protocol() {
        return socket.getSession().getProtocol();
    }

    static String start(String token) {
        return """
                {"event":"start","sequenceNumber":"1","start":{"accountSid":"%s","streamSid":"%s","callSid":"%s",\
                "tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},\
                "customParameters":{"token":"%s","call":"%s"}},"streamSid":"%s"}""".formatted(FakeDesk.ACCOUNT, STREAM, CALL, token, FakeDesk.CALL, STREAM);
    }

    static String media(int sequence, long timestamp, byte[] mulaw) {
        return """
                {"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d",\
                "payload":"%s"},"streamSid":"%s"}""".formatted(sequence, sequence, timestamp, Base64.getEncoder().encodeToString(mulaw), STREAM);
    }

    /// Ends the socket without a word.
    void hangUp() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
