package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditQuery;
import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewCall;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedNode.class)
class TenantWallIT {
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());

    private final SharedNode.Running node;
    private final TenantId ours;
    private final TenantId theirs;

    TenantWallIT(SharedNode.Running node) {
        this.node = node;
        this.ours = Visit.tenant(node);
        this.theirs = Visit.tenant(node);
    }

    /// A call that came and went.
    static CallId call(SharedNode.Running node, TenantId tenant) {
        CallId id = IDS.callId();
        var calls = node.services().store().calls();
        calls.offer(NewCall.receptionist(
                tenant,
                id,
                "CA" + id,
                SensitiveText.of("+15550100777"),
                new byte[32],
                Instant.now().plusSeconds(60)));
        calls.setOutcome(tenant, id, CallOutcome.LOST, Instant.now());
        return id;
    }

    @Test
    void callOfAnotherTenant_isNotThereAndTheAttemptIsAudited() throws Exception {
        CallId call = call(node, theirs);
        Visit visit = Visit.signedIn(node, ours);

        for (String path : List.of(
                "/api/v1/calls/" + call,
                "/api/v1/calls/" + call + "/audit",
                "/api/v1/calls/" + call + "/recording",
                "/calls/" + call)) {
            HttpResponse<String> answer = visit.get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(answer.body()).doesNotContain(call.toString());
        }

        assertThat(node.services()
                        .audit()
                        .entries(AuditQuery.first(100).tenant(ours).type("access.refused")))
                .hasSize(4)
                .allSatisfy(entry -> {
                    assertThat(entry.actor().kind()).isEqualTo(ActorId.Kind.USER);
                    assertThat(entry.body().orElseThrow().resource()).isEqualTo("call/" + call);
                });
        assertThat(Visit.signedIn(node, theirs).get("/api/v1/calls/" + call).statusCode())
                .isEqualTo(200);
    }

    @Test
    void callOfAnotherTenantAndCallThatNeverWas_answerAlike() throws Exception {
        Visit visit = Visit.signedIn(node, ours);

        HttpResponse<String> foreign = visit.get("/api/v1/calls/" + call(node, theirs));
        HttpResponse<String> never = visit.get("/api/v1/calls/" + IDS.callId());
        HttpResponse<String> malformed = visit.get("/api/v1/calls/canary");

        assertThat(never.body()).isEqualTo(foreign.body());
        assertThat(malformed.body()).isEqualTo(foreign.body());
        assertThat(foreign.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(foreign.body())
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"code\":\"not_here\"}");
    }

    @Test
    void probingForCalls_isLimited() throws Exception {
        Visit visit = Visit.signedIn(node, ours);
        CallId call = call(node, theirs);
        for (int i = 0; i < 60; i++) {
            assertThat(visit.get("/api/v1/calls/" + call).statusCode()).isEqualTo(404);
        }

        assertThat(visit.get("/api/v1/calls/" + call).statusCode()).isEqualTo(429);
    }

    @Test
    void list_holdsOurCallsOnlyAndPages() throws Exception {
        call(node, theirs);
        List<CallId> made = List.of(call(node, ours), call(node, ours), call(node, ours));
        Visit visit = Visit.signedIn(node, ours);

        String first = visit.get("/api/v1/calls?limit=2").body();
        String second = visit.get("/api/v1/calls?limit=2&before=" + made.get(1)).body();

        assertThat(first)
                .contains(made.get(2).toString(), made.get(1).toString())
                .doesNotContain("\"id\":\"" + made.get(0));
        assertThat(first).contains("\"next\":\"" + made.get(1) + "\"");
        assertThat(second).contains(made.get(0).toString()).doesNotContain("next");
        assertThat(visit.get("/api/v1/calls?tenant=" + theirs).body())
                .contains(made.get(0).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/calls?limit=0",
                "/api/v1/calls?limit=999",
                "/api/v1/calls?limit=canary",
                "/api/v1/calls?before=canary"
            })
    void list_withWrongParameters_isRefusedWithoutEcho(String path) throws Exception {
        HttpResponse<String> answer = Visit.signedIn(node, ours).get(path);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"type\":\"about:blank\"").doesNotContain("canary");
    }

    @Test
    void everyRefusalOfTheApi_isAProblemWithoutEcho() throws Exception {
        Visit visit = Visit.signedIn(node, ours);
        var stranger = new Visit(node);
        List<HttpResponse<String>> refusals = List.of(
                visit.get("/api/v1/canary"),
                visit.write("/calls", "/api/v1/calls?canary=1"),
                visit.get("/api/v1/calls?from=canary"),
                visit.get("/api/v1/calls?outcome=canary&shortestMillis=1"),
                visit.get("/api/v1/calls?shortestMillis=-1"),
                visit.get("/api/v1/calls?shortestMillis=5&longestMillis=4"),
                visit.post("/api/v1/calls/canary/turns/canary/reveal", java.util.Map.of("canary", "1")),
                stranger.get("/api/v1/policy?tenant=canary"));

        assertThat(refusals)
                .extracting(HttpResponse::statusCode)
                .containsExactly(404, 405, 400, 400, 400, 400, 403, 401);
        assertThat(refusals).allSatisfy(refusal -> {
            assertThat(refusal.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
            assertThat(refusal.body())
                    .startsWith("{\"type\":\"about:blank\",\"title\":\"")
                    .contains("\"status\":" + refusal.statusCode())
                    .doesNotContain("canary");
        });
    }

    @Test
    void listOfCalls_isFilteredAndPaged() throws Exception {
        Visit visit = Visit.signedIn(node, ours);
        CallId first = call(node, ours);
        CallId second = call(node, ours);
        CallId live = Visit.call(node, ours);

        assertThat(visit.get("/api/v1/calls?outcome=lost&limit=1").body())
                .contains(second.toString(), "\"next\":\"" + second + "\"")
                .doesNotContain(first.toString(), live.toString());
        assertThat(visit.get("/api/v1/calls?outcome=lost&limit=1&before=" + second)
                        .body())
                .contains(first.toString())
                .doesNotContain(second.toString());
        assertThat(visit.get("/api/v1/calls?state=connected").body())
                .contains(live.toString())
                .doesNotContain(second.toString());
        assertThat(visit.get("/api/v1/calls?until=2020-01-01T00:00:00Z").body()).isEqualTo("{\"calls\":[]}");
        assertThat(visit.get("/calls?outcome=live").body())
                .contains(live.toString())
                .doesNotContain(second.toString());
        assertThat(visit.get("/calls?outcome=%22%3E%3Cscript%3Ecanary").statusCode())
                .isEqualTo(400);
    }

    @Test
    void operatorsTools_mustNameATenantAndGetNoRecording() throws Exception {
        var visit = new Visit(node);
        String bearer = "Bearer " + node.operatorToken();
        CallId call = call(node, theirs);

        assertThat(visit.get("/api/v1/calls", "Authorization", bearer).statusCode())
                .isEqualTo(400);
        assertThat(visit.get("/api/v1/calls?tenant=" + theirs, "Authorization", bearer)
                        .body())
                .contains(call.toString());
        assertThat(visit.get("/api/v1/calls/" + call + "/recording?tenant=" + theirs, "Authorization", bearer)
                        .statusCode())
                .isEqualTo(403);
        assertThat(visit.get("/calls", "Authorization", bearer).statusCode()).isEqualTo(403);
        assertThat(visit.get("/api/v1/operator/keys", "Authorization", "Bearer wrong")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void whatEncrypts_isToldToStaffAndTheOperatorOnly() throws Exception {
        assertThat(new Visit(node).get("/health/crypto").statusCode()).isEqualTo(401);
        assertThat(Visit.signedIn(node, ours).get("/health/crypto").statusCode())
                .isEqualTo(200);
        assertThat(new Visit(node)
                        .get("/health/crypto", "Authorization", "Bearer " + node.operatorToken())
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/operator/keys", "/api/v1/audit/export", "/api/v1/audit/verify", "/metrics"})
    void operatorsPaths_areClosedToStaffAndToStrangers(String path) throws Exception {
        assertThat(Visit.signedIn(node, ours).get(path).statusCode()).isEqualTo(403);
        assertThat(new Visit(node).get(path).statusCode()).isEqualTo(401);
        assertThat(new Visit(node)
                        .get(path, "Authorization", "Bearer " + node.operatorToken())
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sign-in",
                "/calls",
                "/setup?token=x",
                "/assets/sotto.css",
                "/api/v1/calls",
                "/health",
                "/nothing",
                "/metrics"
            })
    void everyAnswer_carriesTheProtectiveHeaders(String path) throws Exception {
        var headers = new Visit(node).get(path).headers();

        assertThat(headers.firstValue("Strict-Transport-Security")).contains("max-age=31536000");
        assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(headers.firstValue("X-Frame-Options")).contains("DENY");
        assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(headers.firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .startsWith("default-src 'none'")
                        .contains("frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(headers.map()).doesNotContainKeys("server", "x-powered-by");
        assertThat(headers.allValues("Set-Cookie"))
                .allSatisfy(cookie -> assertThat(cookie).startsWith("__Host-"));
    }

    @Test
    void nonce_isNewForEveryAnswerAndInThePage() throws Exception {
        HttpResponse<String> one = new Visit(node).get("/sign-in");
        HttpResponse<String> two = new Visit(node).get("/sign-in");
        String policy = one.headers().firstValue("Content-Security-Policy").orElseThrow();
        String nonce = policy.replaceAll("(?s).*'nonce-([^']+)'.*", "$1");

        assertThat(one.body()).contains("nonce=\"" + nonce + "\"").doesNotContain("style=", "<script", "onclick");
        assertThat(two.body()).doesNotContain(nonce);
    }

    @Test
    void health_namesEveryPartAndNoSecret() throws Exception {
        HttpResponse<String> health = new Visit(node).get("/health/ready");

        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .isEqualTo("{\"status\":\"up\",\"parts\":{\"audit\":\"up\",\"database\":\"up\",\"keys\":\"up\"}}");
        assertThat(new Visit(node).get("/health/live").statusCode()).isEqualTo(200);
    }
}
