package dev.sotto.server.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.UnavailableException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TwimlTest {
    private static Twiml parse(String xml) {
        return Twiml.parse(xml.getBytes(UTF_8));
    }

    @Test
    void parse_streamAndRedirect_givesBoth() {
        Twiml answer = parse("""
                <?xml version="1.0" encoding="UTF-8"?>
                <Response><Connect><Stream url="wss://localhost:8444/twilio/stream/AC1">
                <Parameter name="token" value="a&amp;b"/><Parameter name="call" value="01J"/></Stream></Connect>
                <Redirect method="POST">https://localhost:8444/twilio/after?call=01J</Redirect></Response>""");

        assertThat(answer.stream())
                .contains(new Twiml.Stream(
                        URI.create("wss://localhost:8444/twilio/stream/AC1"), Map.of("token", "a&b", "call", "01J")));
        assertThat(answer.redirect()).contains(URI.create("https://localhost:8444/twilio/after?call=01J"));
    }

    @Test
    void parse_reject_saysNotTaken() {
        assertThat(parse("<Response><Reject reason=\"busy\"/></Response>").ending())
                .isEqualTo("not taken");
        assertThat(parse("<Response><Hangup/></Response>").ending()).isEqualTo("ended");
        assertThat(parse("<Response><Dial>+1555</Dial></Response>").ending()).isEqualTo("passed on to a person");
    }

    @Test
    void parse_documentType_isRefused() {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() ->
                        parse("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Response>&x;</Response>"));
    }
}
