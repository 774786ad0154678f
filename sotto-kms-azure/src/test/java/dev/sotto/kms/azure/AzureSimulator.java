package dev.sotto.kms.azure;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.testkit.HttpSimulator;
import dev.sotto.testkit.HttpSimulator.Answer;
import dev.sotto.testkit.HttpSimulator.Request;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Managed HSM, a Key Vault and Azure's sign-in, as far as wrapping needs them, over TLS on one port: AES-GCM with
/// associated data in the HSM, RSA-OAEP in the vault, tokens for one application. Checks method, path, API version,
/// token and its resource, and each field.
final class AzureSimulator implements AutoCloseable {
    static final String HSM = "clinic.managedhsm.azure.net";
    static final String VAULT = "clinic.vault.azure.net";
    static final String LOGIN = "login.microsoftonline.com";
    static final String DIRECTORY = "11111111-2222-4333-8444-555555555555";
    static final String CLIENT = "66666666-7777-4888-9999-000000000000";
    static final String SECRET = "theSecretOfAnApplication";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern PATH =
            Pattern.compile("/keys/([A-Za-z0-9-]+/[0-9a-f]{32})/(encrypt|decrypt|wrapkey|unwrapkey)");
    private static final int NONCE = 12;
    private static final int TAG = 16;
    private static final OAEPParameterSpec OAEP =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Answer answer;

        Refusal(int status, String code, String inner) {
            super(code);
            this.answer = error(status, code, inner);
        }
    }

    private final Map<String, byte[]> aesKeys = new ConcurrentHashMap<>();
    private final Map<String, KeyPair> rsaKeys = new ConcurrentHashMap<>();
    private final Set<String> disabled = ConcurrentHashMap.newKeySet();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final Certificate certificate;
    private final HttpSimulator http;

    AzureSimulator() {
        try {
            var pair = pair("EC", 256);
            certificate = selfSigned(pair);
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", pair.getPrivate(), new char[0], new Certificate[] {certificate});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var tls = SSLContext.getInstance("TLS");
            tls.init(keys.getKeyManagers(), null, null);
            http = HttpSimulator.https(tls, this::answer);
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    /// An AES key of the HSM.
    ///
    /// @return host, port, name and version
    String aesKey(String name) {
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        var version = name + "/" + version();
        aesKeys.put(version, secret);
        return "%s:%d/keys/%s".formatted(HSM, http.port(), version);
    }

    /// An RSA key of the vault.
    String rsaKey(String name) {
        var version = name + "/" + version();
        rsaKeys.put(version, pair("RSA", 2048));
        return "%s:%d/keys/%s".formatted(VAULT, http.port(), version);
    }

    void disable(String key, boolean off) {
        var version = key.substring(key.indexOf("/keys/") + "/keys/".length());
        if (off) {
            disabled.add(version);
        } else {
            disabled.remove(version);
        }
    }

    HttpSimulator http() {
        return http;
    }

    URI authority() {
        return URI.create("https://%s:%d/".formatted(LOGIN, http.port()));
    }

    /// The certificate that the three hosts show.
    Path pem(Path folder) throws IOException {
        try {
            var text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
            return Files.writeString(
                    Files.createTempFile(folder, "anchor", ".pem"),
                    "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(text));
        } catch (GeneralSecurityException malformed) {
            throw new IllegalStateException(malformed);
        }
    }

    static Answer error(int status, String code, String inner) {
        return Answer.json(
                status,
                "{\"error\":{\"code\":\"%s\",\"message\":\"clinic.vault and who asked\",\"innererror\":{\"code\":\"%s\"}}}"
                        .formatted(code, inner));
    }

    @Override
    public void close() {
        http.close();
    }

    private Answer answer(Request request) {
        var host = request.header("host").orElse("");
        return switch (host.substring(0, Math.max(0, host.indexOf(':')))) {
            case LOGIN -> token(request);
            case HSM -> key(request, "https://managedhsm.azure.net");
            case VAULT -> key(request, "https://vault.azure.net");
            default -> new Answer(421, Map.of(), "");
        };
    }

    private Answer key(Request request, String resource) {
        var token = request.header("authorization").orElse("").replaceFirst("^Bearer ", "");
        if (!resource.equals(tokens.get(token))) {
            if (request.body().length > 0 && token.isEmpty()) {
                throw new IllegalStateException("a body was sent to a vault that nobody vouched for");
            }
            var challenge =
                    "Bearer authorization=\"%s%s\", resource=\"%s\"".formatted(authority(), DIRECTORY, resource);
            return new Answer(401, Map.of("WWW-Authenticate", challenge, "Content-Type", "application/json"), "{}");
        }
        var path = PATH.matcher(request.uri().getRawPath());
        if (!request.method().equals("POST")
                || !path.matches()
                || !request.uri().getRawQuery().matches("api-version=(7\\.[0-9]|2025-07-01)")
                || !request.header("content-type").orElse("").startsWith("application/json")) {
            return error(404, "KeyNotFound", "");
        }
        try {
            var asked = JSON.readTree(request.body());
            var key = path.group(1);
            boolean hsm = resource.contains("managedhsm");
            if (disabled.contains(key)) {
                throw new Refusal(403, "Forbidden", "KeyDisabled");
            }
            return Answer.json(200, JSON.writeValueAsString(operate(key, path.group(2), hsm, asked)));
        } catch (Refusal refusal) {
            return refusal.answer;
        }
    }

    private Map<String, String> operate(String key, String operation, boolean hsm, JsonNode asked) {
        if (hsm ? !aesKeys.containsKey(key) : !rsaKeys.containsKey(key)) {
            throw new Refusal(404, "KeyNotFound", "");
        }
        if (hsm != operation.endsWith("crypt")) {
            throw new Refusal(400, "BadParameter", "");
        }
        var kid = "https://%s:%d/keys/%s".formatted(hsm ? HSM : VAULT, http.port(), key);
        return switch (operation) {
            case "encrypt" -> {
                only(asked, "alg", "A256GCM", "value", "aad");
                byte[] nonce = new byte[NONCE];
                RANDOM.nextBytes(nonce);
                byte[] sealed =
                        gcm(Cipher.ENCRYPT_MODE, aesKeys.get(key), nonce, bytes(asked, "aad"), bytes(asked, "value"));
                int length = sealed.length - TAG;
                yield Map.of(
                        "kid", kid,
                        "alg", "A256GCM",
                        "iv", text(nonce),
                        "value", text(Arrays.copyOf(sealed, length)),
                        "tag", text(Arrays.copyOfRange(sealed, length, sealed.length)),
                        "aad", asked.path("aad").asString());
            }
            case "decrypt" -> {
                only(asked, "alg", "A256GCM", "value", "aad", "iv", "tag");
                byte[] value = bytes(asked, "value");
                byte[] tag = bytes(asked, "tag");
                byte[] sealed = Arrays.copyOf(value, value.length + tag.length);
                System.arraycopy(tag, 0, sealed, value.length, tag.length);
                byte[] opened =
                        gcm(Cipher.DECRYPT_MODE, aesKeys.get(key), bytes(asked, "iv"), bytes(asked, "aad"), sealed);
                yield Map.of("kid", kid, "alg", "A256GCM", "value", text(opened));
            }
            case "wrapkey" -> {
                only(asked, "alg", "RSA-OAEP-256", "value");
                yield Map.of("kid", kid, "value", text(rsa(Cipher.ENCRYPT_MODE, key, bytes(asked, "value"))));
            }
            default -> {
                only(asked, "alg", "RSA-OAEP-256", "value");
                yield Map.of("kid", kid, "value", text(rsa(Cipher.DECRYPT_MODE, key, bytes(asked, "value"))));
            }
        };
    }

    private static byte[] gcm(int mode, byte[] secret, byte[] nonce, byte[] associatedData, byte[] text) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(Byte.SIZE * TAG, nonce));
            cipher.updateAAD(associatedData);
            return cipher.doFinal(text);
        } catch (GeneralSecurityException altered) {
            throw new Refusal(400, "BadParameter", "");
        }
    }

    private byte[] rsa(int mode, String key, byte[] text) {
        try {
            var pair = rsaKeys.get(key);
            var cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(mode, mode == Cipher.ENCRYPT_MODE ? pair.getPublic() : pair.getPrivate(), OAEP);
            return cipher.doFinal(text);
        } catch (GeneralSecurityException | RuntimeException altered) {
            throw new Refusal(400, "BadParameter", "");
        }
    }

    /// The fields, the value of `alg` after its name, and no other field.
    private static void only(JsonNode asked, String alg, String algorithm, String... fields) {
        var wanted = Arrays.stream(fields).collect(Collectors.toSet());
        wanted.add(alg);
        if (!asked.propertyNames().stream().collect(Collectors.toSet()).equals(wanted)
                || !asked.path(alg).asString().equals(algorithm)) {
            throw new Refusal(400, "BadParameter", "");
        }
    }

    private static byte[] bytes(JsonNode asked, String field) {
        return Base64.getUrlDecoder().decode(asked.path(field).asString().getBytes(US_ASCII));
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// RFC 6749 section 4.4, for one resource.
    private Answer token(Request request) {
        var form = Arrays.stream(request.text().split("&", -1))
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], UTF_8)));
        var scope = Arrays.stream(form.getOrDefault("scope", "").split(" ", -1)) // in any order, among OpenID's
                .filter(one -> one.endsWith("/.default"))
                .findFirst()
                .orElse("");
        if (!request.method().equals("POST")
                || !request.uri().getPath().equals("/" + DIRECTORY + "/oauth2/v2.0/token")
                || !"client_credentials".equals(form.get("grant_type"))
                || !CLIENT.equals(form.get("client_id"))
                || !SECRET.equals(form.get("client_secret"))
                || !scope.endsWith("/.default")) {
            return Answer.json(401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215\"}");
        }
        var token = UUID.randomUUID().toString();
        tokens.put(token, scope.substring(0, scope.length() - "/.default".length()));
        return Answer.json(
                200,
                "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"%s\"}"
                        .formatted(token));
    }

    private static String version() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private static KeyPair pair(String algorithm, int bits) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException(absent);
        }
    }

    private static Certificate selfSigned(KeyPair pair) throws Exception {
        var name = new X500Principal("CN=Azure of a test");
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        name,
                        pair.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.dNSName, HSM),
                    new GeneralName(GeneralName.dNSName, VAULT),
                    new GeneralName(GeneralName.dNSName, LOGIN)
                }));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }
}
