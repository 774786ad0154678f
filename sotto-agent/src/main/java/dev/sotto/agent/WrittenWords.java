package dev.sotto.agent;

import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What the receptionist writes where a clip speaks of keys, sound and telephones. Every other clip reads as it sounds.
final class WrittenWords {
    private static final Map<String, String> WRITTEN = Map.ofEntries(
            Map.entry("announce.ai", "Hello. You are writing with an automated assistant, not with a person."),
            Map.entry("announce.not-recorded", "What you write is kept encrypted as part of your record."),
            Map.entry(
                    "announce.keys", "At any time, write \"person\" for a person, or \"message\" to leave a message."),
            Map.entry(
                    "ask.dob",
                    "To hear about your appointments, write your date of birth: year, month and day, such as"
                            + " 1970-01-31."),
            Map.entry("ask.factor", "Now write the last four digits of the phone number we have on file."),
            Map.entry(
                    "handover.keys",
                    "Our assistant is not available right now. I can help you here with short answers."),
            Map.entry("talk.blocked", "I am sorry, I cannot help with that in this chat."),
            Map.entry("identity.locked", "Sorry. We can not verify you here right now."),
            Map.entry(
                    "menu.appointment",
                    "To see it again, write 1. To cancel it, write 2. To book another, write 3. To leave a message,"
                            + " write 4. For a person, write 0. To end, write 9."),
            Map.entry(
                    "menu.no-appointment",
                    "To book an appointment, write 3. To leave a message, write 4. For a person, write 0. To end,"
                            + " write 9."),
            Map.entry("cancel.confirm", "To cancel this appointment, write yes. To keep it, write no."),
            Map.entry("offer.press", "write"),
            Map.entry("offer.back", "To go back, write 9."),
            Map.entry("number.1", "1."),
            Map.entry("number.2", "2."),
            Map.entry("number.3", "3."),
            Map.entry("input.invalid", "Sorry. I did not understand that."),
            Map.entry("voicemail.intro", "Please write your message now, in one piece."),
            Map.entry("tone.beep", ""),
            Map.entry("transfer.hold", "I am passing you to a person."),
            Map.entry("transfer.none", "Sorry. Nobody can take over right now."),
            Map.entry(
                    "trouble",
                    "Sorry. We have a technical problem and can not help you right now. Please try again later."));

    private WrittenWords() {}

    static UnaryOperator<String> over(Voice voice) {
        return clip -> WRITTEN.getOrDefault(clip, voice.text(clip));
    }

    static Set<String> clips() {
        return WRITTEN.keySet();
    }
}
