package dev.sotto.server.web;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeGate;
import dev.sotto.store.StaffUser;
import java.time.Clock;
import java.util.Optional;
import java.util.regex.Pattern;

/// Makes a tenant's first administrator for whoever holds the setup link. Thread-safe.
final class SetupDoor {
    private static final int MAX_EMAIL = 254;
    private static final Pattern EMAIL = Pattern.compile("[^@\\s\\p{Cntrl}]{1,64}@[^@\\s\\p{Cntrl}]{1,250}");

    private final NodeGate gate;
    private final Passwords passwords;
    private final Clock clock;

    SetupDoor(WebParts parts, Passwords passwords) {
        this.gate = parts.gate();
        this.passwords = passwords;
        this.clock = parts.clock();
    }

    /// What became of a setup form.
    sealed interface Step {
        record Done(StaffUser user) implements Step {}

        /// The form must be corrected; `words` say how, and repeat nothing of it.
        record Objected(String words) implements Step {}

        /// The link was used, has expired, or never was.
        record LinkInvalid() implements Step {}
    }

    /// Whether the link would work now. Does not use it up.
    boolean isOpen(String token) {
        return tenant(token).isPresent();
    }

    private Optional<TenantId> tenant(String token) {
        return Tokens.isWellFormed(token)
                ? gate.services().store().staff().setupTenant(Tokens.hash(token), clock.instant())
                : Optional.empty();
    }

    Step complete(String token, SensitiveText email, SensitiveText password, SensitiveText repeated) {
        if (!isOpen(token)) {
            return new Step.LinkInvalid();
        }
        if (email.length() > MAX_EMAIL || !EMAIL.matcher(email.reveal()).matches()) {
            return new Step.Objected("The e-mail address is not one.");
        }
        if (!password.equals(repeated)) {
            return new Step.Objected("The two passwords differ.");
        }
        Optional<String> objection = Passwords.objection(password, email);
        if (objection.isPresent()) {
            return new Step.Objected(objection.get());
        }
        return gate.services()
                .store()
                .staff()
                .completeSetup(Tokens.hash(token), email, passwords.hash(password), clock.instant())
                .<Step>map(Step.Done::new)
                .orElseGet(Step.LinkInvalid::new);
    }
}
