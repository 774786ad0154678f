package dev.sotto.server.call;

import java.net.URI;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Places calls as Twilio does: signed webhooks, TwiML, Media Streams over WebSocket in real time. Many calls
/// share one clock thread and a handful of others. Thread-safe.
public final class TwilioCaller implements AutoCloseable {
    private static final int NETWORK_THREADS = 4;

    private final Parts parts;
    private final CarrierAccount account;
    private final HttpClient client;
    private final ExecutorService network;
    private final SecureRandom random = new SecureRandom();

    private TwilioCaller(Parts parts, CarrierAccount account, HttpClient client, ExecutorService network) {
        this.parts = parts;
        this.account = account;
        this.client = client;
        this.network = network;
    }

    /// What the calls of one caller share.
    record Parts(URI voiceUrl, CarrierHttp http, CallClock clock) {}

    /// Makes ready to call; nothing is sent yet.
    ///
    /// @param voiceUrl the webhook, whole, as the server knows it: it is part of each signature
    public static TwilioCaller open(URI voiceUrl, CarrierAccount account, PeerTrust trust) {
        ExecutorService network = Executors.newFixedThreadPool(
                NETWORK_THREADS,
                Thread.ofPlatform().name("caller-network-", 0).daemon().factory());
        HttpClient client = trust.client().executor(network).build();
        var parts = new Parts(
                voiceUrl, new CarrierHttp(client, account, "http".equals(voiceUrl.getScheme())), new CallClock());
        return new TwilioCaller(parts, account, client, network);
    }

    /// Places a call and returns while it goes on. However it ends, it ends with a report.
    public PlacedCall place(CallPlan plan, CallWatcher watcher) {
        var placed = new PlacedCall(parts, plan, watcher, CallSids.fresh(account.sid(), random));
        Thread.ofVirtual().name("caller-" + placed.callSid()).start(placed::run);
        return placed;
    }

    public PlacedCall place(CallPlan plan) {
        return place(plan, new CallWatcher() {});
    }

    /// Breaks off all calls.
    @Override
    public void close() {
        parts.clock().close();
        client.shutdownNow();
        network.shutdownNow();
    }
}
