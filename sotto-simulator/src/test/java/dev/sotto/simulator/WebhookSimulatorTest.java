package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebhookSimulatorTest {
    private final WebhookSimulator receiver = WebhookSimulator.start(0, TestIdentity.SERVER);
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(TestIdentity.trusting())
            .build();

    @AfterEach
    void close() {
        http.shutdownNow();
        receiver.close();
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(receiver.uri("/hook?a=b"))
                .header("webhook-id", "msg_1")
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> post(String body) throws Exception {
        return http.send(request(body), BodyHandlers.ofString());
    }

    @Test
    void delivery_isKept() throws Exception {
        var answer = post("{\"call\":\"01\"}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-sotto-simulator")).contains("scripted");
        assertThat(receiver.await(1, Duration.ofSeconds(10))).isTrue();
        var delivery = receiver.deliveries().getFirst();
        assertThat(delivery.method()).isEqualTo("POST");
        assertThat(delivery.path()).isEqualTo("/hook?a=b");
        assertThat(delivery.header("Webhook-Id")).contains("msg_1");
        assertThat(delivery.body()).isEqualTo("{\"call\":\"01\"}");
        assertThat(receiver.received().contains("{\"call\":\"01\"}")).isTrue();
    }

    @Test
    void failNext_failsAsOftenAsAsked() throws Exception {
        receiver.failNext(2, 500);
        assertThat(post("a").statusCode()).isEqualTo(500);
        assertThat(post("b").statusCode()).isEqualTo(500);
        assertThat(post("c").statusCode()).isEqualTo(200);
        assertThat(receiver.deliveries())
                .extracting(WebhookSimulator.Delivery::status)
                .containsExactly(500, 500, 200);
    }

    @Test
    void down_takesNothing_up_takesAgain() throws Exception {
        receiver.down();
        assertThatThrownBy(() -> post("a")).isInstanceOf(IOException.class);
        receiver.up();
        assertThat(post("b").statusCode()).isEqualTo(200);
        assertThat(receiver.deliveries())
                .extracting(WebhookSimulator.Delivery::body)
                .containsExactly("b");
    }

    @Test
    void slow_answersLate() {
        receiver.answerAfter(Duration.ofMinutes(5));
        assertThatThrownBy(() -> http.sendAsync(request("a"), BodyHandlers.ofString())
                        .orTimeout(300, TimeUnit.MILLISECONDS)
                        .join())
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void await_nothingComes_saysSo() throws Exception {
        assertThat(receiver.await(1, Duration.ofMillis(5))).isFalse();
    }
}
