package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TwimlReaderTest {
    private static final URI BASE = URI.create("https://voice.example.org/twilio/voice");

    private static List<TwimlVerb> read(String verbs) {
        return TwimlReader.read("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>" + verbs + "</Response>", BASE);
    }

    @Test
    void read_connectAndRedirect_inOrder() {
        assertThat(read("""
                        <Connect><Stream url="wss://voice.example.org/twilio/stream/AC1">
                          <Parameter name="token" value="a&amp;b"/><Parameter name="call" value="01J"/>
                        </Stream></Connect>
                        <Redirect method="POST">/twilio/after?call=01J</Redirect>"""))
                .containsExactly(
                        new TwimlVerb.Stream(
                                URI.create("wss://voice.example.org/twilio/stream/AC1"),
                                Map.of("token", SensitiveText.of("a&b"), "call", SensitiveText.of("01J"))),
                        new TwimlVerb.Redirect(URI.create("https://voice.example.org/twilio/after?call=01J"), "POST"));
    }

    @Test
    void read_otherVerbs() {
        assertThat(read("<Say> sorry </Say><Pause length=\"1\"/><Dial>+15550100199</Dial><Hangup/><Reject/>"))
                .containsExactly(
                        new TwimlVerb.Say("sorry"),
                        new TwimlVerb.Other("Pause"),
                        new TwimlVerb.Dial("+15550100199"),
                        new TwimlVerb.Hangup(),
                        new TwimlVerb.Reject("rejected"));
        assertThat(read("<Reject reason=\"busy\"/>")).containsExactly(new TwimlVerb.Reject("busy"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE Response [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><Response><Say>&x;</Say></Response>",
                "<!DOCTYPE Response SYSTEM \"http://127.0.0.1:1/x.dtd\"><Response/>",
                "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><Response><Say>&b;</Say></Response>",
                "<!DOCTYPE Response><Response/>",
                "<Response><Say>&unknown;</Say></Response>",
                "<Response>",
                "<Answer/>",
                "",
                "hello"
            })
    void read_entitiesOrNoTwiml_isRefusedInOneLine(String xml) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> TwimlReader.read(xml, BASE))
                .withMessageStartingWith("the server's twiml must be")
                .withMessageNotContaining("\n");
    }

    @Test
    void read_includes_areNotFollowed() {
        assertThat(read("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/hostname\"/>"))
                .containsExactly(new TwimlVerb.Other("xi:include"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<Connect><Stream url=\"ws://voice.example.org/x\"/></Connect>",
                "<Connect><Stream/></Connect>",
                "<Redirect>http://voice.example.org/</Redirect>",
                "<Redirect>https://[</Redirect>"
            })
    void read_addressWithoutTls_isRefused(String verbs) {
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> read(verbs));
    }

    @Test
    void read_tooMuch_isRefused() {
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> read("<Hangup/>".repeat(33)));
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> read("<Say/>" + " ".repeat(65_536)));
    }
}
