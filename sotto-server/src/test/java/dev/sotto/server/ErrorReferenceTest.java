package dev.sotto.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/reference/errors.md` lists each code of each module with the sentence its source gives. Written anew with
/// `-Dsotto.golden.update=true`.
class ErrorReferenceTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path PAGE = ROOT.resolve("docs/reference/errors.md");
    private static final Pattern CODE = Pattern.compile("((?: {4}/// ?[^\\n]*\\n)+) {4}([A-Z][A-Z0-9_]*)[,;\\n]");
    private static final String HEAD = """
            # Error codes

            Each failure has a code that says why; the kind of failure says who must act. Codes are counted and never renamed.
            On the command line and in `application/problem+json` they stand in lower case.
            """;

    @Test
    void errorsPage_listsEveryCodeOfEveryModule() throws IOException {
        var page = new StringBuilder(HEAD);
        for (Path source : sources()) {
            String module = ROOT.relativize(source).getName(0).toString();
            page.append("\n## ").append(module).append("\n\n| code | why |\n| --- | --- |\n");
            var codes = CODE.matcher(Files.readString(source));
            while (codes.find()) {
                String why =
                        codes.group(1).replaceAll("(?m)^ {4}/// ?", "").strip().replaceAll("\\s+", " ");
                page.append("| `%s` | %s |\n".formatted(codes.group(2), why.replace("|", "\\|")));
            }
        }
        if (Boolean.getBoolean("sotto.golden.update")) {
            Files.writeString(PAGE, page, UTF_8);
        }

        assertThat(PAGE).content(UTF_8).isEqualTo(page.toString());
    }

    private static List<Path> sources() throws IOException {
        var sources = new ArrayList<Path>();
        try (var modules = Files.newDirectoryStream(ROOT, "sotto-*")) {
            for (Path module : modules) {
                Path main = module.resolve("src/main/java");
                if (Files.isDirectory(main) && !module.endsWith("sotto-testkit")) {
                    try (var files = Files.walk(main)) {
                        files.filter(file -> file.getFileName().toString().endsWith("Error.java"))
                                .forEach(sources::add);
                    }
                }
            }
        }
        sources.sort(null);
        return sources;
    }
}
