package dev.sotto.server.call;

import dev.sotto.core.SensitiveText;
import java.util.Base64;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The messages the carrier sends on one stream, in the exact shape of Twilio Media Streams: every counter is a
/// string. Numbers each message as it is made, so make them in the order they are sent. Not thread-safe.
final class CarrierMessages {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CONNECTED = "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}";

    private final CallSids sids;
    private long sequence;
    private long chunk;

    CarrierMessages(CallSids sids) {
        this.sids = sids;
    }

    String connected() {
        return CONNECTED;
    }

    String start(Map<String, SensitiveText> parameters) {
        ObjectNode message = message("start");
        ObjectNode start = message.putObject("start")
                .put("accountSid", sids.account())
                .put("streamSid", sids.stream())
                .put("callSid", sids.call());
        start.putArray("tracks").add("inbound");
        start.putObject("mediaFormat")
                .put("encoding", "audio/x-mulaw")
                .put("sampleRate", 8_000)
                .put("channels", 1);
        ObjectNode custom = start.putObject("customParameters");
        parameters.forEach((name, value) -> custom.put(name, value.reveal()));
        return message.toString();
    }

    /// Made by hand: it is the one message there are many of, and nothing in it needs escaping.
    String media(long timestampMillis, byte[] mulaw) {
        return "{\"event\":\"media\",\"sequenceNumber\":\"" + ++sequence
                + "\",\"media\":{\"track\":\"inbound\",\"chunk\":\"" + ++chunk
                + "\",\"timestamp\":\"" + timestampMillis
                + "\",\"payload\":\"" + Base64.getEncoder().encodeToString(mulaw)
                + "\"},\"streamSid\":\"" + sids.stream() + "\"}";
    }

    String dtmf(char digit) {
        ObjectNode message = message("dtmf");
        message.putObject("dtmf").put("track", "inbound_track").put("digit", String.valueOf(digit));
        return message.toString();
    }

    String mark(String name) {
        ObjectNode message = message("mark");
        message.putObject("mark").put("name", name);
        return message.toString();
    }

    String stop() {
        ObjectNode message = message("stop");
        message.putObject("stop").put("accountSid", sids.account()).put("callSid", sids.call());
        return message.toString();
    }

    private ObjectNode message(String event) {
        return JSON.createObjectNode()
                .put("event", event)
                .put("sequenceNumber", Long.toString(++sequence))
                .put("streamSid", sids.stream());
    }
}
