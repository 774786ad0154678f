import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.Passphrase;
import dev.sotto.keys.SealedFiles;
import dev.sotto.keys.WrappedKey;
import dev.sotto.kms.pkcs11.Pkcs11Config;
import dev.sotto.kms.pkcs11.Pkcs11Kms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.UUID;

/// Seals a file under a root key that never leaves a token, and opens it again. The PIN comes on file descriptor 3.
final class SealWithSoftHsm {
    private static final KeyUri ROOT = new KeyUri("pkcs11:sotto/root-1");
    private static final TenantId TENANT = new TenantId(UUID.fromString("019b0000-0000-7000-8000-000000000001"));

    private SealWithSoftHsm() {}

    public static void main(String[] arguments) throws Exception {
        var config = new Pkcs11Config(library(), "sotto", KmsCallLimits.defaults());
        var random = new SecureRandom();
        try (var pin = Passphrase.ofDescriptor(3);
                var kms = Pkcs11Kms.open(config, pin, random, Meter.none())) {
            var files = new SealedFiles(kms, random, Meter.none());
            switch (arguments[0]) {
                case "create-key" -> kms.createWrappingKey(ROOT);
                case "seal" -> seal(files, Path.of(arguments[1]));
                case "open" -> open(files, Path.of(arguments[1]));
                default -> throw new IllegalArgumentException("create-key, seal FILE or open FILE");
            }
        } catch (SottoException refused) {
            System.err.println("error: " + refused.getMessage());
            System.exit(1);
        }
    }

    /// Writes `file.sealed` and, beside it, `file.key`: the data key, wrapped in the token.
    private static void seal(SealedFiles files, Path file) throws Exception {
        try (var in = Files.newByteChannel(file);
                var out = Files.newByteChannel(
                        Path.of(file + ".sealed"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var key = files.seal(ROOT, context(file), in, out);
            Files.write(Path.of(file + ".key"), key.encode(), StandardOpenOption.CREATE_NEW);
        }
    }

    /// Writes `file.opened`.
    private static void open(SealedFiles files, Path file) throws Exception {
        var key = WrappedKey.decode(Files.readAllBytes(Path.of(file + ".key")));
        try (var in = Files.newByteChannel(Path.of(file + ".sealed"));
                var out = Files.newByteChannel(
                        Path.of(file + ".opened"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            files.open(key, context(file), in, out);
        }
    }

    /// What the file is: it opens under this only, so a sealed file that was renamed does not.
    private static SealContext context(Path file) {
        return new SealContext(
                TENANT,
                DataClass.RECORDING,
                new KeyOwner.OfTenant(TENANT),
                "file",
                file.getFileName().toString(),
                "content",
                0);
    }

    private static Path library() {
        for (var path : new String[] {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"}) {
            if (Files.exists(Path.of(path))) {
                return Path.of(path);
            }
        }
        throw new IllegalStateException("apt-get install softhsm2");
    }
}
