package dev.sotto.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who may use which primitive, and why: nothing is constructed from them outside sotto-keys. The reasons are in
/// docs/design/0022-crypto-providers.md. Each rule is shown to fail on a class that breaks it.
class CryptoRulesTest {
    private static final String KEYS = "dev.sotto.keys";
    private static final String COBBLESTONE = KEYS + ".Cobblestone";

    /// For each type, the packages that may know it. A package that is not here has no reason to.
    private static final Map<Class<?>, Map<String, String>> MAY_USE = Map.ofEntries(
            Map.entry(
                    Cipher.class,
                    Map.of(KEYS, "sealing", "dev.sotto.kms.pkcs11", "asks the token for its own AES-GCM")),
            Map.entry(
                    Mac.class,
                    Map.of(
                            KEYS,
                            "HKDF-Expand, blind indexes",
                            "dev.sotto.kms.pkcs11",
                            "asks the token for its own HMAC",
                            "dev.sotto.guard",
                            "a keyed hash in the place of a finding",
                            "dev.sotto.media",
                            "checks the carrier's signatures: HMAC-SHA-1 is its choice",
                            "dev.sotto.notify",
                            "signs webhooks as Standard Webhooks says",
                            "dev.sotto.store",
                            "verifiers of database passwords, RFC 5802",
                            "dev.sotto.server.web",
                            "tokens of forms")),
            Map.entry(
                    Signature.class,
                    Map.of(
                            KEYS,
                            "approvals of destructions",
                            "dev.sotto.audit",
                            "checkpoints",
                            "dev.sotto.media",
                            "whether a listener's key and certificate belong together",
                            "dev.sotto.server.node",
                            "whether a file's key and certificate belong together")),
            Map.entry(
                    MessageDigest.class,
                    Map.of(
                            KEYS,
                            "compares in constant time",
                            "dev.sotto.core",
                            "compares in constant time",
                            "dev.sotto.audit",
                            "Merkle trees, RFC 6962",
                            "dev.sotto.guard",
                            "names a version of the rules",
                            "dev.sotto.agent",
                            "looks tokens up by hash, names clips of the voice",
                            "dev.sotto.media",
                            "checks the digest of a body, compares in constant time",
                            "dev.sotto.store",
                            "digests of rows and objects for the audit log, RFC 5802",
                            "dev.sotto.simulator",
                            "names clips of the voice, compares in constant time",
                            "dev.sotto.server.node",
                            "fingerprints, names of folders",
                            "dev.sotto.server.web",
                            "looks sessions up by hash")),
            Map.entry(
                    SecretKeyFactory.class,
                    Map.of(KEYS, "PBKDF2 of the key store file", "dev.sotto.store", "PBKDF2 of RFC 5802")),
            Map.entry(
                    KeyPairGenerator.class,
                    Map.of(
                            KEYS,
                            "looks who would make them, before a FIPS start",
                            "dev.sotto.audit",
                            "checkpoint keys",
                            "dev.sotto.server.node",
                            "certificates")),
            Map.entry(KeyGenerator.class, Map.of()),
            Map.entry(KeyAgreement.class, Map.of(KEYS, "X25519 of exports, RFC 9180")),
            Map.entry(KEM.class, Map.of(KEYS, "ML-KEM-768 of exports, FIPS 203")),
            Map.entry(KDF.class, Map.of(KEYS, "HKDF of exports, RFC 9180")),
            Map.entry(
                    ThreadLocalRandom.class,
                    Map.of("dev.sotto.server.node", "spreads the hourly look at keys over time")),
            Map.entry(SplittableRandom.class, Map.of("dev.sotto.simulator", "ids that a script repeats")),
            Map.entry(Random.class, Map.of("dev.sotto.simulator", "faults that a script repeats")));

    /// Where a library's primitives would be used past the provider.
    private static final String[] PAST_THE_PROVIDER = {
        "org.bouncycastle.crypto..",
        "org.bouncycastle.jcajce..",
        "org.bouncycastle.jce..",
        "org.bouncycastle.pqc..",
        "com.amazon.corretto..",
        "org.springframework.security.crypto.encrypt..",
        "org.springframework.security.crypto.keygen.."
    };

    /// Hands ML-KEM the seed that its key pair is derived from (FIPS 203, section 7.1): the JDK has no other way in.
    private static final String SEED = "dev.sotto.keys.MlKem$Seed";

    private static final JavaClasses CLASSES = production();

    /// The modules that the server does not use yet are seen where they were compiled before it.
    private static JavaClasses production() {
        Set<Location> places = new HashSet<>(Locations.ofPackage("dev.sotto"));
        Stream.of("aws", "gcp", "azure")
                .map(cloud -> Path.of("..", "sotto-kms-" + cloud, "target", "classes"))
                .filter(Files::isDirectory)
                .map(Location::of)
                .forEach(places::add);
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .withImportOption(location -> !location.contains("sotto-testkit"))
                .importLocations(places);
    }

    static Stream<Class<?>> types() {
        return MAY_USE.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("types")
    void primitive_isUsedInPackagesWithAReasonOnly(Class<?> type) {
        usedOnlyIn(type).check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("types")
    void primitive_plantedElsewhere_isFound(Class<?> type) {
        assertFails(usedOnlyIn(type), Planted.class);
    }

    /// A reason without a use is a door left open.
    @ParameterizedTest
    @MethodSource("types")
    void reason_isOfAPackageThatUsesThePrimitive(Class<?> type) {
        MAY_USE.get(type)
                .keySet()
                .forEach(name -> assertThat(CLASSES.stream()
                                .filter(user -> user.getPackageName().equals(name))
                                .anyMatch(user -> user.getDirectDependenciesFromSelf().stream()
                                        .anyMatch(to -> to.getTargetClass().isEquivalentTo(type))))
                        .as("%s uses %s", name, type.getSimpleName())
                        .isTrue());
    }

    private static ArchRule usedOnlyIn(Class<?> type) {
        String[] packages = MAY_USE.get(type).keySet().toArray(String[]::new);
        return noClasses()
                .that(not(resideInAnyPackage(packages)))
                .should()
                .dependOnClassesThat(describe(type.getName(), to -> to.isEquivalentTo(type)));
    }

    @Test
    void libraries_areReachedThroughTheProviderOnly() {
        ArchRule rule = noClasses().should().dependOnClassesThat().resideInAnyPackage(PAST_THE_PROVIDER);
        rule.check(CLASSES);
        assertFails(rule, PlantedLibrary.class);
    }

    @Test
    void randomness_isTheProvidersAndNobodySeedsIt() {
        ArchRule rule = noClasses()
                .that(describe("are not " + SEED, type -> !type.getFullName().equals(SEED)))
                .should()
                .beAssignableTo(SecureRandom.class)
                .orShould()
                .callMethodWhere(callOf(SecureRandom.class, "setSeed"))
                .orShould()
                .callMethodWhere(callOf(SecureRandom.class, "getInstance"))
                .orShould()
                .callConstructor(SecureRandom.class, byte[].class)
                .orShould()
                .callMethodWhere(callOf(RandomGenerator.class, "getDefault"))
                .orShould()
                .callMethodWhere(callOf(RandomGenerator.class, "of"));
        rule.check(CLASSES);
        for (Class<?> planted :
                List.of(PlantedRandom.class, PlantedSeed.class, PlantedInstance.class, PlantedGenerator.class)) {
            assertFails(rule, planted);
        }
    }

    /// The one method that takes a salt from its caller is for known answers in tests.
    @Test
    void salt_isGivenInByNobodyButTheSealingItself() {
        ArchRule rule = saltGivenIn(COBBLESTONE);
        rule.check(CLASSES);
        assertThat(saltGivenIn("nobody").evaluate(CLASSES).hasViolation())
                .as("the rule sees the call inside %s", COBBLESTONE)
                .isTrue();
    }

    private static ArchRule saltGivenIn(String allowed) {
        return noClasses()
                .that(describe("are not " + allowed, type -> !type.getFullName().equals(allowed)))
                .should()
                .callMethodWhere(describe(
                        "a salt is given in",
                        call -> call.getTargetOwner().getFullName().equals(COBBLESTONE)
                                && call.getTarget().getName().equals("sealMessage")
                                && call.getTarget()
                                        .getRawParameterTypes()
                                        .get(1)
                                        .isEquivalentTo(byte[].class)));
    }

    /// Everyone else has whole messages only.
    @Test
    void messages_areDerivedByTheSealingOfStreamsFilesExportsAndBackupsOnly() {
        Set<String> allowed = Set.of(
                COBBLESTONE,
                KEYS + ".SealedStreams",
                KEYS + ".SealedFiles",
                KEYS + ".SealedExport",
                KEYS + ".BackupFile");
        derivedIn(allowed).check(CLASSES);
        assertThat(derivedIn(Set.of()).evaluate(CLASSES).hasViolation()).isTrue();
    }

    private static ArchRule derivedIn(Set<String> allowed) {
        return noClasses()
                .that(describe("are others", type -> !allowed.contains(type.getFullName())))
                .should()
                .callMethodWhere(describe(
                        "a message is derived",
                        call -> call.getTargetOwner().getFullName().equals(COBBLESTONE)
                                && call.getTarget().getName().equals("derive")));
    }

    private static DescribedPredicate<JavaCall<?>> callOf(Class<?> owner, String name) {
        return describe(
                owner.getSimpleName() + "." + name,
                call -> call.getTargetOwner().isEquivalentTo(owner)
                        && call.getTarget().getName().equals(name));
    }

    private static void assertFails(ArchRule rule, Class<?> planted) {
        assertThat(rule.evaluate(new ClassFileImporter().importClasses(planted)).hasViolation())
                .as("%s breaks: %s", planted.getSimpleName(), rule.getDescription())
                .isTrue();
    }

    /// Knows every primitive, in a package that may know none.
    @SuppressWarnings("unused") // read by the rules only
    private static final class Planted {
        private Cipher cipher;
        private Mac mac;
        private Signature signature;
        private MessageDigest digest;
        private SecretKeyFactory factory;
        private KeyPairGenerator pairs;
        private KeyGenerator keys;
        private KeyAgreement agreement;
        private KEM kem;
        private KDF kdf;
        private ThreadLocalRandom local;
        private SplittableRandom splittable;
        private Random weak;
    }

    @SuppressWarnings("unused")
    private static final class PlantedLibrary {
        private org.bouncycastle.crypto.engines.AESEngine engine;
    }

    private static final class PlantedRandom extends SecureRandom {
        @Override
        public void nextBytes(byte[] bytes) {
            // always zero: what an injected source could do
        }
    }

    @SuppressWarnings("unused")
    private static final class PlantedSeed {
        static SecureRandom seeded() {
            var random = new SecureRandom();
            random.setSeed(1);
            return random;
        }
    }

    @SuppressWarnings("unused")
    private static final class PlantedInstance {
        static SecureRandom seeded() {
            return new SecureRandom(new byte[16]);
        }
    }

    @SuppressWarnings("unused")
    private static final class PlantedGenerator {
        static RandomGenerator weak() {
            return RandomGenerator.getDefault();
        }
    }
}
