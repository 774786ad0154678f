package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the upgrade of a chat's socket brings: the protocol, and one token as a second subprotocol, because a page can
/// set no other header and an address ends up in logs.
///
/// @param resumes whether the token is that of a chat which goes on
/// @param seen the number of the last frame the visitor has seen
record ChatUpgrade(SensitiveText token, boolean resumes, long seen) {
    static final String PROTOCOL = "sotto.chat.v1";

    private static final Pattern TOKEN = Pattern.compile("token\\.([A-Za-z0-9_-]{43})");
    private static final Pattern RESUME = Pattern.compile("resume\\.([A-Za-z0-9_-]{43})\\.(\\d{1,9})");
    private static final int LONGEST = 128;

    static Optional<ChatUpgrade> read(HttpHeaders headers) {
        List<String> given = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (given.size() != 1 || given.getFirst().length() > LONGEST) {
            return Optional.empty();
        }
        String[] protocols = given.getFirst().split(",", -1);
        if (protocols.length != 2 || !protocols[0].strip().equals(PROTOCOL)) {
            return Optional.empty();
        }
        String second = protocols[1].strip();
        Matcher token = TOKEN.matcher(second);
        if (token.matches()) {
            return Optional.of(new ChatUpgrade(SensitiveText.of(token.group(1)), false, 0));
        }
        Matcher resume = RESUME.matcher(second);
        return resume.matches()
                ? Optional.of(new ChatUpgrade(SensitiveText.of(resume.group(1)), true, Long.parseLong(resume.group(2))))
                : Optional.empty();
    }
}
