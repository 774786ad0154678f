package dev.sotto.server.web;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.SensitiveText;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.NodeServices;
import dev.sotto.store.Staff;
import dev.sotto.store.StaffUser;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/// Signs members of staff in and out. Every refusal takes the same work and is told in the same words. Thread-safe.
final class SignInDoor {
    private static final ActorId BROWSER = new ActorId(ActorId.Kind.PEER, "browser");
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int PER_ADDRESS_AND_USER = 10;
    private static final int PER_USER = 50;
    private static final int PER_ADDRESS = 100;
    private static final int KEYS = 50_000;

    private final NodeGate gate;
    private final Passwords passwords;
    private final SecondFactor secondFactor;
    private final Duration idle;
    private final Duration lifetime;
    private final Clock clock;
    private final SecureRandom random;
    private final Throttle pairs;
    private final Throttle users;
    private final Throttle addresses;

    SignInDoor(WebParts parts, Passwords passwords, SecondFactor secondFactor) {
        this.gate = parts.gate();
        this.passwords = passwords;
        this.secondFactor = secondFactor;
        this.idle = parts.sessions().idle();
        this.lifetime = parts.sessions().lifetime();
        this.clock = parts.clock();
        this.random = parts.random();
        this.pairs = new Throttle(PER_ADDRESS_AND_USER, WINDOW, KEYS, clock);
        this.users = new Throttle(PER_USER, WINDOW, KEYS, clock);
        this.addresses = new Throttle(PER_ADDRESS, WINDOW, KEYS, clock);
    }

    /// How far a sign-in came.
    sealed interface Step {
        /// Signed in: the token belongs in the session cookie.
        record SignedIn(String token, Duration lifetime) implements Step {
            @Override
            public String toString() {
                return "SignedIn[REDACTED]";
            }
        }

        /// The password was right and something more is needed.
        record NeedsSecondFactor() implements Step {}

        /// No such user, or a wrong password: nobody learns which.
        record Refused() implements Step {}

        /// Too many attempts of late.
        record Throttled() implements Step {}
    }

    /// Takes the first step, or the only one.
    ///
    /// @param remote the address the request came from; kept for counting only
    Step signIn(SensitiveText email, SensitiveText password, String remote) {
        // Keyed by a hash, so that the counters hold nobody's address.
        String user = Base64.getEncoder()
                .encodeToString(Tokens.hash(email.reveal().strip().toLowerCase(Locale.ROOT)));
        // All three count every attempt, also one that another of them refuses.
        boolean addressWithin = addresses.tryAcquire(remote);
        boolean userWithin = users.tryAcquire(user);
        boolean pairWithin = pairs.tryAcquire(remote + ' ' + user);
        if (!addressWithin || !userWithin || !pairWithin) {
            return new Step.Throttled();
        }
        NodeServices services = gate.services();
        Staff staff = services.store().staff();
        Optional<StaffUser> found = staff.byEmail(email, BROWSER);
        boolean right = found.isPresent()
                ? passwords.matches(password, found.get().passwordHash())
                : passwords.matchesNobody(password);
        if (!right) {
            refused(services, found, "password");
            return new Step.Refused();
        }
        StaffUser member = found.orElseThrow();
        if (secondFactor.isRequired(member)) {
            refused(services, found, "second_factor");
            return new Step.NeedsSecondFactor();
        }
        pairs.reset(remote + ' ' + user);
        users.reset(user);
        return signedIn(staff, member);
    }

    /// Begins a session for a member whose every factor was checked. The store audits it.
    Step.SignedIn signedIn(Staff staff, StaffUser member) {
        String token = Tokens.fresh(random);
        staff.startSession(member.tenant(), member.id(), Tokens.hash(token), idle, lifetime, clock.instant());
        return new Step.SignedIn(token, lifetime);
    }

    void signOut(String token) {
        gate.services().store().staff().endSession(Tokens.hash(token));
    }

    private void refused(NodeServices services, Optional<StaffUser> found, String factor) {
        var event = AuditEvent.of("staff.sign_in_refused", BROWSER).detail("factor", factor);
        found.ifPresent(user -> event.tenant(user.tenant()).resource("user", user.id()));
        services.audit().append(event.build());
    }
}
