package dev.sotto.server.faults;

import dev.sotto.simulator.Scene;
import dev.sotto.testkit.LeakScan;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A caller who says everything that must not get out, and a model that repeats all it is told and runs tools on it.
final class CanaryScene {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ECHO = "You said: {{heard}}";

    /// The utterances, in order.
    static final List<String> SAID = List.of(
            Scenes.INTRODUCTION,
            "My card number is 4929 7133 5802 4671. My social security number is 536 90 2147.",
            "Call me back on 212 555 0187, or write to quillfeather dot zymurgy at canary dot example. My medical record"
                    + " number is 7743192.");

    private CanaryScene() {}

    /// What is looked for, each in every form in which somebody might write it.
    ///
    /// @param type what the guard calls it
    /// @param restorable whether the shipped policy ever lets a value of it out
    record Canary(String type, String name, boolean restorable) {}

    static final List<Canary> CANARIES = List.of(
            new Canary("PERSON", "name", true),
            new Canary("DOB", "birth date", true),
            new Canary("CREDIT_CARD", "card", false),
            new Canary("SSN", "social security", false),
            new Canary("PHONE", "phone", true),
            new Canary("EMAIL", "e-mail", true),
            new Canary("MRN", "record", true));

    static LeakScan scan() {
        var scan = new LeakScan()
                .words("name: last", "Oakfield")
                .words("name: whole", "Maren Oakfield")
                .number("card", "4929713358024671", 4, 4, 4, 4)
                .number("social security", "536902147", 3, 2, 4)
                .number("phone", "2125550187", 3, 3, 4)
                .text("phone: (212) 555-0187", "(212) 555-0187")
                .words("e-mail", "quillfeather.zymurgy@canary.example")
                .words("e-mail: spoken", "quillfeather dot zymurgy")
                .number("record", "7743192", 3, 4);
        for (String form : List.of(
                "May twelfth nineteen eighty four",
                "nineteen eighty four",
                "nineteen eighty-four",
                "twelfth nineteen",
                "19840512",
                "1984-05-12",
                "05/12/1984",
                "5/12/1984",
                "May 12, 1984")) {
            scan.words("birth date: " + form, form);
        }
        return scan;
    }

    /// Whether a hit is of a canary.
    static boolean isOf(Canary canary, String hit) {
        return hit.equals(canary.name()) || hit.startsWith(canary.name() + ":") || hit.startsWith(canary.name() + " ");
    }

    /// What calls hear, as often as told.
    static Scene hearing(int times) {
        var all = new ArrayList<String>();
        for (int i = 0; i < times; i++) {
            all.addAll(SAID);
        }
        return Scenes.hearing(all);
    }

    static Scene model() {
        ObjectNode scene = JSON.createObjectNode()
                .put("format", "sotto-scene/1")
                .put("name", "canary")
                .put("title", "Repeats what it hears")
                .put("otherwise", ECHO)
                .put("afterwards", "Goodbye.");
        ObjectNode values = scene.putObject("values");
        value(values, "name", "<PERSON*>");
        value(values, "birth_date", "<DOB*>");
        ArrayNode asides = scene.putArray("asides");
        aside(asides, "*summarise this call as json", "{\"summary\":\"<PERSON_1> told a lot about <CREDIT_CARD>.\"}");
        aside(asides, "*rate this call as json", "{\"sentiment\":0.1,\"lead_score\":40}");
        ArrayNode steps = scene.putArray("steps");
        steps.addObject().put("name", "greeting").put("say", "Hello.");
        ObjectNode introduces = step(steps, "introduces", "*my name*").put("say", "One moment, {{value:name}}.");
        ObjectNode arguments = introduces
                .putArray("calls")
                .addObject()
                .put("tool", "verify_identity")
                .putObject("arguments");
        arguments.put("name", "{{value:name}}").put("birth_date", "{{value:birth_date}}");
        ArrayNode branches = introduces.putArray("branches");
        branches.addObject().put("pointer", "/verified").put("equals", true).put("goto", "looks-up");
        branches.addObject().put("goto", "sorry");
        ObjectNode looksUp = steps.addObject().put("name", "looks-up");
        looksUp.putArray("calls").addObject().put("tool", "lookup_appointment").putObject("arguments");
        looksUp.putArray("branches").addObject().put("goto", "verified");
        steps.addObject()
                .put("name", "verified")
                .put("say", "You are {{value:name}}, born on {{value:birth_date}}. You are verified.");
        steps.addObject().put("name", "sorry").put("say", Scenes.SORRY);
        step(steps, "repeats-numbers", "*card number*").put("say", ECHO);
        step(steps, "repeats-contact", "*call me back*").put("say", ECHO);
        // Nobody says it: a scene that is never over is searched from any step, whatever is said first.
        step(steps, "never", "*the end of this scene*").put("say", ECHO);
        return Scene.parse(JSON.writeValueAsString(scene));
    }

    private static void value(ObjectNode values, String name, String placeholder) {
        ObjectNode value = values.putObject(name).put("plain", "seen in clear");
        value.putArray("placeholders").add(placeholder);
        value.putArray("seen").add("*oakfield*");
    }

    private static void aside(ArrayNode asides, String expects, String say) {
        asides.addObject().put("say", say).putArray("expects").add(expects);
    }

    private static ObjectNode step(ArrayNode steps, String name, String expects) {
        ObjectNode step = steps.addObject().put("name", name);
        step.putObject("heard").put("final", "Something.").putArray("partials");
        step.putArray("expects").add(expects);
        return step;
    }
}
