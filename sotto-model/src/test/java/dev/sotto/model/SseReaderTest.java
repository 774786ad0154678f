package dev.sotto.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseReaderTest {
    private static final String STREAM =
            "\uFEFFdata: a\n\n: comment\nevent: x\ndata:b\r\ndata:  c\r\rid: 1\ndata\n\ndata: Grüße \uD83D\uDE00\n\nretry: 1\n\ndatax: no\n\ndata: unfinished";
    private static final List<String> EVENTS = List.of("a", "b\n c", "", "Grüße \uD83D\uDE00");

    @Test
    void feed_ofTheWholeStream_givesTheDataOfEachEvent() {
        assertThat(new SseReader().feed(STREAM.getBytes(UTF_8))).isEqualTo(EVENTS);
    }

    @Test
    void feed_ofAnyPieces_givesTheSame() {
        byte[] bytes = STREAM.getBytes(UTF_8);
        Samples.forAll(500, random -> random, random -> {
            var reader = new SseReader();
            var events = new ArrayList<String>();
            for (int at = 0; at < bytes.length; ) {
                int size = Math.min(bytes.length - at, 1 + random.nextInt(7));
                events.addAll(reader.feed(Arrays.copyOfRange(bytes, at, at + size)));
                at += size;
            }
            assertThat(events).isEqualTo(EVENTS);
        });
    }

    @Test
    void feed_ofAnEventThatNeverEnds_isRefusedAtItsBound() {
        var reader = new SseReader();
        byte[] line = ("data: " + "x".repeat(1_000) + "\n").getBytes(UTF_8);

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i <= SseReader.MAX_EVENT_BYTES / 1_000; i++) {
                        reader.feed(line);
                    }
                })
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(ModelError.ANSWER_TOO_LARGE));
    }
}
