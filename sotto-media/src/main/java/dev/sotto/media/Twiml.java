package dev.sotto.media;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.util.Locale;

/// What Twilio is told to do, as TwiML (twilio.com/docs/voice/twiml). Thread-safe.
final class Twiml {
    private static final String APOLOGY =
            "We are sorry, we cannot take your call right now. Please try again later. Goodbye.";

    private final String publicBase;
    private final String streamBase;

    Twiml(URI publicUrl) {
        String authority = publicUrl.getRawAuthority();
        publicBase = "https://" + authority;
        streamBase = "wss://" + authority;
    }

    String of(Answer answer, String accountSid) {
        return switch (answer) {
            case Answer.Connect(CallId call, SensitiveText token) -> connect(accountSid, call, token);
            case Answer.Relay(CallId call, SensitiveText token, String greeting) ->
                relay(accountSid, call, token, greeting);
            case Answer.Refuse(Answer.RejectReason reason) ->
                response("<Reject reason=\"" + reason.name().toLowerCase(Locale.ROOT) + "\"/>");
        };
    }

    String of(AfterStream after, String accountSid) {
        return switch (after) {
            case AfterStream.HangUp() -> response("<Hangup/>");
            case AfterStream.Dial(String number) -> response("<Dial>" + escape(number) + "</Dial>");
            case AfterStream.Reconnect(CallId call, SensitiveText token) -> connect(accountSid, call, token);
            case AfterStream.Apologise() -> apology();
        };
    }

    String apology() {
        return response("<Say>" + APOLOGY + "</Say><Hangup/>");
    }

    /// The address of the stream names the account, since nothing else in the upgrade does and its secret must be
    /// known before the upgrade. A query is not possible there.
    private String connect(String accountSid, CallId call, SensitiveText token) {
        return response("<Connect><Stream url=\""
                + escape(streamBase + VoiceRoutes.STREAM_PREFIX + accountSid)
                + "\">"
                + parameter("token", token.reveal())
                + parameter("call", call.toString())
                + "</Stream></Connect><Redirect method=\"POST\">"
                + escape(publicBase + VoiceRoutes.AFTER + "?call=" + call)
                + "</Redirect>");
    }

    private String relay(String accountSid, CallId call, SensitiveText token, String greeting) {
        return response("<Connect><ConversationRelay url=\""
                + escape(streamBase + VoiceRoutes.RELAY_PREFIX + accountSid)
                + "\" welcomeGreeting=\""
                + escape(greeting)
                + "\" welcomeGreetingInterruptible=\"none\" interruptible=\"any\" dtmfDetection=\"true\">"
                + parameter("token", token.reveal())
                + parameter("call", call.toString())
                + "</ConversationRelay></Connect><Redirect method=\"POST\">"
                + escape(publicBase + VoiceRoutes.AFTER + "?call=" + call)
                + "</Redirect>");
    }

    private static String parameter(String name, String value) {
        return "<Parameter name=\"" + name + "\" value=\"" + escape(value) + "\"/>";
    }

    private static String response(String verbs) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>" + verbs + "</Response>";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
