package dev.sotto.server.node;

import java.net.URI;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// What a node shows of itself to tools on its machine: a token that lets them in, new at each start, and once it
/// is ready `node.json`. Gone when the node stops.
public final class Presence implements AutoCloseable {
    private static final int TOKEN_BYTES = 32;

    private final Foundation foundation;
    private final String operatorToken;

    private Presence(Foundation foundation, String operatorToken) {
        this.foundation = foundation;
        this.operatorToken = operatorToken;
    }

    /// Makes a token and writes it where only this account can read it.
    public static Presence claim(Foundation foundation) {
        SecureRandom random = foundation.random();
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        PrivateFiles.write(foundation.state().operatorToken(), token);
        return new Presence(foundation, token);
    }

    public String operatorToken() {
        return operatorToken;
    }

    /// Says that the node is ready and where, and gives what browsers call the dashboard.
    public URI publish(int port, NodeCore core) {
        URI dashboard = Addresses.publicUrl(foundation.config().server(), port);
        NodeFile.@Nullable Demo demo = core.demo()
                .map(tenant -> new NodeFile.Demo(
                        tenant.tenant().toString(), tenant.name(), tenant.inboundNumber(), tenant.accountSid()))
                .orElse(null);
        NodeFile.write(
                foundation.state().nodeFile(),
                new NodeFile(
                        ProcessHandle.current().pid(),
                        foundation.data().nodeId(),
                        dashboard.toString(),
                        core.mediaUrl().toString(),
                        demo));
        return dashboard;
    }

    @Override
    public void close() {
        NodeFile.remove(foundation.state().nodeFile());
        NodeFile.remove(foundation.state().operatorToken());
    }
}
