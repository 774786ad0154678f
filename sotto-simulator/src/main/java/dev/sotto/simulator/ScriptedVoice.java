package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.BugException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The voice of the simulators: shipped clips where a text has the words of one, a soft tone for each syllable where it
/// has not, so that length and pace are plausible. No synthesizer, and not meant to pass for one. Thread-safe.
final class ScriptedVoice {
    private static final List<String> FOLDERS = List.of("voice/", "words/");
    private static final int MAX_CHARACTERS = 4_096;
    private static final int CACHED = 512;
    private static final int SAMPLES_PER_MILLISECOND = Mulaw.RATE_HERTZ / 1_000;
    private static final int SENTENCE_PAUSE_MILLISECONDS = 200;
    private static final int SYLLABLE_MILLISECONDS = 170;
    private static final int GAP_MILLISECONDS = 60;
    private static final int FADE_MILLISECONDS = 30;
    private static final double TONE_AMPLITUDE = 2_400;
    private static final double LOW_TONE_HERTZ = 180;
    private static final double TONE_STEP_HERTZ = 12;
    private static final int TONES = 5;

    private record Clip(String file, int milliseconds, String sha256, boolean sentence) {}

    private final Map<String, Clip> byWords = new HashMap<>();
    private final Map<String, byte[]> sounds = new ConcurrentHashMap<>();
    private final Map<String, Speech> said = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Speech> eldest) {
            return size() > CACHED;
        }
    };
    private int longest;

    /// Reads the indexes. A clip is read when it is first said, and checked against its hash.
    ///
    /// @throws BugException if an index is not shipped
    ScriptedVoice() {
        for (String folder : FOLDERS) {
            new String(read(folder + "index.tsv"), UTF_8).lines().skip(1).forEach(line -> {
                String[] fields = line.split("\t", -1);
                String words = String.join(" ", SpokenWords.of(fields[1]));
                String file = folder + fields[0] + ".ulaw";
                if (!words.isEmpty() && ScriptedVoice.class.getResource(file) != null) {
                    byWords.putIfAbsent(
                            words,
                            new Clip(file, Integer.parseInt(fields[2]), fields[3], fields[1].matches(".*[.?!]")));
                    longest = Math.max(longest, words.split(" ", -1).length);
                }
            });
        }
    }

    /// Says `text`, cut after 4,096 characters.
    Speech say(String text) {
        String bounded = text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS);
        synchronized (said) {
            Speech known = said.get(bounded);
            if (known != null) {
                return known;
            }
        }
        Speech made = make(bounded);
        synchronized (said) {
            said.put(bounded, made);
        }
        return made;
    }

    /// Whether `text` is said in clips only.
    boolean knows(String text) {
        List<String> words = SpokenWords.of(text);
        for (int at = 0; at < words.size(); ) {
            int taken = match(words, at);
            if (taken == 0) {
                return false;
            }
            at += taken;
        }
        return true;
    }

    private Speech make(String text) {
        var sound = new ByteArrayOutputStream();
        var timed = new ArrayList<Speech.Word>();
        String[] written = text.strip().split("\\s+", -1);
        var words = new ArrayList<String>();
        var beginnings = new ArrayList<Integer>(); // which written word begins with that spoken one, or -1
        for (int i = 0; i < written.length; i++) {
            int first = words.size();
            words.addAll(SpokenWords.of(written[i]));
            for (int w = first; w < words.size(); w++) {
                beginnings.add(w == first ? i : -1);
            }
        }
        for (int at = 0; at < words.size(); ) {
            int taken = Math.max(1, match(words, at));
            int from = sound.size();
            Clip clip = byWords.get(String.join(" ", words.subList(at, at + taken)));
            sound.writeBytes(clip == null ? tones(words.get(at)) : sound(clip));
            int length = sound.size() - from;
            for (int w = at; w < at + taken; w++) {
                if (beginnings.get(w) >= 0) {
                    int begin = (from + length * (w - at) / taken) / SAMPLES_PER_MILLISECOND;
                    timed.add(new Speech.Word((timed.isEmpty() ? "" : " ") + written[beginnings.get(w)], begin));
                }
            }
            at += taken;
        }
        return new Speech(timed, sound.toByteArray());
    }

    /// How many words from `at` on are one clip; the longest wins. Zero for none.
    private int match(List<String> words, int at) {
        for (int count = Math.min(longest, words.size() - at); count > 0; count--) {
            if (byWords.containsKey(String.join(" ", words.subList(at, at + count)))) {
                return count;
            }
        }
        return 0;
    }

    private byte[] sound(Clip clip) {
        return sounds.computeIfAbsent(clip.file(), file -> {
            byte[] mulaw = read(file);
            if (mulaw.length / SAMPLES_PER_MILLISECOND != clip.milliseconds()
                    || !clip.sha256().equals(sha256(mulaw))) {
                throw new BugException(
                        SimulatorError.SIMULATOR_CLIP_MISSING, "clip (%s) is not as its index says".formatted(file));
            }
            return clip.sentence() ? followed(mulaw, SENTENCE_PAUSE_MILLISECONDS) : mulaw;
        });
    }

    private static byte[] followed(byte[] mulaw, int milliseconds) {
        byte[] longer = Arrays.copyOf(mulaw, mulaw.length + milliseconds * SAMPLES_PER_MILLISECOND);
        Arrays.fill(longer, mulaw.length, longer.length, Mulaw.SILENCE);
        return longer;
    }

    /// A tone for each syllable; its height comes from the word, so that the same word always sounds the same.
    private static byte[] tones(String word) {
        int syllable = SYLLABLE_MILLISECONDS * SAMPLES_PER_MILLISECOND;
        int fade = FADE_MILLISECONDS * SAMPLES_PER_MILLISECOND;
        int count = SpokenWords.syllables(word);
        byte[] mulaw = new byte[count * syllable];
        for (int i = 0; i < mulaw.length; i++) {
            int in = i % syllable;
            double hertz = LOW_TONE_HERTZ + TONE_STEP_HERTZ * Math.floorMod(word.hashCode() + i / syllable, TONES);
            double edge = Math.min(1, Math.min(in, syllable - 1 - in) / (double) fade);
            double sample = TONE_AMPLITUDE * edge * Math.sin(2 * Math.PI * hertz * in / Mulaw.RATE_HERTZ);
            mulaw[i] = Mulaw.encode((int) sample);
        }
        return followed(mulaw, GAP_MILLISECONDS);
    }

    private static byte[] read(String name) {
        try (InputStream in = ScriptedVoice.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new BugException(
                        SimulatorError.SIMULATOR_CLIP_MISSING, "voice file (%s) is not shipped".formatted(name));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
