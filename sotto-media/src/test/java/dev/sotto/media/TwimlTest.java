package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.twilio.http.HttpMethod;
import com.twilio.twiml.TwiMLException;
import com.twilio.twiml.VoiceResponse;
import com.twilio.twiml.voice.Connect;
import com.twilio.twiml.voice.ConversationRelay;
import com.twilio.twiml.voice.Dial;
import com.twilio.twiml.voice.Hangup;
import com.twilio.twiml.voice.Parameter;
import com.twilio.twiml.voice.Redirect;
import com.twilio.twiml.voice.Reject;
import com.twilio.twiml.voice.Say;
import com.twilio.twiml.voice.Stream;
import dev.sotto.core.SensitiveText;
import java.io.StringReader;
import java.net.URI;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/// Our TwiML, against what Twilio's own library writes for the same content.
class TwimlTest {
    private static final String TOKEN = "a<b>&\"c'd";
    private final Twiml twiml = new Twiml(URI.create("https://voice.sotto.test:8443"));

    @Test
    void connect_saysWhatTwiliosLibrarySays() throws Exception {
        var theirs = new VoiceResponse.Builder()
                .connect(new Connect.Builder()
                        .stream(new Stream.Builder()
                                        .url("wss://voice.sotto.test:8443/twilio/stream/" + FakeDesk.ACCOUNT)
                                        .parameter(new Parameter.Builder()
                                                .name("token")
                                                .value(TOKEN)
                                                .build())
                                        .parameter(new Parameter.Builder()
                                                .name("call")
                                                .value(FakeDesk.CALL.toString())
                                                .build())
                                        .build())
                                .build())
                .redirect(new Redirect.Builder("https://voice.sotto.test:8443/twilio/after?call=" + FakeDesk.CALL)
                        .method(HttpMethod.POST)
                        .build())
                .build();

        assertSame(twiml.of(new Answer.Connect(FakeDesk.CALL, SensitiveText.of(TOKEN)), FakeDesk.ACCOUNT), theirs);
        assertSame(
                twiml.of(new AfterStream.Reconnect(FakeDesk.CALL, SensitiveText.of(TOKEN)), FakeDesk.ACCOUNT), theirs);
    }

    @Test
    void relay_saysWhatTwiliosLibrarySays() throws Exception {
        var theirs = new VoiceResponse.Builder()
                .connect(new Connect.Builder()
                        .conversationRelay(new ConversationRelay.Builder()
                                .url("wss://voice.sotto.test:8443/twilio/relay/" + FakeDesk.ACCOUNT)
                                .welcomeGreeting("Hello & \"welcome\".")
                                .welcomeGreetingInterruptible("none")
                                .interruptible("any")
                                .dtmfDetection(true)
                                .parameter(new Parameter.Builder()
                                        .name("token")
                                        .value(TOKEN)
                                        .build())
                                .parameter(new Parameter.Builder()
                                        .name("call")
                                        .value(FakeDesk.CALL.toString())
                                        .build())
                                .build())
                        .build())
                .redirect(new Redirect.Builder("https://voice.sotto.test:8443/twilio/after?call=" + FakeDesk.CALL)
                        .method(HttpMethod.POST)
                        .build())
                .build();

        assertSame(
                twiml.of(
                        new Answer.Relay(FakeDesk.CALL, SensitiveText.of(TOKEN), "Hello & \"welcome\"."),
                        FakeDesk.ACCOUNT),
                theirs);
    }

    @Test
    void refuse_saysWhatTwiliosLibrarySays() throws Exception {
        assertSame(
                twiml.of(new Answer.Refuse(Answer.RejectReason.BUSY), FakeDesk.ACCOUNT),
                new VoiceResponse.Builder()
                        .reject(new Reject.Builder().reason(Reject.Reason.BUSY).build())
                        .build());
        assertSame(
                twiml.of(new Answer.Refuse(Answer.RejectReason.REJECTED), FakeDesk.ACCOUNT),
                new VoiceResponse.Builder()
                        .reject(new Reject.Builder()
                                .reason(Reject.Reason.REJECTED)
                                .build())
                        .build());
    }

    @Test
    void after_saysWhatTwiliosLibrarySays() throws Exception {
        assertSame(
                twiml.of(new AfterStream.HangUp(), FakeDesk.ACCOUNT),
                new VoiceResponse.Builder().hangup(new Hangup.Builder().build()).build());
        assertSame(
                twiml.of(new AfterStream.Dial("+15551230100"), FakeDesk.ACCOUNT),
                new VoiceResponse.Builder()
                        .dial(new Dial.Builder("+15551230100").build())
                        .build());
        var apology = parse(twiml.of(new AfterStream.Apologise(), FakeDesk.ACCOUNT));
        String words = apology.getElementsByTagName("Say").item(0).getTextContent();
        assertSame(
                twiml.apology(),
                new VoiceResponse.Builder()
                        .say(new Say.Builder(words).build())
                        .hangup(new Hangup.Builder().build())
                        .build());
    }

    private static void assertSame(String ours, VoiceResponse theirs) throws TwiMLException, Exception {
        var mine = parse(ours);
        var twilios = parse(theirs.toXml());
        assertThat(mine.isEqualNode(twilios))
                .as("%s%nagainst%n%s", ours, theirs.toXml())
                .isTrue();
    }

    private static Document parse(String xml) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        var document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        document.normalizeDocument();
        return document;
    }
}
