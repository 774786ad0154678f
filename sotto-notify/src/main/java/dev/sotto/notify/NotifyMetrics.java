package dev.sotto.notify;

/// The names of what is counted.
final class NotifyMetrics {
    static final String ATTEMPT = "notify.attempt";
    static final String SENT = "notify.sent";
    static final String RETRIED = "notify.retried";
    static final String DENIED = "notify.denied";
    static final String GIVEN_UP = "notify.given_up";
    static final String UNAVAILABLE = "notify.unavailable";
    static final String WAITING = "notify.waiting";
    static final String OLDEST_SECONDS = "notify.oldest.seconds";
    static final String UNSENT = "notify.unsent";
    static final String ALERTS = "notify.alerts";
    static final String ALERTS_HELD = "notify.alerts.held";
    static final String ALERTS_MERGED = "notify.alerts.merged";
    static final String ALERTS_LOST = "notify.alerts.lost";

    private NotifyMetrics() {}
}
