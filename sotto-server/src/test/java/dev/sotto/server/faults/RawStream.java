package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/// A carrier's TLS socket, byte by byte, so that it can also break every rule.
final class RawStream implements AutoCloseable {
    static final int TEXT = 0x81;
    static final int BINARY = 0x82;
    static final int CLOSE = 0x88;
    static final int PING = 0x89;
    /// What [#closeCode()] gives for a socket that ended without a word.
    static final int CUT = -1;

    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int MAX_HEAD = 16 * 1024;
    private static final int MEDIUM = 126;
    private static final int LONG = 127;

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private RawStream(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /// A frame that came.
    static final class Frame {
        private final int opcode;
        private final byte[] payload;

        private Frame(int opcode, byte[] payload) {
            this.opcode = opcode;
            this.payload = payload;
        }

        String text() {
            return new String(payload, UTF_8);
        }
    }

    /// Connects to the listener at `url`, which must be who it says it is.
    ///
    /// @param protocols of TLS that are offered
    static RawStream connect(URI url, SSLContext trust, String... protocols) throws IOException {
        var plain = new Socket();
        plain.connect(new InetSocketAddress(url.getHost(), url.getPort()), TIMEOUT_MILLIS);
        var socket = (SSLSocket) trust.getSocketFactory().createSocket(plain, url.getHost(), url.getPort(), true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setEnabledProtocols(protocols.length == 0 ? new String[] {"TLSv1.3"} : protocols);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
        return new RawStream(socket);
    }

    String protocol() {
        return socket.getSession().getProtocol();
    }

    /// Asks for an upgrade.
    ///
    /// @return the head of the answer
    String upgrade(String path, String signature) throws IOException {
        raw(("GET " + path + " HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Twilio-Signature: " + signature
                        + "\r\n\r\n")
                .getBytes(ISO_8859_1));
        return head();
    }

    /// The head of an answer, or what came of it.
    String head() throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n") && head.size() < MAX_HEAD) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1);
    }

    void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void text(String message) throws IOException {
        frame(TEXT, message.getBytes(UTF_8));
    }

    /// Sends a masked frame.
    ///
    /// @param first its first byte: whether it is the last of its message, reserved bits and opcode
    void frame(int first, byte[] payload) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(first);
        if (payload.length < MEDIUM) {
            bytes.write(0x80 | payload.length);
        } else if (payload.length <= 0xFFFF) {
            bytes.write(0x80 | MEDIUM);
            bytes.write(payload.length >> 8);
            bytes.write(payload.length);
        } else {
            bytes.write(0x80 | LONG);
            for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                bytes.write((int) ((long) payload.length >> shift));
            }
        }
        byte[] mask = {7, 11, 13, 17};
        bytes.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            bytes.write(payload[i] ^ mask[i % mask.length]);
        }
        raw(bytes.toByteArray());
    }

    Frame read() throws IOException {
        int opcode = in.readUnsignedByte() & 0x0F;
        int length = in.readUnsignedByte();
        if (length == MEDIUM) {
            length = in.readUnsignedShort();
        } else if (length == LONG) {
            length = Math.toIntExact(in.readLong());
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(opcode, payload);
    }

    /// Reads until the agent is heard.
    void awaitAudio() throws IOException {
        Frame frame = read();
        while (!frame.text().contains("\"event\":\"media\"")) {
            if (frame.opcode == (CLOSE & 0x0F)) {
                throw new AssertionError("the stream was closed");
            }
            frame = read();
        }
    }

    /// Reads on until the node closes, and gives why, or [#CUT].
    int closeCode() throws IOException {
        try {
            while (true) {
                Frame frame = read();
                if (frame.opcode == (CLOSE & 0x0F)) {
                    return ((frame.payload[0] & 0xFF) << Byte.SIZE) | (frame.payload[1] & 0xFF);
                }
            }
        } catch (EOFException | SocketException | SSLException ended) {
            return CUT;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
