package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import org.junit.jupiter.api.Test;

class AddressTest {
    @Test
    void openAi_withAndWithoutACall() {
        assertThat(Address.of("/v1/chat/completions")).isEqualTo(new Address("chat/completions", "", "", false, false));
        assertThat(Address.of("/calls/c-1/v1/realtime?model=simulator/x&intent=transcription"))
                .isEqualTo(new Address("realtime", "c-1", "simulator/x", true, false));
    }

    @Test
    void azure_oldAndNew() {
        assertThat(Address.of("/openai/deployments/gpt/audio/speech?api-version=1"))
                .isEqualTo(new Address("audio/speech", "", "gpt", false, true));
        assertThat(Address.of("/openai/v1/realtime?model=gpt"))
                .isEqualTo(new Address("realtime", "", "gpt", false, false));
        assertThat(Address.of("/openai/realtime?deployment=gpt&api-version=2024-10-01-preview"))
                .isEqualTo(new Address("realtime", "", "gpt", false, true));
    }

    @Test
    void strange_leadsNowhere() {
        for (String uri : new String[] {"", "/", "/calls/", "/calls/x", "/v1/%zz", "/openai/deployments/", "//"}) {
            assertThat(Address.of(uri).resource()).as(uri).doesNotContain("chat", "audio", "realtime");
        }
    }

    @Test
    void random_neverThrows() {
        Samples.forAll(
                2_000,
                random -> {
                    var uri = new StringBuilder();
                    random.ints(random.nextInt(30), 0, 12)
                            .forEach(i -> uri.append(new String[] {
                                        "/",
                                        "calls",
                                        "v1",
                                        "openai",
                                        "%",
                                        "?",
                                        "=",
                                        "&",
                                        "model",
                                        "deployments",
                                        "\0",
                                        "é"
                                    }
                                    [i]));
                    return uri.toString();
                },
                uri -> assertThat(Address.of(uri).key().length()).isLessThanOrEqualTo(128));
    }
}
