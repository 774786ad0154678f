package dev.sotto.server.faults;

import dev.sotto.simulator.Scene;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Scenes that tests write: what is heard one after the other, whoever speaks, and a model that knows the demo's first
/// patient and does something wrong when it hears a certain word.
final class Scenes {
    static final String INTRODUCTION = "My name is Maren Oakfield, and I was born on May twelfth nineteen eighty four.";
    static final String VERIFIED = "Thank you. You are verified.";
    static final String SORRY = "Sorry. That is not possible.";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// What goes wrong when the caller says `word`; nothing if `fault` is empty.
    record Wrong(String word, String fault) {
        String sentence() {
            return "Please tell me about %s.".formatted(word);
        }
    }

    private Scenes() {}

    /// The utterances in the order in which any call hears them.
    static Scene hearing(List<String> utterances) {
        ObjectNode scene = scene("hearing");
        ArrayNode steps = greeting(scene);
        for (int i = 0; i < utterances.size(); i++) {
            ObjectNode step = steps.addObject().put("name", "u" + i).put("say", "Yes.");
            heard(step, utterances.get(i));
        }
        return Scene.parse(JSON.writeValueAsString(scene));
    }

    /// A model that checks who introduces themselves, answers what it can, and fails as it is told.
    static Scene model(List<Wrong> wrongs) {
        ObjectNode scene = scene("model");
        ObjectNode values = scene.putObject("values");
        value(values, "name", "<PERSON*>", "*maren oakfield*", "Maren Oakfield");
        value(values, "birth_date", "<DOB*>", "*may twelfth nineteen eighty four*", "19840512");
        ArrayNode steps = greeting(scene);
        ObjectNode introduces = steps.addObject().put("name", "introduces");
        heard(introduces, INTRODUCTION).putArray("expects").add("*my name*");
        introduces.put("say", "One moment, please.");
        call(introduces, "verify_identity").put("name", "{{value:name}}").put("birth_date", "{{value:birth_date}}");
        ArrayNode branches = introduces.putArray("branches");
        branches.addObject().put("pointer", "/verified").put("equals", true).put("goto", "verified");
        branches.addObject().put("goto", "sorry");
        steps.addObject().put("name", "verified").put("say", VERIFIED);
        steps.addObject().put("name", "sorry").put("say", SORRY);
        for (Wrong wrong : wrongs) {
            ObjectNode step = steps.addObject().put("name", "on-" + wrong.word());
            heard(step, wrong.sentence()).putArray("expects").add("*" + wrong.word() + "*");
            step.put("say", "There is a lot to tell about " + wrong.word() + ".");
            if (!wrong.fault().isEmpty()) {
                call(step, "verify_identity").put("birth_date", "{{value:birth_date}}");
                step.putArray("branches").addObject().put("goto", "sorry");
                step.putObject("fault").put("kind", wrong.fault());
            }
        }
        return Scene.parse(JSON.writeValueAsString(scene));
    }

    /// A model that has much to say about apples, and dates about pears.
    static Scene fruit() {
        ObjectNode scene = scene("fruit");
        ArrayNode steps = greeting(scene);
        ObjectNode apples = steps.addObject().put("name", "apples");
        heard(apples, "Please tell me about apples.").putArray("expects").add("*apples*");
        apples.put(
                "say",
                "There is a lot to tell about apples. They grow on trees in many gardens. People have eaten them for"
                        + " thousands of years. Some of them are red. Others are green. Most of them are sweet.");
        ObjectNode pears = steps.addObject().put("name", "pears");
        heard(pears, "Please tell me about pears.").putArray("expects").add("*pears*");
        pears.put("say", "Gladly. Your next appointment is on May 3, 2027. You are booked for May 4, 2027.");
        return Scene.parse(JSON.writeValueAsString(scene));
    }

    /// What a model answers to who asks about `word`.
    record Answer(String word, String says) {
        String question() {
            return "Please tell me about %s.".formatted(word);
        }
    }

    /// A model that is asked these in their order.
    static Scene answering(Answer... answers) {
        ObjectNode scene = scene("answering");
        ArrayNode steps = greeting(scene);
        for (Answer answer : answers) {
            ObjectNode step = steps.addObject().put("name", "on-" + answer.word());
            heard(step, answer.question()).putArray("expects").add("*" + answer.word() + "*");
            step.put("say", answer.says());
        }
        return Scene.parse(JSON.writeValueAsString(scene));
    }

    private static ObjectNode scene(String name) {
        return JSON.createObjectNode()
                .put("format", "sotto-scene/1")
                .put("name", name)
                .put("title", "Written by a test")
                .put("otherwise", "Could you say that again?")
                .put("afterwards", "Goodbye.");
    }

    private static ArrayNode greeting(ObjectNode scene) {
        ArrayNode steps = scene.putArray("steps");
        steps.addObject().put("name", "greeting").put("say", "Hello.");
        return steps;
    }

    private static ObjectNode heard(ObjectNode step, String text) {
        step.putObject("heard").put("final", text).putArray("partials");
        return step;
    }

    private static ObjectNode call(ObjectNode step, String tool) {
        return step.putArray("calls").addObject().put("tool", tool).putObject("arguments");
    }

    private static void value(ObjectNode values, String name, String placeholder, String seen, String plain) {
        ObjectNode value = values.putObject(name).put("plain", plain);
        value.putArray("placeholders").add(placeholder);
        value.putArray("seen").add(seen);
    }
}
