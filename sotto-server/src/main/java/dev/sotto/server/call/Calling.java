package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.media.WavFile;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// `sotto call`: one call as a carrier would bring it, told turn by turn.
public final class Calling {
    private static final Pattern DIGITS = Pattern.compile("[0-9*#]{0,200}");
    private static final int NUMBERS = 10_000;

    private Calling() {}

    /// What to call with.
    ///
    /// @param digits keys to press, such as `19840512#4417#`
    /// @param from the caller's number; empty for one made up
    public record Request(Optional<Path> wav, String digits, Optional<String> from, Duration longest) {
        public Request {
            if (!DIGITS.matcher(digits).matches()) {
                throw new RejectedException(
                        ServerError.ARGUMENT_INVALID, "dtmf must be at most 200 of the keys 0 to 9, * and #");
            }
        }

        AudioClip speech() {
            if (wav.isEmpty()) {
                return AudioClip.empty();
            }
            try {
                return WavFile.read(wav.get());
            } catch (IOException failure) {
                throw new RejectedException(
                        ServerError.FILE_UNUSABLE, "the wav file (%s) cannot be read".formatted(wav.get()), failure);
            }
        }

        private String number(SecureRandom random) {
            return from.orElseGet(() -> "+1555011%04d".formatted(random.nextInt(NUMBERS)));
        }
    }

    /// Where and as whom to call, when it is not the demo on this machine.
    ///
    /// @param url the media listener, such as `https://voice.example.org`
    /// @param tokenFile holds the account's auth token
    public record Elsewhere(URI url, String accountSid, Path tokenFile, String to) {}

    /// Calls the node that runs there.
    ///
    /// @return whether the call was answered and every entry about it is proven
    public static boolean local(NodePlaces places, Request request, PrintWriter out) {
        NodeClient node = NodeClient.connect(places);
        NodeFile.Demo demo = Optional.ofNullable(node.node().demo())
                .orElseThrow(() -> new RejectedException(
                        ServerError.ARGUMENT_INVALID,
                        "the node on %s is no demo\nhint: name the account with --url, --account, --token-file and --to"
                                .formatted(places.data().root())));
        var random = new SecureRandom();
        var line = new CallLine(
                node.http(),
                URI.create(node.node().media()).resolve("/twilio/voice"),
                demo.accountSid(),
                node.access().demoTwilioToken(),
                demo.number());
        AudioClip speech = request.speech();
        out.printf("calling %s, %s%n", demo.business(), demo.number());
        out.flush();
        var following = new Following(node, demo.tenant(), out);
        var call = new TwilioCall(line, request.number(random), request.longest(), random);
        TwilioCall.Outcome outcome = call.run(
                new PatientCaller(speech, PatientCaller.groups(request.digits()), following::isAnswered),
                following::begin);
        if (outcome.callId().isEmpty()) {
            out.printf("the call was %s%n", outcome.ending());
            out.flush();
            return false;
        }
        CallSummary.of(node, demo.tenant(), outcome.callId().get()); // waits until all is kept
        following.end();
        if (!"hung up".equals(outcome.ending())) {
            out.printf("  the agent %s%n", outcome.ending());
        }
        CallSummary summary =
                CallSummary.of(node, demo.tenant(), outcome.callId().get());
        out.println(summary.line());
        out.flush();
        return summary.proven();
    }

    /// Calls another host. Without its operator token there is nothing to follow and nothing to verify.
    public static boolean elsewhere(Elsewhere where, Request request, Optional<Path> authority, PrintWriter out) {
        var random = new SecureRandom();
        var line = new CallLine(
                authority.map(Trust::only).orElseGet(Trust::system),
                where.url().resolve("/twilio/voice"),
                where.accountSid(),
                token(where.tokenFile()),
                where.to());
        var call = new TwilioCall(line, request.number(random), request.longest(), random);
        TwilioCall.Outcome outcome = call.run(
                new PatientCaller(request.speech(), PatientCaller.groups(request.digits()), () -> false), _ -> {});
        out.printf(
                "call %s: %d s · %s · not verified, this host's log is not ours to read%n",
                outcome.callId().orElse("without id"), outcome.length().toSeconds(), outcome.ending());
        out.flush();
        return outcome.callId().isPresent();
    }

    private static SensitiveText token(Path file) {
        try {
            return SensitiveText.of(Files.readString(file).strip());
        } catch (IOException failure) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE, "the token file (%s) cannot be read".formatted(file), failure);
        }
    }

    /// The follower of a call, once it has an id.
    private static final class Following {
        private final NodeClient node;
        private final String tenant;
        private final PrintWriter out;
        private Optional<CallFollower> follower = Optional.empty();

        Following(NodeClient node, String tenant, PrintWriter out) {
            this.node = node;
            this.tenant = tenant;
            this.out = out;
        }

        void begin(String callId) {
            if (follower.isEmpty()) {
                follower = Optional.of(new CallFollower(node, tenant, callId, out));
            }
        }

        boolean isAnswered() {
            return follower.map(CallFollower::isAnswered).orElse(false);
        }

        void end() {
            if (follower.isPresent()) {
                follower.get().close();
                follower.get().show();
            }
        }
    }
}
