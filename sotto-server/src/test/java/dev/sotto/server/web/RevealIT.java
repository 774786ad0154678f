package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditQuery;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Speaker;
import dev.sotto.store.StaffRole;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedNode.class)
class RevealIT {
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());

    private final SharedNode.Running node;
    private final TenantId tenant;
    private final CallId call;
    private final TurnId turn;
    private final String path;

    RevealIT(SharedNode.Running node) {
        this.node = node;
        this.tenant = Visit.tenant(node);
        this.call = Visit.call(node, tenant);
        this.turn = IDS.turnId();
        this.path = "/api/v1/calls/" + call + "/turns/" + turn + "/reveal";
        var text = TurnText.of(
                new TurnText.Part.Clear("On "),
                new TurnText.Part.Protected("DATE", SensitiveText.of("canary \"Tuesday\"")),
                new TurnText.Part.Protected("TIME", SensitiveText.of("canary-noon")));
        node.services()
                .store()
                .turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(turn, Speaker.AGENT, TurnKind.PROMPT, Duration.ZERO, Duration.ZERO, text));
    }

    private HttpResponse<String> reveal(Visit visit, String at, String... headers) throws Exception {
        return visit.write("/calls/" + call, at, headers);
    }

    private List<AuditEntry> entries(TenantId of, String type) {
        return node.services().audit().entries(AuditQuery.first(100).tenant(of).type(type));
    }

    @Test
    void reveal_byStaff_givesTheValuesAndIsOneEntryEach() throws Exception {
        Visit visit = Visit.signedIn(node, tenant);

        HttpResponse<String> whole = reveal(visit, path);
        HttpResponse<String> part = reveal(visit, path + "?part=2");

        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.headers().firstValue("Cache-Control"))
                .hasValueSatisfying(value -> assertThat(value).contains("no-store"));
        assertThat(whole.body())
                .isEqualTo(
                        "{\"turn\":\"%s\",\"values\":[{\"part\":1,\"label\":\"DATE\",\"value\":\"canary \\\"Tuesday\\\"\"},{\"part\":2,\"label\":\"TIME\",\"value\":\"canary-noon\"}]}"
                                .formatted(turn));
        assertThat(part.body()).contains("canary-noon").doesNotContain("Tuesday");
        assertThat(entries(tenant, "turn.revealed"))
                .extracting(entry -> entry.body().orElseThrow())
                .satisfiesExactly(
                        body -> assertThat(body.details()).isEqualTo(Map.of("turn", turn.toString(), "part", "all")),
                        body -> assertThat(body.details()).isEqualTo(Map.of("turn", turn.toString(), "part", "2")))
                .allSatisfy(body -> assertThat(body.resource()).isEqualTo("call/" + call));
    }

    @Test
    void reveal_byAnAuditor_isRefusedAndAudited() throws Exception {
        var visit = new Visit(node);
        visit.signIn(Visit.member(node, tenant, StaffRole.AUDITOR), Visit.PASSWORD);

        HttpResponse<String> answer = reveal(visit, path);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).doesNotContain("canary");
        assertThat(entries(tenant, "turn.revealed")).isEmpty();
        assertThat(entries(tenant, "access.refused"))
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.body().orElseThrow().details()).isEqualTo(Map.of("reason", "may_not_reveal")));
        assertThat(visit.get("/calls/" + call).body())
                .as("the page offers nothing to hold")
                .contains("DATE")
                .doesNotContain("class=\"pill label reveal\"");
    }

    @Test
    void reveal_ofAnotherTenantOrTurn_isNotThereAndAudited() throws Exception {
        TenantId other = Visit.tenant(node);
        Visit visit = Visit.signedIn(node, other);
        CallId theirs = Visit.call(node, other);

        for (String at : List.of(
                path,
                "/api/v1/calls/" + theirs + "/turns/" + turn + "/reveal",
                "/api/v1/calls/" + theirs + "/turns/" + IDS.turnId() + "/reveal",
                "/api/v1/calls/" + theirs + "/turns/canary/reveal")) {
            HttpResponse<String> answer = visit.write("/calls", at);
            assertThat(answer.statusCode()).as(at).isEqualTo(404);
            assertThat(answer.body())
                    .isEqualTo(
                            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"code\":\"not_here\"}");
        }
        assertThat(entries(other, "access.refused")).hasSize(3);
        assertThat(entries(tenant, "turn.revealed")).isEmpty();
        assertThat(entries(other, "turn.revealed")).isEmpty();
    }

    @Test
    void reveal_withoutTheFormTokenOrByTools_isRefused() throws Exception {
        Visit visit = Visit.signedIn(node, tenant);

        assertThat(visit.post(path, Map.of()).statusCode()).isEqualTo(403);
        assertThat(new Visit(node).post(path, Map.of()).statusCode()).isEqualTo(403);
        assertThat(new Visit(node)
                        .post(path + "?tenant=" + tenant, Map.of(), "Authorization", "Bearer " + node.operatorToken())
                        .statusCode())
                .isEqualTo(403);
        assertThat(entries(tenant, "turn.revealed")).isEmpty();
    }

    @Test
    void reveal_ofAPartThatIsNotProtected_isWrong() throws Exception {
        Visit visit = Visit.signedIn(node, tenant);

        assertThat(reveal(visit, path + "?part=0").statusCode()).isEqualTo(400);
        assertThat(reveal(visit, path + "?part=-1").statusCode()).isEqualTo(400);
        assertThat(reveal(visit, path + "?part=canary").statusCode()).isEqualTo(400);
    }

    @Test
    void reveal_underOneIdempotencyKey_isOneAct() throws Exception {
        Visit visit = Visit.signedIn(node, tenant);
        Visit other = Visit.signedIn(node, tenant);

        assertThat(reveal(visit, path, "Idempotency-Key", "k1").statusCode()).isEqualTo(200);
        HttpResponse<String> again = reveal(visit, path, "Idempotency-Key", "k1");
        HttpResponse<String> reused = reveal(visit, path + "?part=1", "Idempotency-Key", "k1");

        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("idempotency_key_used").doesNotContain("canary");
        assertThat(reused.statusCode()).isEqualTo(422);
        assertThat(reused.body()).contains("idempotency_key_reused");
        assertThat(entries(tenant, "turn.revealed")).hasSize(1);
        assertThat(reveal(other, path, "Idempotency-Key", "k1").statusCode())
                .as("a key is of one user")
                .isEqualTo(200);
        assertThat(reveal(visit, path + "?part=0", "Idempotency-Key", "k2").statusCode())
                .isEqualTo(400);
        assertThat(reveal(visit, path + "?part=1", "Idempotency-Key", "k2").statusCode())
                .as("what came to nothing gives the key back")
                .isEqualTo(200);
        assertThat(reveal(visit, path, "Idempotency-Key", "k".repeat(129)).statusCode())
                .isEqualTo(400);
    }
}
