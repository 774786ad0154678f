package dev.sotto.server.node;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.keys.Passphrase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/// Where the passphrase of the key store comes from: a file descriptor, a systemd credential or a prompt, in this
/// order. Never the environment and never the configuration. The caller clears what it gets.
public final class PassphraseSource {
    /// The name of the systemd credential (systemd.exec(5), `LoadCredential=`).
    static final String CREDENTIAL = "sotto-passphrase";

    private static final int MIN_LENGTH = 12;

    private final Optional<Integer> descriptor;

    /// @param descriptor an open file descriptor to read from, if the caller names one
    public PassphraseSource(Optional<Integer> descriptor) {
        this.descriptor = descriptor;
    }

    /// The passphrase of an operator's own node.
    ///
    /// @param fresh whether the key store is about to be made, so that a prompt asks twice
    char[] read(boolean fresh) {
        char[] passphrase;
        try (Passphrase given = given(fresh)) {
            passphrase = given.reveal();
        }
        int least = CryptoProvider.minPassword(MIN_LENGTH);
        if (passphrase.length < least) {
            Arrays.fill(passphrase, '\0');
            throw new RejectedException(
                    ServerError.PASSPHRASE_MISSING, "the passphrase must have at least %d characters".formatted(least));
        }
        return passphrase;
    }

    /// The passphrase of a person's own file: from the descriptor or a prompt, never the node's credential.
    ///
    /// @param fresh whether the file is about to be made, so that a prompt asks twice
    public char[] readOwn(boolean fresh) {
        try (Passphrase given = descriptor.map(Passphrase::ofDescriptor).orElseGet(() -> asked(fresh))) {
            return given.reveal();
        }
    }

    private Passphrase given(boolean fresh) {
        if (descriptor.isPresent()) {
            return Passphrase.ofDescriptor(descriptor.get());
        }
        return hasCredential() ? Passphrase.ofCredential(CREDENTIAL) : asked(fresh);
    }

    private static Passphrase asked(boolean fresh) {
        try {
            return fresh ? Passphrase.ofNewPrompt("new passphrase: ") : Passphrase.ofPrompt("passphrase: ");
        } catch (RejectedException refused) {
            throw new UnavailableException(
                    ServerError.PASSPHRASE_MISSING,
                    "%s\nhint: run in a terminal, add --passphrase-fd N, or give systemd the credential %s"
                            .formatted(refused.getMessage(), CREDENTIAL),
                    refused);
        }
    }

    /// The passphrase of a demo node: made once and kept in the state directory, in clear.
    static char[] demo(StateDirectory state, SecureRandom random) {
        if (!Files.exists(state.demoPassphrase())) {
            try (Passphrase made = Passphrase.generate(random)) {
                char[] characters = made.reveal();
                PrivateFiles.write(state.demoPassphrase(), String.valueOf(characters));
                Arrays.fill(characters, '\0');
            }
        }
        try (Passphrase kept = Passphrase.ofInsecureFile(state.demoPassphrase())) {
            return kept.reveal();
        }
    }

    private static boolean hasCredential() {
        return Optional.ofNullable(System.getenv("CREDENTIALS_DIRECTORY"))
                .filter(directory -> Files.exists(Path.of(directory, CREDENTIAL)))
                .isPresent();
    }
}
