package dev.sotto.server.node;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What a running node tells the tools on its machine: `node.json` in the state directory. Holds no secret.
///
/// @param dashboard where the API and the pages are
/// @param media where carriers connect
/// @param demo the account that `sotto call` plays, on a demo node
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeFile(
        long pid,
        String nodeId,
        String dashboard,
        String media,
        @Nullable Demo demo) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /// The demo tenant and its pretended carrier account, without the token.
    public record Demo(String tenant, String business, String number, String accountSid) {}

    static void write(Path file, NodeFile content) {
        PrivateFiles.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
    }

    /// The node that runs there now, if one does.
    public static Optional<NodeFile> running(NodePlaces places) {
        Path file = places.state().nodeFile();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            NodeFile read = JSON.readValue(PrivateFiles.read(file), NodeFile.class);
            return ProcessHandle.of(read.pid()).filter(ProcessHandle::isAlive).map(_ -> read);
        } catch (JacksonException damaged) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING, "%s is damaged\nhint: start the node again".formatted(file), damaged);
        }
    }

    static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new UnavailableException(ServerError.FILE_UNUSABLE, "%s cannot be removed".formatted(file), failure);
        }
    }
}
