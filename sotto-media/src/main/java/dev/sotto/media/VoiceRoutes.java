package dev.sotto.media;

import dev.sotto.core.CallId;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the routes answer, apart from sockets: check the signature first, then the fields, then ask the desk.
/// Blocks as long as the desk does. Thread-safe.
final class VoiceRoutes {
    static final String VOICE = "/twilio/voice";
    static final String AFTER = "/twilio/after";
    /// Followed by the account sid.
    static final String STREAM_PREFIX = "/twilio/stream/";
    /// Followed by the account sid.
    static final String RELAY_PREFIX = "/twilio/relay/";
    static final String HEALTH = "/health";

    private static final Logger LOG = LoggerFactory.getLogger(VoiceRoutes.class);
    private static final String[] PASSED_ON = {"ApiVersion", "CallStatus", "Direction", "StirVerstat"};
    private static final int MAX_VALUE_CHARACTERS = 128;
    private static final int MAX_ADDRESS_CHARACTERS = 320;
    private static final String CALL_QUERY = "?call=";

    private final CallDesk desk;
    private final RequestSignature signature;
    private final Twiml twiml;
    private final Refusals refusals;

    VoiceRoutes(CallDesk desk, RequestSignature signature, Twiml twiml, Refusals refusals) {
        this.desk = desk;
        this.signature = signature;
        this.twiml = twiml;
        this.refusals = refusals;
    }

    /// A webhook before it is believed.
    ///
    /// @param target path and query as they stand in the request line
    record Webhook(String target, RequestBody body, String signature) {
        String path() {
            int query = target.indexOf('?');
            return query < 0 ? target : target.substring(0, query);
        }
    }

    /// @param status of HTTP; the text is TwiML for 200 and empty otherwise
    record Reply(int status, String twiml) {
        static final Reply FORBIDDEN = new Reply(403, "");
        static final Reply BAD_REQUEST = new Reply(400, "");
    }

    Reply webhook(Webhook request) {
        var body = request.body();
        String account = body.only("AccountSid");
        String call = body.only("CallSid");
        if (!signed(request, account)) {
            return refuse(RefusalReason.BAD_SIGNATURE, account, call, false);
        }
        if (!Sid.wellFormed(call)) {
            return refuse(RefusalReason.BAD_FIELD, account, call, true);
        }
        try {
            return request.path().equals(VOICE) ? voice(body, account, call) : after(request, account, call);
        } catch (RuntimeException failure) { // whatever fails behind the desk, the caller hears an apology
            LOG.atWarn()
                    .addKeyValue("event", "media.desk.failed")
                    .addKeyValue("callSid", call)
                    .addKeyValue("failure", failure.getClass().getSimpleName())
                    .log("the desk failed");
            refusals.report(new Refusal(RefusalReason.DESK_UNAVAILABLE, account, call, true));
            return new Reply(200, twiml.apology());
        }
    }

    /// Whether an upgrade request carries the signature of the account its path names.
    boolean streamSigned(String target, String givenSignature) {
        String account = streamAccount(target);
        return secret(account)
                .map(secret -> signature.matches(secret, "wss", target, Map.of(), givenSignature))
                .orElse(false);
    }

    /// The account a stream's path names; empty if it names none.
    static String streamAccount(String target) {
        String prefix = relays(target) ? RELAY_PREFIX : STREAM_PREFIX;
        return target.startsWith(prefix) ? Sid.orEmpty(target.substring(prefix.length())) : "";
    }

    static boolean relays(String target) {
        return target.startsWith(RELAY_PREFIX);
    }

    private Reply voice(RequestBody body, String account, String call) {
        String from = body.only("From");
        String to = body.only("To");
        if (to.isEmpty() || to.length() > MAX_ADDRESS_CHARACTERS || from.length() > MAX_ADDRESS_CHARACTERS) {
            return refuse(RefusalReason.BAD_FIELD, account, call, true);
        }
        var passedOn = new HashMap<String, String>();
        for (String name : PASSED_ON) {
            String value = body.only(name);
            if (!value.isEmpty() && value.length() <= MAX_VALUE_CHARACTERS) {
                passedOn.put(name, value);
            }
        }
        var answer = desk.answer(new IncomingCall(account, call, SensitiveText.of(from), to, passedOn));
        return new Reply(200, twiml.of(answer, account));
    }

    private Reply after(Webhook request, String account, String call) {
        String query = request.target().substring(AFTER.length());
        CallId id;
        try {
            id = CallId.parse(query.startsWith(CALL_QUERY) ? query.substring(CALL_QUERY.length()) : "");
        } catch (RejectedException malformed) {
            return refuse(RefusalReason.BAD_FIELD, account, call, true);
        }
        String status = request.body().only("CallStatus");
        var ended = new StreamEnded(account, call, id, status.length() <= MAX_VALUE_CHARACTERS ? status : "");
        return new Reply(200, twiml.of(desk.after(ended), account));
    }

    private boolean signed(Webhook request, String account) {
        var body = request.body();
        return secret(account)
                .map(secret -> body.form
                        ? signature.matches(secret, "https", request.target(), body.parameters, request.signature())
                        : signature.matchesBody(secret, request.target(), body.bytes, request.signature()))
                .orElse(false);
    }

    private Optional<SensitiveText> secret(String account) {
        return Sid.wellFormed(account) ? desk.authToken(account) : Optional.empty();
    }

    private Reply refuse(RefusalReason reason, String account, String call, boolean authenticated) {
        refusals.report(new Refusal(reason, Sid.orEmpty(account), Sid.orEmpty(call), authenticated));
        return authenticated ? Reply.BAD_REQUEST : Reply.FORBIDDEN;
    }
}
