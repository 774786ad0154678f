package dev.sotto.notify;

import dev.sotto.store.ClaimedDelivery;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/// A notice in words of ours: what it is and its ids, codes and counts. ASCII.
record MailText(String subject, String body) {
    static MailText of(ClaimedDelivery delivery) {
        String what = switch (delivery.type()) {
            case CALL_COMPLETED -> "a call ended";
            case CALL_TRANSFERRED -> "a call was transferred";
            case MESSAGE_TAKEN -> "a message was taken";
            case DISCLOSURE_DENIED -> "a disclosure was denied";
            case IDENTITY_LOCKED -> "an identity check was locked";
            case KEY_ANOMALY -> "keys were used in an unusual way";
        };
        String often = delivery.occurrences() == 1 ? "" : " (%d times)".formatted(delivery.occurrences());
        var body = new StringBuilder("Sotto: ").append(what).append(often).append(".\n\n");
        line(body, "event", delivery.type().code());
        line(body, "notice", delivery.notice().toString());
        delivery.call().ifPresent(call -> line(body, "call", call.toString()));
        line(body, "time", delivery.happenedAt().truncatedTo(ChronoUnit.SECONDS).toString());
        line(body, "occurrences", Integer.toString(delivery.occurrences()));
        delivery.details().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(detail -> line(body, detail.getKey(), detail.getValue()));
        body.append("\nThis mail holds ids, codes and counts only. What lies behind them is in the dashboard,"
                + " under Alerts, and in the audit log.\n");
        return new MailText("Sotto: " + what + often, body.toString());
    }

    private static void line(StringBuilder body, String name, String value) {
        body.append(name).append(": ").append(value).append('\n');
    }
}
