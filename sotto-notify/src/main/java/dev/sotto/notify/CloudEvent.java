package dev.sotto.notify;

import dev.sotto.store.ClaimedDelivery;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A notice as a CloudEvents 1.0 event in JSON, structured mode. Holds ids, codes, times and counts.
final class CloudEvent {
    static final String MEDIA_TYPE = "application/cloudevents+json";
    private static final String TYPE_PREFIX = "dev.sotto.";

    private CloudEvent() {}

    static String json(ClaimedDelivery delivery) {
        ObjectNode event = JsonMapper.shared()
                .createObjectNode()
                .put("specversion", "1.0")
                .put("id", delivery.notice().toString())
                .put("source", "/tenants/" + delivery.tenant())
                .put("type", TYPE_PREFIX + delivery.type().code())
                .put("time", delivery.happenedAt().toString())
                .put("datacontenttype", "application/json");
        ObjectNode data = event.putObject("data");
        delivery.call().ifPresent(call -> {
            event.put("subject", "call/" + call);
            data.put("call", call.toString());
        });
        data.put("occurrences", delivery.occurrences());
        delivery.details().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(detail -> data.put(detail.getKey(), detail.getValue()));
        return event.toString();
    }
}
