package dev.sotto.guard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The words of a text that say what a number near them is, or is not.
final class CueMap {
    private static final int CHECK_EVERY = 512;
    private static final int REACH_BEFORE = 10;
    private static final int REACH_AFTER = 5;
    private static final int REACH_BEFORE_NEGATIVE = 6;
    private static final int REACH_AFTER_NEGATIVE = 3;

    private static final Map<String, List<Phrase>> PHRASES = phrases();

    /// A phrase and what it announces; nothing if it says that a number is harmless.
    private record Phrase(List<String> words, Optional<EntityType> type) {}

    /// Where a phrase stands.
    record Cue(int first, int last, Optional<EntityType> type) {
        int distance(int from, int to) {
            return last < from ? from - last : first - to;
        }
    }

    private final List<Cue> cues;

    private CueMap(List<Cue> cues) {
        this.cues = cues;
    }

    private static Map<String, List<Phrase>> phrases() {
        var map = new HashMap<String, List<Phrase>>();
        add(map, EntityType.SSN, "social security,social,ssn,soc,tax id,taxpayer");
        add(
                map,
                EntityType.PHONE,
                "phone,cell,cellphone,mobile,telephone,call me,reach me,call us,callback,call back,call her,call him,"
                        + "reach her,reach him,fax,my number,his number,her number,text me,landline,contact number,dial,"
                        + "best number,area code,home number,work number");
        add(
                map,
                EntityType.CREDIT_CARD,
                "card,visa,mastercard,master card,amex,american express,discover card,credit card,debit card,"
                        + "card number,long number");
        add(
                map,
                EntityType.CVV,
                "cvv,cvc,csc,cvv2,cvc2,security code,three digits,three digit code,four digit code,card code,"
                        + "on the back,back of the card,back of my card,verification value");
        add(
                map,
                EntityType.MRN,
                "mrn,medical record,record number,medical number,chart number,chart,patient id,patient number,"
                        + "patient identifier,health record,hospital number");
        add(
                map,
                EntityType.ACCOUNT,
                "account,acct,member id,member number,membership,policy number,policy,group number,routing,iban,"
                        + "subscriber,insurance id,insurance number,insurance card,insurance,medicare,medicaid,"
                        + "plan number,beneficiary,membership number,account number");
        add(map, EntityType.DOB, "dob,birth,birthday,birthdate,born,birth date,date of birth,birthdate is");
        addNegative(
                map,
                "order,confirmation,invoice,tracking,ticket,reference,item,part number,model,serial,room,suite,floor,"
                        + "version,flight,purchase,quantity,sku,zip,zip code,gate,locker,extension,ext,bus,channel,"
                        + "page,building,queue,position,step,total,price,cost,costs,copay,balance,owe,paid,pay,"
                        + "appointment number,case,error,error code,prescription,rx,temperature,weight,"
                        + "blood pressure,glucose,calories,bill,charge,charged,population,score,pin");
        return Map.copyOf(map);
    }

    private static void add(Map<String, List<Phrase>> map, EntityType type, String phrases) {
        for (String phrase : phrases.split(",", -1)) {
            put(map, phrase, Optional.of(type));
        }
    }

    private static void addNegative(Map<String, List<Phrase>> map, String phrases) {
        for (String phrase : phrases.split(",", -1)) {
            put(map, phrase, Optional.empty());
        }
    }

    private static void put(Map<String, List<Phrase>> map, String phrase, Optional<EntityType> type) {
        List<String> words = List.of(phrase.split(" "));
        map.computeIfAbsent(words.getFirst(), _ -> new ArrayList<>()).add(new Phrase(words, type));
    }

    static CueMap of(List<Token> tokens, Deadline deadline) {
        var cues = new ArrayList<Cue>();
        int at = 0;
        for (int turns = 1; at < tokens.size(); turns++) {
            @Nullable Cue cue = longest(tokens, at);
            if (cue != null) {
                cues.add(cue);
            }
            at = cue == null ? at + 1 : cue.last() + 1;
            if (turns % CHECK_EVERY == 0) {
                deadline.check();
            }
        }
        return new CueMap(List.copyOf(cues));
    }

    private static @Nullable Cue longest(List<Token> tokens, int at) {
        Token first = tokens.get(at);
        if (!first.isWord() || isInsideCode(tokens, at)) {
            return null;
        }
        @Nullable Cue best = null;
        for (Phrase phrase : PHRASES.getOrDefault(stem(first.text()), List.of())) {
            int size = phrase.words().size();
            if (matches(tokens, at, phrase.words()) && (best == null || size > best.last() - best.first() + 1)) {
                best = new Cue(at, at + size - 1, phrase.type());
            }
        }
        return best;
    }

    /// Letters deep inside a run of letters and digits are part of a code, such as an id, whatever they spell:
    /// after letters and digits, and before digits. What begins the run, or follows its first digits, may be a cue.
    private static boolean isInsideCode(List<Token> tokens, int at) {
        return at > 1
                && at + 1 < tokens.size()
                && isJoined(tokens.get(at - 2), tokens.get(at - 1))
                && isJoined(tokens.get(at - 1), tokens.get(at))
                && isJoined(tokens.get(at), tokens.get(at + 1))
                && tokens.get(at - 2).kind() != Token.Kind.MARK
                && tokens.get(at - 1).kind() == Token.Kind.WRITTEN
                && tokens.get(at + 1).kind() == Token.Kind.WRITTEN;
    }

    private static boolean isJoined(Token one, Token next) {
        return one.end() == next.start();
    }

    private static boolean matches(List<Token> tokens, int at, List<String> words) {
        for (int i = 1; i < words.size(); i++) {
            if (at + i >= tokens.size() || !tokens.get(at + i).isWord(words.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static String stem(String word) {
        return word.endsWith("'s") ? word.substring(0, word.length() - 2) : word;
    }

    List<Cue> all() {
        return cues;
    }

    /// Whether a phrase begins at this token.
    boolean beginsAt(int token) {
        int index = firstFrom(token);
        return index < cues.size() && cues.get(index).first() == token;
    }

    /// The phrase nearest to the tokens `first` to `last`, if one is near enough; the one before them on a tie.
    Optional<Cue> nearest(int first, int last) {
        int after = firstFrom(first);
        Optional<Cue> best = Optional.empty();
        if (after > 0 && within(cues.get(after - 1), first, last)) {
            best = Optional.of(cues.get(after - 1));
        }
        if (after < cues.size()) {
            Cue next = cues.get(after);
            boolean nearer =
                    best.isEmpty() || next.distance(first, last) < best.get().distance(first, last);
            if (next.first() > last && nearer && within(next, first, last)) {
                best = Optional.of(next);
            }
        }
        return best;
    }

    /// Whether a phrase of this type stands near, whatever else does.
    boolean near(EntityType type, int first, int last) {
        int from = firstFrom(first);
        for (int i = Math.max(0, from - 4); i < Math.min(cues.size(), from + 2); i++) {
            Cue cue = cues.get(i);
            if (cue.type().filter(type::equals).isPresent() && within(cue, first, last)) {
                return true;
            }
        }
        return false;
    }

    private static boolean within(Cue cue, int first, int last) {
        int distance = cue.distance(first, last);
        if (cue.last() < first) {
            return distance <= (cue.type().isPresent() ? REACH_BEFORE : REACH_BEFORE_NEGATIVE);
        }
        return distance <= (cue.type().isPresent() ? REACH_AFTER : REACH_AFTER_NEGATIVE);
    }

    /// The index of the first phrase that begins at or behind a token.
    private int firstFrom(int token) {
        int low = 0;
        int high = cues.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cues.get(middle).first() < token) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
