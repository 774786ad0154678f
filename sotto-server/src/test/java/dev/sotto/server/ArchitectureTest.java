package dev.sotto.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sotto.core.Admission;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.keys.DataKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The walls of docs/design/0001-modules-and-contracts.md.
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.sotto");

    /// Which modules a module may import. The server may import all.
    private static final Map<String, List<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("core", List.of()),
            Map.entry("keys", List.of("core")),
            Map.entry("kms.pkcs11", List.of("core", "keys")),
            Map.entry("kms.vault", List.of("core", "keys")),
            Map.entry("kms.aws", List.of("core", "keys")),
            Map.entry("kms.gcp", List.of("core", "keys")),
            Map.entry("kms.azure", List.of("core", "keys")),
            Map.entry("audit", List.of("core")),
            Map.entry("guard", List.of("core")),
            Map.entry("media", List.of("core")),
            Map.entry("model", List.of("core")),
            Map.entry("store", List.of("core", "keys", "audit")),
            Map.entry("agent", List.of("core", "guard", "model", "media", "store", "audit")),
            Map.entry("simulator", List.of("core")),
            Map.entry("notify", List.of("core", "store")));

    /// Who opens protected text and why. A package that is not here has no reason to.
    private static final Map<String, String> REVEALS = new TreeMap<>(Map.ofEntries(
            Map.entry("dev.sotto.core", "compares and defines it"),
            Map.entry("dev.sotto.keys..", "passphrases, blind indexes"),
            Map.entry("dev.sotto.guard", "looks for what may identify a person"),
            Map.entry("dev.sotto.store..", "seals it, logs in to the database"),
            Map.entry("dev.sotto.media..", "signs and checks carrier requests"),
            Map.entry("dev.sotto.notify", "sends what the guard allowed, signs webhooks, logs in to mail servers"),
            Map.entry("dev.sotto.model", "sends what the guard allowed, shows keys to providers"),
            Map.entry("dev.sotto.agent..", "says it to the verified caller"),
            Map.entry("dev.sotto.server.detect", "writes what a tool was given, redacted"),
            Map.entry("dev.sotto.server.node", "secrets and passwords of the node"),
            Map.entry("dev.sotto.server.web", "passwords of staff"),
            Map.entry("dev.sotto.server.call", "plays the carrier: tokens"),
            Map.entry("dev.sotto.simulator", "checks the tokens of its clients")));

    @Test
    void everyModuleIsSeen() {
        MAY_IMPORT
                .keySet()
                .forEach(module -> assertThat(CLASSES.stream()
                                .filter(type -> type.getPackageName().startsWith("dev.sotto." + module)))
                        .as(module)
                        .isNotEmpty());
    }

    @Test
    void modules_importOnlyWhatTheTableSays() {
        MAY_IMPORT.forEach((module, allowed) -> {
            String[] others = MAY_IMPORT.keySet().stream()
                    .filter(other -> !other.equals(module) && !allowed.contains(other))
                    .map("dev.sotto.%s.."::formatted)
                    .toArray(String[]::new);
            if (others.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage("dev.sotto.%s..".formatted(module))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(others)
                        .orShould()
                        .dependOnClassesThat()
                        .resideInAPackage("dev.sotto.server..")
                        .check(CLASSES);
            }
        });
    }

    @Test
    void spring_isKnownToTheServersWebOnly() {
        noClasses()
                .that(not(resideInAPackage("dev.sotto.server.web")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..",
                        "jakarta.servlet..",
                        "jakarta.annotation..",
                        "org.apache.catalina..",
                        "org.thymeleaf..")
                .check(CLASSES);
    }

    @Test
    void core_knowsTheJdkAndTheLoggingAndNullnessInterfacesOnly() {
        noClasses()
                .that()
                .resideInAPackage("dev.sotto.core..")
                .should()
                .dependOnClassesThat(not(resideInAnyPackage(
                        "dev.sotto.core..", "java..", "javax.net.ssl..", "org.jspecify..", "org.slf4j..")))
                .check(CLASSES);
    }

    @Test
    void internals_stayInTheirModule() {
        MAY_IMPORT
                .keySet()
                .forEach(module -> noClasses()
                        .that(not(resideInAPackage("dev.sotto.%s..".formatted(module))))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("dev.sotto.%s.internal..".formatted(module))
                        .allowEmptyShould(true)
                        .check(CLASSES));
    }

    @Test
    void protectedText_isRevealedInNamedPackagesOnly() {
        noClasses()
                .that(not(resideInAnyPackage(REVEALS.keySet().toArray(String[]::new))))
                .should()
                .callMethod(SensitiveText.class, "reveal")
                .check(CLASSES);
    }

    @Test
    void disclosures_areAllowedByTheGuardOnly() {
        noClasses()
                .that(not(resideInAnyPackage("dev.sotto.guard..", "dev.sotto.testkit..")))
                .should()
                .callConstructor(EgressDoor.Verdict.Allowed.class, List.class, String.class)
                .orShould()
                .callConstructor(Admission.Granted.class, Passage.class, String.class)
                .check(CLASSES);
    }

    @Test
    void keyBytes_areRevealedInKeysAndToKeyServicesOnly() {
        noClasses()
                .that(not(resideInAnyPackage("dev.sotto.keys..", "dev.sotto.kms..")))
                .should()
                .callMethod(DataKey.class, "reveal")
                .check(CLASSES);
    }

    @Test
    void nothingOpensAWayOut_butTheClientsOfModelsAndKeyServicesTheSenderOfNoticesAndTheCallerThatPlaysTheCarrier() {
        noClasses()
                .that(not(resideInAPackage("dev.sotto.server.call")))
                // Takes only what a verdict or a passage allowed.
                .and(not(resideInAPackage("dev.sotto.model")))
                .and(not(resideInAPackage("dev.sotto.notify")))
                .and(not(resideInAPackage("dev.sotto.server.bench")))
                // Send wrapped keys and ids to the key service that the operator names; nothing protected.
                .and(not(resideInAPackage("dev.sotto.kms..")))
                // Asks the class path how old the shipped database binaries are.
                .and(not(DescribedBy.name("dev.sotto.store.PostgresBinaries")))
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.net.http", "jakarta.mail..", "org.eclipse.angus..")
                        .or(DescribedBy.name("java.net.Socket"))
                        .or(DescribedBy.name("java.net.URLConnection"))
                        .or(DescribedBy.name("java.net.HttpURLConnection"))
                        .or(DescribedBy.name("javax.net.ssl.SSLSocket"))
                        .or(DescribedBy.name("io.netty.bootstrap.Bootstrap"))
                        .or(DescribedBy.name("java.net.DatagramSocket")))
                .check(CLASSES);
    }

    @Test
    void environment_isReadForFoldersOnly() { // of the data, of caches, of systemd's credentials
        noClasses()
                .that(not(resideInAnyPackage(
                        "dev.sotto.server.node",
                        "dev.sotto.store",
                        "dev.sotto.keys",
                        // whether a workload's identity is there, which the vendor's library reads by itself
                        "dev.sotto.kms.azure")))
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(CLASSES);
    }

    @Test
    void nothingPrintsToTheConsoleByItself() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(CLASSES);
    }

    @Test
    void classesAreNamedForWhatTheyAre() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .check(CLASSES);
    }

    /// A class of exactly that name.
    private static final class DescribedBy {
        private DescribedBy() {}

        static DescribedPredicate<JavaClass> name(String name) {
            return DescribedPredicate.describe(name, type -> type.getFullName().equals(name));
        }
    }
}
