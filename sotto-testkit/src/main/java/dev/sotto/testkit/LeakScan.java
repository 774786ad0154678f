package dev.sotto.testkit;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Searches every file below a folder, at every byte offset, for things that must not be there: text in several
/// encodings, key bytes, and audio. Each test shows first that it finds a planted canary. Not thread-safe.
public final class LeakScan {
    private static final int BLOCK = 1 << 22;
    private static final int HASH_BYTES = 4;
    private static final int TABLE_BITS = 16;
    private static final List<String> DIGITS =
            List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");

    /// A canary found where it must not be. Names the canary and its form, never the bytes.
    ///
    /// @param offset where the match starts, in bytes from the start of the file
    public record Hit(Path file, long offset, String canary, String form) {}

    private static final class Needle {
        private final String canary;
        private final String form;
        private final byte[] bytes;

        Needle(String canary, String form, byte[] bytes) {
            this.canary = canary;
            this.form = form;
            this.bytes = bytes;
        }

        boolean isAt(byte[] block, int from, int length) {
            int end = from + bytes.length;
            return end <= length && Arrays.equals(block, from, end, bytes, 0, bytes.length);
        }
    }

    private final List<Needle> needles = new ArrayList<>();
    private final Map<Integer, List<Needle>> byPrefix = new LinkedHashMap<>();
    private int longest;

    /// Adds text, searched as UTF-8, UTF-16 in both orders, base64 at each of its three alignments, hex, escaped as in
    /// JSON and in URLs.
    public LeakScan text(String name, String text) {
        add(name, "utf-8", text.getBytes(UTF_8));
        add(name, "utf-16le", text.getBytes(UTF_16LE));
        add(name, "utf-16be", text.getBytes(UTF_16BE));
        add(name, "json escapes", escaped(text, "\\u%04x"));
        add(name, "json escapes upper", escaped(text, "\\u%04X"));
        add(name, "percent all", escaped(text, "%%%02X"));
        String form = URLEncoder.encode(text, UTF_8);
        if (!form.equals(text)) {
            add(name, "url form", form.getBytes(UTF_8));
            add(name, "url", form.replace("+", "%20").getBytes(UTF_8));
        }
        encoded(name, text.getBytes(UTF_8));
        return this;
    }

    /// Adds words, searched as they are, in small and in capital letters.
    public LeakScan words(String name, String words) {
        text(name, words);
        text(name + " in small letters", words.toLowerCase(Locale.ROOT));
        text(name + " in capitals", words.toUpperCase(Locale.ROOT));
        return this;
    }

    /// Adds a number, searched in one, in the groups given and by fours, each with blank, dash and dot between, and
    /// spelled out digit by digit.
    ///
    /// @param groups lengths that add up to that of `digits`
    public LeakScan number(String name, String digits, int... groups) {
        text(name, digits);
        for (String between : List.of(" ", "-", ".")) {
            text(name + " in groups by '%s'".formatted(between), grouped(digits, between, groups));
            text(name + " by digit and '%s'".formatted(between), spread(digits, between));
        }
        for (String zero : digits.contains("0") ? List.of("zero", "oh") : List.of("zero")) {
            var spelled = new StringBuilder();
            digits.chars()
                    .forEach(digit -> spelled.append(spelled.isEmpty() ? "" : " ")
                            .append(digit == '0' ? zero : DIGITS.get(digit - '0')));
            words(name + " spelled with " + zero, spelled.toString());
        }
        return this;
    }

    private static String grouped(String digits, String between, int... groups) {
        var all = new ArrayList<String>();
        int at = 0;
        for (int length : groups) {
            all.add(digits.substring(at, at + length));
            at += length;
        }
        if (at != digits.length()) {
            throw new IllegalArgumentException("groups must add up to the number of digits");
        }
        return String.join(between, all);
    }

    private static String spread(String digits, String between) {
        return digits.chars().mapToObj(Character::toString).collect(joining(between));
    }

    private static byte[] escaped(String text, String form) {
        var escaped = new StringBuilder();
        if (form.startsWith("%")) {
            for (byte one : text.getBytes(UTF_8)) {
                escaped.append(form.formatted(one & 0xFF));
            }
        } else {
            text.chars().forEach(one -> escaped.append(form.formatted(one)));
        }
        return escaped.toString().getBytes(UTF_8);
    }

    /// Adds bytes, such as key material or audio, searched raw, as base64 and as hex.
    public LeakScan bytes(String name, byte[] bytes) {
        add(name, "raw", bytes);
        encoded(name, bytes);
        return this;
    }

    private void encoded(String name, byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        add(name, "hex", hex.getBytes(UTF_8));
        add(name, "hex upper", hex.toUpperCase(Locale.ROOT).getBytes(UTF_8));
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = new byte[bytes.length + shift];
            System.arraycopy(bytes, 0, shifted, shift, bytes.length);
            String all = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            int firstWhole = shift == 0 ? 0 : shift + 1; // characters that mix in the bytes before
            int lastWhole = shifted.length * 8 / 6; // characters that hold only our bits
            byte[] stable = all.substring(firstWhole, lastWhole).getBytes(UTF_8);
            add(name, "base64 +" + shift, stable);
            add(
                    name,
                    "base64url +" + shift,
                    new String(stable, UTF_8)
                            .replace('+', '-')
                            .replace('/', '_')
                            .getBytes(UTF_8));
        }
    }

    private void add(String canary, String form, byte[] bytes) {
        if (bytes.length < HASH_BYTES) {
            throw new IllegalArgumentException("canary (%s) is too short to search for".formatted(canary));
        }
        var needle = new Needle(canary, form, bytes.clone());
        needles.add(needle);
        byPrefix.computeIfAbsent(prefix(bytes, 0), _ -> new ArrayList<>()).add(needle);
        longest = Math.max(longest, bytes.length);
    }

    /// The names and forms that are searched for, so that a test can plant each one.
    public Map<String, byte[]> forms() {
        var forms = new LinkedHashMap<String, byte[]>();
        needles.forEach(needle -> forms.put(needle.canary + " as " + needle.form, needle.bytes.clone()));
        return forms;
    }

    /// Searches every regular file below `folder`. Files that vanish meanwhile are passed over.
    public List<Hit> search(Path folder) throws IOException {
        var hits = new ArrayList<Hit>();
        List<Path> files;
        try (var walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            try {
                searchFile(file, hits);
            } catch (NoSuchFileException vanished) {
                // a temporary file that its owner removed meanwhile
            }
        }
        return hits;
    }

    private void searchFile(Path file, List<Hit> hits) throws IOException {
        boolean[] table = new boolean[1 << TABLE_BITS];
        byPrefix.keySet().forEach(prefix -> table[slot(prefix)] = true);
        byte[] block = new byte[BLOCK + longest];
        int kept = 0;
        long base = 0;
        try (var in = Files.newInputStream(file)) {
            while (true) {
                int read = in.readNBytes(block, kept, block.length - kept);
                int length = kept + read;
                boolean last = length < block.length;
                int until = last ? length : length - longest;
                scan(file, block, length, until, base, table, hits);
                if (last) {
                    return;
                }
                kept = length - until;
                System.arraycopy(block, until, block, 0, kept);
                base += until;
            }
        }
    }

    private void scan(Path file, byte[] block, int length, int until, long base, boolean[] table, List<Hit> hits) {
        for (int at = 0; at < until && at + HASH_BYTES <= length; at++) {
            int prefix = prefix(block, at);
            if (!table[slot(prefix)]) {
                continue;
            }
            for (Needle needle : byPrefix.getOrDefault(prefix, List.of())) {
                if (needle.isAt(block, at, length)) {
                    hits.add(new Hit(file, base + at, needle.canary, needle.form));
                }
            }
        }
    }

    private static int prefix(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xFF) << 16 | (bytes[at + 2] & 0xFF) << 8 | (bytes[at + 3] & 0xFF);
    }

    private static int slot(int prefix) {
        return (prefix * 0x9E37_79B1) >>> (Integer.SIZE - TABLE_BITS);
    }
}
