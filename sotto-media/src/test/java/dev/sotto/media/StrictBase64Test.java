package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictBase64Test {
    @Test
    void decode_ofAnyBytes_givesThemBack() {
        Samples.forAll(
                500,
                random -> {
                    var bytes = new byte[random.nextInt(400)];
                    random.nextBytes(bytes);
                    return AudioClip.of(bytes);
                },
                clip -> {
                    char[] text = ("ab" + Base64.getEncoder().encodeToString(clip.toByteArray())).toCharArray();
                    assertThat(StrictBase64.size(text, 2, text.length - 2)).isEqualTo(clip.sizeBytes());
                    var out = new byte[clip.sizeBytes()];
                    assertThat(StrictBase64.decode(text, 2, text.length - 2, out))
                            .isEqualTo(out.length);
                    assertThat(AudioClip.of(out)).isEqualTo(clip);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A",
                "AA",
                "AAA",
                "AA=",
                "A===",
                "====",
                "=AAA",
                "AA=A",
                "AB==",
                "AAB=",
                "AA-_",
                "AA\n=",
                "AAAA\n",
                "AAAA ",
                "AAA\u0141",
                "AA==AAAA",
                "\u00ff\u00ff\u00ff\u00ff"
            })
    void decode_ofNearlyBase64_isMalformed(String text) {
        assertThat(StrictBase64.decode(text.toCharArray(), 0, text.length(), new byte[64]))
                .isEqualTo(StrictBase64.MALFORMED);
    }
}
