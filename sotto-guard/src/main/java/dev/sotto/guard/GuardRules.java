package dev.sotto.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// One policy and one register that hold together, and how they are named in the audit log. Immutable.
///
/// @param label `<policy version>+<register version>@<first 12 hex digits of SHA-256 over both files>`
public record GuardRules(Policy policy, Register register, String label) {
    private static final int SHOWN_HASH_BYTES = 6;

    public GuardRules {
        requireNonNull(policy, "policy");
        requireNonNull(register, "register");
        requireNonNull(label, "label");
    }

    /// Reads the YAML of a policy and of a register.
    ///
    /// @throws dev.sotto.core.RejectedException with all problems of both, each with its path and rule
    public static GuardRules parse(String policyYaml, String registerYaml) {
        var problems = new Problems();
        YamlNode policyTree = YamlNode.load("policy", policyYaml, problems);
        YamlNode registerTree = YamlNode.load("register", registerYaml, problems);
        Register register = RegisterReader.read(registerTree);
        Policy policy = PolicyReader.read(policyTree, register);
        problems.finish();
        String label = "%s+%s@%s".formatted(policy.version(), register.version(), hash(policyYaml, registerYaml));
        return new GuardRules(policy, register, label);
    }

    /// The policy for healthcare and the register of the demo that are shipped: the only destination they know is the
    /// simulator inside this process.
    public static GuardRules shipped() {
        return parse(shippedPolicy(), shippedRegister());
    }

    /// The YAML of the shipped policy, to start one's own from.
    public static String shippedPolicy() {
        return resource("healthcare-policy.yaml");
    }

    /// The YAML of the shipped register.
    public static String shippedRegister() {
        return resource("demo-register.yaml");
    }

    private static String resource(String name) {
        try (InputStream in = GuardRules.class.getResourceAsStream(name)) {
            return new String(requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String hash(String policy, String register) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(policy.getBytes(UTF_8));
            digest.update((byte) 0);
            return HexFormat.of().formatHex(digest.digest(register.getBytes(UTF_8)), 0, SHOWN_HASH_BYTES);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }
}
