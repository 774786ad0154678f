package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.LocalAccess;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds out where a call goes from what the command line says and what the node on this machine says of
/// itself.
public final class LocalTarget {
    private static final int MAX_TOKEN_BYTES = 1_024;
    private static final String NAME_ACCOUNT = "hint: name it with --account, --token-file and --to";

    private final NodePlaces places;

    /// Looks there.
    ///
    /// @param places of the node that is called, or whose account calls
    public LocalTarget(NodePlaces places) {
        this.places = places;
    }

    /// Another account than the demo's.
    public record Account(String sid, Path tokenFile) {}

    /// Where a call goes.
    ///
    /// @param url what to call; empty for the node itself
    /// @param account to call from; empty for the demo's
    /// @param to the number to call; empty for the demo's
    /// @throws UnavailableException if no node runs there and none is named
    /// @throws RejectedException if it does not say who calls whom
    public CallTarget resolve(Optional<URI> url, Optional<Account> account, Optional<String> to) {
        Optional<NodeClient> client = url.isEmpty() || NodeFile.running(places).isPresent()
                ? Optional.of(NodeClient.connect(places))
                : Optional.empty();
        Optional<NodeFile> node = client.map(NodeClient::node);
        Optional<NodeFile.Demo> demo = node.flatMap(running -> Optional.ofNullable(running.demo()));
        URI media = node.map(running -> URI.create(running.media())).orElse(null);
        URI target =
                CallTarget.voiceUrl(url.or(() -> Optional.ofNullable(media)).orElseThrow());
        boolean own = media != null && sameListener(target, media);
        CarrierAccount caller = account.map(LocalTarget::named)
                .or(() -> demo.map(this::demoAccount))
                .orElseThrow(() -> missing("account to call from"));
        String number = to.or(() -> demo.map(NodeFile.Demo::number)).orElseThrow(() -> missing("number to call"));
        return new CallTarget(
                target,
                caller,
                number,
                own && demo.isPresent() ? demo.get().business() : target.getAuthority(),
                own && client.isPresent() ? client.get().trust() : PeerTrust.system(),
                own ? readable(client, demo.orElse(null)) : Optional.empty());
    }

    /// Only the demo's own account says whose calls it makes.
    private static Optional<CallTarget.Node> readable(Optional<NodeClient> client, NodeFile.@Nullable Demo demo) {
        return demo == null
                ? Optional.empty()
                : client.map(node ->
                        new CallTarget.Node(node, demo.tenant(), node.access().trustedAuditKeys()));
    }

    private CarrierAccount demoAccount(NodeFile.Demo demo) {
        return new CarrierAccount(demo.accountSid(), LocalAccess.of(places).demoTwilioToken());
    }

    private static CarrierAccount named(Account account) {
        try {
            if (Files.size(account.tokenFile()) > MAX_TOKEN_BYTES) {
                throw new RejectedException(
                        ServerError.FILE_UNUSABLE,
                        "token file (%s) must have at most %d bytes".formatted(account.tokenFile(), MAX_TOKEN_BYTES));
            }
            return new CarrierAccount(
                    account.sid(),
                    SensitiveText.of(Files.readString(account.tokenFile()).strip()));
        } catch (IOException unreadable) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE,
                    "token file (%s) cannot be read".formatted(account.tokenFile()),
                    unreadable);
        }
    }

    private RejectedException missing(String what) {
        return new RejectedException(
                ServerError.ARGUMENT_INVALID,
                "no demo runs on %s, so there is no %s\n%s"
                        .formatted(places.data().root(), what, NAME_ACCOUNT));
    }

    /// Whether both are on the same host and port.
    static boolean sameListener(URI one, URI other) {
        return one.getHost() != null && one.getHost().equalsIgnoreCase(other.getHost()) && port(one) == port(other);
    }

    private static int port(URI url) {
        return url.getPort() < 0 ? 443 : url.getPort();
    }
}
