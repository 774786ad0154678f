package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.InboundMessage.Event;
import dev.sotto.testkit.Samples;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InboundMessageTest {
    private final InboundMessage message = new InboundMessage();

    private RefusalReason read(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return message.read(bytes, bytes.length);
    }

    @Test
    void read_ofStart_givesItsFields() {
        assertThat(read(TwilioCaller.start("t"))).isNull();
        assertThat(message.event).isEqualTo(Event.START);
        assertThat(message.sequence).isOne();
        assertThat(message.accountSid).isEqualTo(FakeDesk.ACCOUNT);
        assertThat(message.callSid).isEqualTo(TwilioCaller.CALL);
        assertThat(message.streamSid).isEqualTo(TwilioCaller.STREAM).isEqualTo(message.startStreamSid);
        assertThat(message.formatGood).isTrue();
        assertThat(message.parameters)
                .isEqualTo(Map.of("token", SensitiveText.of("t"), "call", SensitiveText.of(FakeDesk.CALL.toString())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event\":\"media\",\"sequenceNumber\":\"4\",\"media\":{\"track\":\"inbound\",\"chunk\":\"2\","
                        + "\"timestamp\":\"5\",\"payload\":\"//8=\"},\"streamSid\":\"MZ1\"}",
                "{\"media\":{\"payload\":\"//8=\",\"later\":[{}],\"timestamp\":5,\"chunk\":2},\"sequenceNumber\":4,"
                        + "\"new\":{\"a\":[1,{\"b\":null}]},\"streamSid\":\"MZ1\",\"event\":\"media\"}",
            })
    void read_ofMediaInAnyOrderWithCountersAsTextOrNumbers_givesTheSame(String json) {
        assertThat(read(json)).isNull();
        assertThat(message.event).isEqualTo(Event.MEDIA);
        assertThat(message.sequence).isEqualTo(4);
        assertThat(message.timestampMillis).isEqualTo(5);
        assertThat(message.payload).containsExactly(0xFF, 0xFF);
        assertThat(message.fromCaller).isTrue();
    }

    /// The form that Twilio writes is read without a parser; what is nearly in that form must mean what it meant.
    @Test
    void read_ofMediaInTheUsualForm_isWhatTheParserMakesOfIt() {
        String usual =
                "{\"event\":\"media\",\"sequenceNumber\":\"41\",\"media\":{\"track\":\"inbound\",\"chunk\":\"2\","
                        + "\"timestamp\":\"500\",\"payload\":\"AAECAwQF/w==\"},\"streamSid\":\"MZ1\"}";
        Samples.forAll(20_000, random -> damaged(usual, random), text -> {
            byte[] plain = text.getBytes(StandardCharsets.ISO_8859_1);
            byte[] spaced = (" " + text).getBytes(StandardCharsets.ISO_8859_1); // not in the usual form
            var other = new InboundMessage();

            assertThat(message.read(plain, plain.length)).isEqualTo(other.read(spaced, spaced.length));
            assertThat(message.event).isEqualTo(other.event);
            assertThat(message.sequence).isEqualTo(other.sequence);
            assertThat(message.timestampMillis).isEqualTo(other.timestampMillis);
            assertThat(message.streamSid).isEqualTo(other.streamSid);
            assertThat(message.fromCaller).isEqualTo(other.fromCaller);
        });
        assertThat(read(usual)).isNull();
        assertThat(message.payload).containsExactly(0, 1, 2, 3, 4, 5, 0xFF);
    }

    /// One or two characters changed, added or taken away; sometimes none.
    private static String damaged(String text, RandomGenerator random) {
        var changed = new StringBuilder(text);
        for (int i = random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(changed.length());
            char with = "0123456789\"{}:,\\=/Ab \n\u00e9".charAt(random.nextInt(22));
            switch (random.nextInt(3)) {
                case 0 -> changed.setCharAt(at, with);
                case 1 -> changed.insert(at, with);
                default -> changed.deleteCharAt(at);
            }
        }
        return changed.toString();
    }

    @Test
    void read_ofTracks_tellsTheCallersFromOurs() {
        for (String track : new String[] {"inbound", "inbound_track"}) {
            assertThat(read("{\"event\":\"dtmf\",\"dtmf\":{\"track\":\"%s\",\"digit\":\"*\"}}".formatted(track)))
                    .isNull();
            assertThat(message.digit).isEqualTo('*');
            assertThat(message.fromCaller).isTrue();
        }
        assertThat(read("{\"event\":\"dtmf\",\"dtmf\":{\"track\":\"outbound\",\"digit\":\"1\"}}"))
                .isNull();
        assertThat(message.fromCaller).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event\":\"mark\"}",
                "{\"event\":\"mark\",\"mark\":null}",
                "{\"event\":\"mark\",\"mark\":\"x\"}",
                "{\"event\":\"mark\",\"mark\":{}}",
                "{\"event\":\"brandnew\",\"brandnew\":{\"x\":1}}"
            })
    void read_ofAMarkWithoutItsObjectOrAnUnknownEvent_isToBeIgnored(String json) {
        assertThat(read(json)).isNull();
        assertThat(message.event).isEqualTo(Event.OTHER);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    |BAD_JSON
                    nonsense|BAD_JSON
                    []|BAD_JSON
                    "media"|BAD_JSON
                    {"event":"stop"} {}|BAD_JSON
                    {"event":"stop","event":"stop"}|BAD_JSON
                    {"event":"stop"|BAD_JSON
                    {'event':'stop'}|BAD_JSON
                    {"event":"x","a":[[[[[[[[[[1]]]]]]]]]]}|BAD_JSON
                    {"event":"x","a":123456789012345678901234567890123456}|BAD_JSON
                    {}|BAD_MESSAGE
                    {"event":7}|BAD_MESSAGE
                    {"event":"start"}|BAD_MESSAGE
                    {"event":"start","start":{"accountSid":"AC1","callSid":"a/b"}}|BAD_MESSAGE
                    {"event":"start","start":{"accountSid":"AC1","callSid":"CA1","customParameters":{"a":1}}}|BAD_MESSAGE
                    {"event":"media"}|BAD_MESSAGE
                    {"event":"media","media":[]}|BAD_MESSAGE
                    {"event":"media","media":{"payload":"AAAA"}}|BAD_MESSAGE
                    {"event":"media","media":{"timestamp":"5"}}|BAD_MESSAGE
                    {"event":"media","media":{"timestamp":"-5","payload":"AAAA"}}|BAD_MESSAGE
                    {"event":"media","media":{"timestamp":"5.0","payload":"AAAA"}}|BAD_MESSAGE
                    {"event":"media","media":{"timestamp":"9999999999999999","payload":"AAAA"}}|BAD_MESSAGE
                    {"event":"media","media":{"timestamp":"","payload":"AAAA"}}|BAD_MESSAGE
                    {"event":"media","media":{"timestamp":"5","payload":"AAA"}}|BAD_PAYLOAD
                    {"event":"media","media":{"timestamp":"5","payload":""}}|BAD_PAYLOAD
                    {"event":"media","media":{"timestamp":"5","payload":5}}|BAD_PAYLOAD
                    {"event":"media","media":{"timestamp":"5","payload":"AA_-"}}|BAD_PAYLOAD
                    {"event":"dtmf"}|BAD_MESSAGE
                    {"event":"dtmf","dtmf":{}}|BAD_MESSAGE
                    {"event":"dtmf","dtmf":{"digit":"12"}}|BAD_MESSAGE
                    {"event":"dtmf","dtmf":{"digit":"x"}}|BAD_MESSAGE
                    {"event":"dtmf","dtmf":{"digit":1}}|BAD_MESSAGE
                    """)
    void read_againstARule_isRefusedForIt(String json, RefusalReason reason) {
        assertThat(read(json == null ? "" : json)).isEqualTo(reason);
    }

    @Test
    void read_overALimit_isRefused() {
        String audio = java.util.Base64.getEncoder().encodeToString(new byte[EdgeLimits.MAX_PAYLOAD_BYTES + 3]);
        assertThat(read("{\"event\":\"media\",\"media\":{\"timestamp\":\"5\",\"payload\":\"%s\"}}".formatted(audio)))
                .isEqualTo(RefusalReason.BAD_PAYLOAD);
        var parameters = new StringBuilder("\"a\":\"b\"");
        for (int i = 0; i < 40; i++) {
            parameters.append(",\"").append(i).append("\":\"x\"");
        }
        assertThat(read("{\"event\":\"start\",\"start\":{\"customParameters\":{%s}}}".formatted(parameters)))
                .isEqualTo(RefusalReason.BAD_MESSAGE);
        assertThat(read("{\"event\":\"start\",\"start\":{\"customParameters\":{\"a\":\"%s\"}}}"
                        .formatted("x".repeat(1_025))))
                .isEqualTo(RefusalReason.BAD_MESSAGE);
        assertThat(read("{\"event\":\"%s\"}".formatted("x".repeat(129)))).isEqualTo(RefusalReason.BAD_MESSAGE);
    }

    @Test
    void read_ofDamagedMessages_neverThrowsAndRecovers() {
        byte[] whole = TwilioCaller.start("t").getBytes(UTF_8);
        for (int cut = 0; cut < whole.length; cut++) {
            assertThat(message.read(whole, cut)).isEqualTo(RefusalReason.BAD_JSON);
        }
        Samples.forAll(
                8_000,
                random -> {
                    byte[] damaged = random.nextBoolean()
                            ? whole.clone()
                            : TwilioCaller.media(3, 4, new byte[9]).getBytes(UTF_8);
                    for (int i = 1 + random.nextInt(4); i > 0; i--) {
                        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                    }
                    return AudioClip.of(damaged);
                },
                damaged -> message.read(damaged.toByteArray(), damaged.sizeBytes()));
        assertThat(message.read(whole, whole.length)).isNull();
        assertThat(message.parameters).hasSize(2);
    }
}
