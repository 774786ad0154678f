package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditQuery;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.server.up.SharedNode;
import dev.sotto.store.RecordingWriter;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedNode.class)
class RecordingIT {
    private static final int MULAW_BYTES = 50_000;

    private final SharedNode.Running node;
    private final TenantId tenant;
    private final CallId call;
    private final String path;

    RecordingIT(SharedNode.Running node) {
        this.node = node;
        this.tenant = Visit.tenant(node);
        this.call = Visit.call(node, tenant);
        this.path = "/api/v1/calls/" + call + "/recording";
    }

    private void record() {
        byte[] mulaw = new byte[MULAW_BYTES];
        new SplittableRandom(7).nextBytes(mulaw);
        RecordingWriter writer = node.services().store().recordings().start(tenant, call);
        writer.write(ByteBuffer.wrap(mulaw));
        writer.finish();
    }

    private long opened() {
        return node.services()
                .audit()
                .entries(AuditQuery.first(1_000).tenant(tenant).type("recording.opened"))
                .size();
    }

    @Test
    void play_anyRange_isThatSliceOfTheWhole() throws Exception {
        record();
        Visit visit = Visit.signedIn(node, tenant);
        HttpResponse<byte[]> whole = visit.bytes(path);
        byte[] file = whole.body();
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.headers().firstValue("Content-Type")).contains("audio/wav");
        assertThat(whole.headers().firstValue("Accept-Ranges")).contains("bytes");
        assertThat(whole.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(file).hasSize(44 + 2 * MULAW_BYTES);

        var random = new SplittableRandom(42);
        for (int i = 0; i < 40; i++) {
            int first = random.nextInt(file.length);
            int last = random.nextInt(first, file.length + 500);
            HttpResponse<byte[]> part = visit.bytes(path, "Range", "bytes=%d-%d".formatted(first, last));
            int end = Math.min(last, file.length - 1);
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.headers().firstValue("Content-Range"))
                    .contains("bytes %d-%d/%d".formatted(first, end, file.length));
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(file, first, end + 1));
        }
        HttpResponse<byte[]> tail = visit.bytes(path, "Range", "bytes=-100");
        assertThat(tail.body()).isEqualTo(Arrays.copyOfRange(file, file.length - 100, file.length));
    }

    @Test
    void play_everyOpening_isAudited() throws Exception {
        record();
        Visit visit = Visit.signedIn(node, tenant);

        visit.bytes(path, "Range", "bytes=0-1");
        visit.bytes(path, "Range", "bytes=10-20");

        assertThat(opened()).isEqualTo(2);
    }

    @Test
    void play_pastTheEnd_is416AndOpensNothing() throws Exception {
        record();

        HttpResponse<String> answer = Visit.signedIn(node, tenant).get(path, "Range", "bytes=999999-");

        assertThat(answer.statusCode()).isEqualTo(416);
        assertThat(answer.headers().firstValue("Content-Range")).contains("bytes */" + (44 + 2 * MULAW_BYTES));
        assertThat(opened()).isZero();
    }

    @Test
    void play_callWithoutRecording_isNotThere() throws Exception {
        assertThat(Visit.signedIn(node, tenant).get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void play_whileItIsWritten_isAConflict() throws Exception {
        RecordingWriter writer = node.services().store().recordings().start(tenant, call);
        writer.write(ByteBuffer.wrap(new byte[40_000]));

        assertThat(Visit.signedIn(node, tenant).get(path).statusCode()).isEqualTo(409);
        writer.finish();
    }

    @Test
    void peaks_ofTheSealedRecording_areThoseOfItsSoundAndOneEntry() throws Exception {
        byte[] mulaw = new byte[MULAW_BYTES];
        Arrays.fill(mulaw, (byte) 0xff);
        mulaw[0] = (byte) 0x80; // the caller, loudest, in the first frame
        mulaw[MULAW_BYTES - 1] = (byte) 0x80; // the agent, in the last
        RecordingWriter writer = node.services().store().recordings().start(tenant, call);
        writer.write(ByteBuffer.wrap(mulaw));
        writer.finish();

        HttpResponse<String> answer = Visit.signedIn(node, tenant).get(path + "/peaks");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith("{\"durationMillis\":3125,\"caller\":[1000,0,")
                .endsWith(",0,1000]}");
        assertThat(node.services()
                        .audit()
                        .entries(AuditQuery.first(10).tenant(tenant).type("recording.opened")))
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.body().orElseThrow().details()).containsEntry("view", "PEAKS"));
    }

    @Test
    void peaks_forOthersAndTools_areNotShown() throws Exception {
        record();

        assertThat(Visit.signedIn(node, Visit.tenant(node)).get(path + "/peaks").statusCode())
                .isEqualTo(404);
        assertThat(new Visit(node)
                        .get(path + "/peaks?tenant=" + tenant, "Authorization", "Bearer " + node.operatorToken())
                        .statusCode())
                .isEqualTo(403);
        assertThat(opened()).isZero();
    }

    @Test
    void callPage_showsTheRecordingWithoutOpeningIt() throws Exception {
        record();

        String page = Visit.signedIn(node, tenant).get("/calls/" + call).body();

        assertThat(page).contains("preload=\"none\"", "src=\"" + path + "\"");
        assertThat(opened()).isZero();
    }
}
