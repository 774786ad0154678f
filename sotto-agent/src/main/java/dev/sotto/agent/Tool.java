package dev.sotto.agent;

import static java.util.stream.Collectors.toCollection;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What an agent can do for a caller. Each names what it needs; the gate refuses before it runs.
enum Tool {
    VERIFY_IDENTITY(
            false,
            new Argument("birth_date", "[0-9-]{1,16}", true, "date of birth, YYYYMMDD", "19800101"),
            new Argument("phone_last4", "[0-9]{1,16}", false, "last four digits of the phone number on file", "0000"),
            new Argument(
                    "name",
                    "[^\\p{Cntrl}]{1,64}",
                    false,
                    "full name; in place of the phone number's digits",
                    "Pat Example")),
    LOOKUP_APPOINTMENT(true),
    BOOK(
            true,
            new Argument(
                    "slot",
                    "[0-9A-Z]{26}",
                    false,
                    "a slot that was offered; without it, slots are offered",
                    "0".repeat(26))),
    CANCEL(
            true,
            new Argument(
                    "appointment", "[0-9A-Z]{26}", true, "an appointment that was read in this call", "0".repeat(26))),
    TAKE_MESSAGE(false),
    TRANSFER_TO_HUMAN(false);

    /// A string argument and the pattern that its whole value must match.
    ///
    /// @param sample a value that fits and means nobody
    record Argument(String name, Pattern pattern, boolean required, String description, String sample) {
        Argument(String name, String pattern, boolean required, String description, String sample) {
            this(name, Pattern.compile(pattern), required, description, sample);
        }
    }

    private final boolean needsIdentity;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable, which the check does not know
    private final List<Argument> arguments;

    private final String wireName;

    Tool(boolean needsIdentity, Argument... arguments) {
        this.needsIdentity = needsIdentity;
        this.arguments = List.of(arguments);
        this.wireName = name().toLowerCase(Locale.ROOT);
    }

    String wireName() {
        return wireName;
    }

    boolean needsIdentity() {
        return needsIdentity;
    }

    Optional<Argument> argument(String name) {
        return arguments.stream()
                .filter(argument -> argument.name().equals(name))
                .findFirst();
    }

    /// Whether every required argument is among `names`; of what identifies somebody, exactly two things.
    boolean complete(Set<String> names) {
        return names.containsAll(requiredNames()) && (this != VERIFY_IDENTITY || names.size() == 2);
    }

    Set<String> argumentNames() {
        return arguments.stream().map(Argument::name).collect(toCollection(TreeSet::new));
    }

    Set<String> requiredNames() {
        return arguments.stream().filter(Argument::required).map(Argument::name).collect(toCollection(TreeSet::new));
    }

    static Optional<Tool> named(String wireName) {
        for (Tool tool : values()) {
            if (tool.wireName.equals(wireName)) {
                return Optional.of(tool);
            }
        }
        return Optional.empty();
    }
}
