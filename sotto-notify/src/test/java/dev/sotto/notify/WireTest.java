package dev.sotto.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.ClaimedDelivery;
import io.cloudevents.SpecVersion;
import io.cloudevents.jackson.JsonFormat;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What we write, read by the libraries of those who made the formats.
final class WireTest {
    private static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(new byte[32]);

    private static HttpHeaders headers(ClaimedDelivery delivery, Instant at, String signature) {
        Map<String, List<String>> headers = new HashMap<>();
        headers.put("webhook-id", List.of(delivery.notice().toString()));
        headers.put("webhook-timestamp", List.of(Long.toString(at.getEpochSecond())));
        headers.put("webhook-signature", List.of(signature));
        return HttpHeaders.of(headers, (_, _) -> true);
    }

    @Test
    void signature_holdsForTheReferenceLibrary_andForNothingElse() throws Exception {
        var delivery = Told.completed();
        String body = CloudEvent.json(delivery);
        Instant now = Instant.now();
        String signature = WebhookSecret.parse(SensitiveText.of(SECRET)).sign(delivery.notice(), now, body);
        var reference = new Webhook(SECRET);

        reference.verify(body, headers(delivery, now, signature));
        reference.verify(body, headers(delivery, now, "v1,AAAA " + signature));
        assertThatExceptionOfType(WebhookVerificationException.class)
                .isThrownBy(() -> reference.verify(body + " ", headers(delivery, now, signature)));
        assertThatExceptionOfType(WebhookVerificationException.class)
                .isThrownBy(() -> reference.verify(body, headers(Told.completed(), now, signature)));
        assertThat(reference.sign(delivery.notice().toString(), now.getEpochSecond(), body))
                .isEqualTo(signature);
    }

    @Test
    void secret_thatIsNone_isRefusedWithoutRepeatingIt() {
        for (String wrong : List.of(
                "",
                "whsec_",
                "whsec_c2hvcnQ=",
                "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
                "whsec_not base64 at all!",
                "whsec_" + Base64.getEncoder().encodeToString(new byte[65]))) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> WebhookSecret.parse(SensitiveText.of(wrong)))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(NotifyError.SIGNING_SECRET_INVALID))
                    .withMessageNotContaining("c2");
        }
        assertThat(WebhookSecret.parse(SensitiveText.of(SECRET + "\n"))).hasToString("[REDACTED]");
    }

    @Test
    void event_isOneForTheReferenceLibrary() {
        var delivery = Told.denied();

        var event = new JsonFormat().deserialize(CloudEvent.json(delivery).getBytes(UTF_8));

        assertThat(event.getSpecVersion()).isEqualTo(SpecVersion.V1);
        assertThat(event.getId()).isEqualTo(delivery.notice().toString());
        assertThat(event.getType()).isEqualTo("dev.sotto.disclosure.denied");
        assertThat(event.getSource()).hasToString("/tenants/" + delivery.tenant());
        assertThat(event.getSubject()).isEqualTo("call/" + delivery.call().orElseThrow());
        assertThat(event.getTime()).isNotNull();
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        JsonNode data = JsonMapper.shared().readTree(event.getData().toBytes());
        assertThat(data.path("rule").asString()).isEqualTo("agreement-not-active");
        assertThat(data.path("occurrences").asInt()).isEqualTo(3);
        assertThat(data.propertyNames())
                .containsExactlyInAnyOrder("call", "occurrences", "rule", "destination", "data_class", "purpose");
    }

    @Test
    void answer_meansWhatItsStatusSays() {
        assertThat(WebhookSender.outcome(204)).isInstanceOf(Outcome.Taken.class);
        assertThat(WebhookSender.outcome(302)).isEqualTo(new Outcome.Failed(NotifyError.REDIRECTED, 302));
        assertThat(WebhookSender.outcome(410)).isEqualTo(new Outcome.Failed(NotifyError.NOT_TAKEN, 410));
        assertThat(new Outcome.Failed(NotifyError.NOT_TAKEN, 410).code()).isEqualTo("NOT_TAKEN 410");
    }
}
