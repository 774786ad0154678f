package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.guard.EntityType;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the guard put in the place of values, where it is shown to people. Its forms are pinned by
/// `docs/spec/guard-placeholders.md`.
final class Placeholders {
    private static final Pattern FORM = Pattern.compile("<(%s)(?:_[0-9]{1,6}|:[0-9a-f]{1,48})?>"
            .formatted(Arrays.stream(EntityType.values()).map(Enum::name).collect(Collectors.joining("|"))));

    private Placeholders() {}

    static boolean in(SensitiveText text) {
        return FORM.matcher(text.reveal()).find();
    }

    /// With `[NAME]` in the place of each `<PERSON_1>` that is left.
    static TurnText asLabels(TurnText text) {
        return new TurnText(text.parts().stream()
                .<Part>map(part -> switch (part) {
                    case Part.Clear(String clear) -> new Part.Clear(labelled(clear));
                    case Part.Protected hidden -> hidden;
                })
                .toList());
    }

    private static String labelled(String text) {
        return FORM.matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement("[" + GuardedCall.label(EntityType.valueOf(found.group(1))) + "]"));
    }
}
