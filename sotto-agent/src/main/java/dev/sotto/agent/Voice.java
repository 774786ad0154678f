package dev.sotto.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.sotto.core.BugException;
import dev.sotto.media.AudioClip;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The receptionist's shipped voice: clips of 8 kHz mu-law with their texts. Only the index is read at start; a clip is
/// read and checked against its hash when it is first said. Thread-safe.
public final class Voice {
    /// Between two sentences.
    static final Duration PAUSE = Duration.ofMillis(200);

    private static final String FOLDER = "voice/";
    private static final int BYTES_PER_MILLISECOND = AudioClip.SAMPLE_RATE_HERTZ / 1_000;
    private static final AudioClip SENTENCE_PAUSE = AudioClip.silence(PAUSE);

    private record Shipped(String text, long milliseconds, String sha256) {
        boolean sentence() {
            return text.endsWith(".") || text.endsWith("?") || text.endsWith("!");
        }
    }

    private final Map<String, Shipped> index;
    private final Map<String, AudioClip> clips = new ConcurrentHashMap<>();

    private Voice(Map<String, Shipped> index) {
        this.index = index;
    }

    /// Reads the index of the shipped clips and checks that it has every clip the receptionist can name.
    ///
    /// @throws BugException if one is missing: this build cannot answer calls
    public static Voice shipped() {
        var index = new TreeMap<String, Shipped>();
        String table = new String(read("index.tsv"), UTF_8);
        table.lines()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .forEach(fields -> index.put(fields[0], new Shipped(fields[1], Long.parseLong(fields[2]), fields[3])));
        var voice = new Voice(index);
        voice.require(ReceptionMoves.PROMPTS);
        voice.require(SpokenTime.allClips());
        return voice;
    }

    private void require(Collection<String> names) {
        var missing = names.stream().filter(name -> !index.containsKey(name)).collect(joining(", "));
        if (!missing.isEmpty()) {
            throw new BugException(AgentError.CLIP_MISSING, "clips (%s) are not shipped".formatted(missing));
        }
    }

    Set<String> names() {
        return Set.copyOf(index.keySet());
    }

    /// What the clip says.
    String text(String name) {
        return entry(name).text();
    }

    /// How long the clip takes, with the pause behind it if it ends a sentence.
    Duration duration(String name) {
        var entry = entry(name);
        var spoken = Duration.ofMillis(entry.milliseconds());
        return entry.sentence() ? spoken.plus(PAUSE) : spoken;
    }

    /// The clip, with the pause behind it if it ends a sentence.
    AudioClip clip(String name) {
        return clips.computeIfAbsent(name, this::load);
    }

    /// All of a phrase as one clip.
    AudioClip clip(Phrase phrase) {
        return AudioClip.concat(phrase.clips().stream().map(this::clip).toList());
    }

    private AudioClip load(String name) {
        var entry = entry(name);
        byte[] mulaw = read(name + ".ulaw");
        if (mulaw.length / BYTES_PER_MILLISECOND != entry.milliseconds()
                || !entry.sha256().equals(HexFormat.of().formatHex(sha256(mulaw)))) {
            throw new BugException(AgentError.CLIP_MISSING, "clip (%s) is not as its index says".formatted(name));
        }
        var clip = AudioClip.of(mulaw);
        return entry.sentence() ? AudioClip.concat(List.of(clip, SENTENCE_PAUSE)) : clip;
    }

    private Shipped entry(String name) {
        var entry = index.get(name);
        if (entry == null) {
            throw new BugException(AgentError.CLIP_MISSING, "clip (%s) is not shipped".formatted(name));
        }
        return entry;
    }

    private static byte[] read(String name) {
        try (InputStream in = Voice.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new BugException(AgentError.CLIP_MISSING, "voice file (%s) is not shipped".formatted(name));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
