package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.media.AudioClip;
import dev.sotto.media.RefusalReason;
import dev.sotto.server.faults.Carrier.Offer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Ten thousand random frames at a whole node, while somebody is on the line.
class FloodIT {
    private static final int FRAMES = 10_000;
    private static final int FRAMES_A_SOCKET = 200;
    /// Each keeps one of the node's 200 places for calls for a while.
    private static final int MOST_CALLS = 60;
    private static final int LARGEST = 400;
    /// How many refusals of one reason get an entry of their own in a minute, and the one for the rest.
    private static final int ENTRIES_A_MINUTE = 10 + 1;

    private static final CallId NOBODYS = CallId.parse("01JDAAAAAAAAAAAAAAAAAAAAAA");

    private static AttackedNode node;

    @BeforeAll
    static void start() throws Exception {
        node = AttackedNode.start("flood");
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    @Test
    void tenThousandRandomFrames_areRefusedAndAuditedInBoundsAndHarmNobody() throws Exception {
        long seed = Long.getLong("sotto.test.seed", 20_261_121);
        try {
            flood(new SplittableRandom(seed));
        } catch (AssertionError failure) {
            throw new AssertionError("replay with -Dsotto.test.seed=" + seed, failure);
        }
    }

    private static void flood(SplittableRandom random) throws Exception {
        long begun = System.nanoTime();
        Map<RefusalReason, Long> before = counted();
        Attack attack;
        try (var phone = Phone.at(node.home());
                var carrier = Carrier.of(node.home(), random.split())) {
            // Rang before, and is asked who it is in the midst of it.
            Phone.Line line = phone.call("+15550146001", AudioClip.empty(), AttackedNode.WHO, false);
            line.id();
            attack = new Attack(carrier, random);
            attack.run();
            node.assertServed(line);
        }

        assertThat(attack.frames).isGreaterThanOrEqualTo(FRAMES);
        assertThat(attack.sockets).isGreaterThanOrEqualTo(FRAMES / FRAMES_A_SOCKET);
        Map<RefusalReason, Long> counted = counted();
        before.forEach((reason, count) -> counted.merge(reason, -count, Long::sum));
        counted.values().removeIf(count -> count == 0);
        long refused = counted.values().stream().mapToLong(Long::longValue).sum();
        assertThat(refused)
                .as("every socket is refused once, but for those that closed politely: %s", counted)
                .isBetween((long) attack.sockets - attack.polite, (long) attack.sockets);
        // Which other kinds a socket meets first depends on timing; EdgeIT holds each kind by itself.
        assertThat(counted).as("all sorts").containsKeys(RefusalReason.BAD_JSON, RefusalReason.BAD_FRAME);

        assertBounded(counted, begun);
        assertThat(node.paper().metric("sotto_media_refusals_unreported_total")).isZero();
        assertThat(node.paper().metric("sotto_media_callback_failed_total")).isZero();
        Await.until("every leg is gone", () -> node.paper().metric("sotto_media_legs") == 0);
        Await.until("every socket is gone", () -> node.paper().metric("sotto_media_connections") == 0);
        assertThat(node.paper().healthy()).isTrue();
        node.assertServes("+15550146002");
        node.assertIntact();
    }

    private static Map<RefusalReason, Long> counted() {
        Map<RefusalReason, Long> counted = new HashMap<>();
        for (RefusalReason reason : RefusalReason.values()) {
            long count = node.counted(reason);
            if (count > 0) {
                counted.put(reason, count);
            }
        }
        return counted;
    }

    /// Nothing is lost from the log, and nobody can fill it.
    private static void assertBounded(Map<RefusalReason, Long> counted, long begun) throws Exception {
        for (RefusalReason reason : counted.keySet()) {
            node.assertAudited(reason);
        }
        long minutes = Duration.ofNanos(System.nanoTime() - begun).toMinutes() + 1;
        for (RefusalReason reason : counted.keySet()) {
            assertThat(node.refusals(reason.name().toLowerCase(Locale.ROOT)))
                    .as("%s", reason)
                    .hasSizeLessThanOrEqualTo((int) (ENTRIES_A_MINUTE * minutes));
        }
        assertThat(node.refusals().toString()).doesNotContain("canary");
    }

    @Test
    void bytesThatAreNoTls_andTlsThatIsNoHttp_areRefused() throws Exception {
        var random = new SplittableRandom(7);
        try (var carrier = Carrier.of(node.home(), random.split())) {
            var url = carrier.target().voiceUrl();
            long handshakes = node.counted(RefusalReason.TLS_HANDSHAKE);
            long malformed = node.counted(RefusalReason.MALFORMED_REQUEST);
            for (int i = 0; i < 10; i++) {
                byte[] bytes = new byte[LARGEST];
                random.nextBytes(bytes);
                bytes[0] |= (byte) 0x80; // no record of TLS begins so
                try (var socket = new Socket(url.getHost(), url.getPort())) {
                    socket.setSoTimeout(30_000);
                    socket.getOutputStream().write(bytes);
                    drain(socket);
                }
                try (RawStream stream = carrier.connect()) {
                    stream.raw("canary \u0001 /\r\n\r\n".getBytes(UTF_8));
                    assertThat(stream.head()).startsWith("HTTP/1.1 400 ").doesNotContain("canary");
                }
            }
            Await.until("each is counted", () -> node.counted(RefusalReason.TLS_HANDSHAKE) - handshakes == 10);
            assertThat(node.counted(RefusalReason.MALFORMED_REQUEST) - malformed)
                    .isEqualTo(10);
            node.assertAudited(RefusalReason.TLS_HANDSHAKE);
            node.assertAudited(RefusalReason.MALFORMED_REQUEST);
        }
        node.assertServes("+15550146003");
    }

    private static void drain(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            // closed upon
        }
    }

    /// The frames, on one socket after the other.
    private static final class Attack {
        private final Carrier carrier;
        private final SplittableRandom random;
        private int frames;
        private int sockets;
        private int calls;
        /// Sockets on which a frame was sent that ends a stream in good order.
        private int polite;

        private boolean closing;

        Attack(Carrier carrier, SplittableRandom random) {
            this.carrier = carrier;
            this.random = random;
        }

        void run() throws Exception {
            while (frames < FRAMES) {
                one();
            }
        }

        private void one() throws Exception {
            sockets++;
            closing = false;
            boolean call = calls < MOST_CALLS && random.nextInt(4) == 0;
            Offer offer = call ? carrier.offer() : nobodys();
            try (RawStream stream = call ? carrier.started(offer) : carrier.upgraded()) {
                if (call) {
                    calls++;
                    stream.awaitAudio();
                } else {
                    stream.text(Carrier.CONNECTED);
                }
                try {
                    for (int i = 0; i < FRAMES_A_SOCKET; i++) {
                        send(stream, offer, call, i + 2);
                        frames++;
                    }
                    stream.frame(RawStream.BINARY, new byte[1]); // in case all of it was fine
                } catch (IOException closed) {
                    // the node has had enough
                }
                assertThat(stream.closeCode()).isIn(1008, 1000, RawStream.CUT);
            }
            polite += closing ? 1 : 0;
        }

        private Offer nobodys() {
            return new Offer(carrier.sid("CA"), carrier.sid("MZ"), "never drawn", NOBODYS);
        }

        private void send(RawStream stream, Offer offer, boolean call, int number) throws IOException {
            byte[] bytes = new byte[random.nextInt(LARGEST)];
            random.nextBytes(bytes);
            byte[] media = Carrier.media(offer, number, number * 20L, bytes).getBytes(UTF_8);
            switch (random.nextInt(40)) {
                case 0 -> any(stream, bytes);
                case 1 -> stream.frame(RawStream.TEXT, bytes);
                case 2 -> stream.frame(RawStream.TEXT, damaged(media));
                case 3 ->
                    stream.frame(
                            RawStream.TEXT,
                            List.of("{}", "[]", "null", "\"canary\"", "")
                                    .get(random.nextInt(5))
                                    .getBytes(UTF_8));
                case 4, 5, 6, 7 -> stream.frame(RawStream.PING, new byte[random.nextInt(126)]);
                default -> {
                    if (call && random.nextBoolean()) {
                        stream.frame(RawStream.TEXT, media);
                    } else {
                        stream.text("{\"event\":\"canary-%d\",\"x\":[%d,{}]}".formatted(random.nextInt(), number));
                    }
                }
            }
        }

        private void any(RawStream stream, byte[] bytes) throws IOException {
            int first = random.nextInt(256);
            closing |= (first & 0x0F) == (RawStream.CLOSE & 0x0F);
            stream.frame(first, bytes);
        }

        /// One to four bits, bytes or the end of it are not what they were.
        private byte[] damaged(byte[] media) {
            byte[] damaged = media.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(damaged.length);
                damaged[at] =
                        (byte) (random.nextBoolean() ? damaged[at] ^ (1 << random.nextInt(8)) : random.nextInt(256));
            }
            return random.nextInt(4) == 0 ? Arrays.copyOf(damaged, random.nextInt(damaged.length)) : damaged;
        }
    }
}
