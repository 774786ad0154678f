package dev.sotto.server.node;

import dev.sotto.keys.CryptoProvider;
import java.util.List;
import java.util.stream.Stream;

/// What of a node the validated module does, and what it does not. Outside the FIPS distribution no boundary is
/// claimed, so everything is outside. Immutable.
///
/// @param inside done by the module
/// @param outside done by something else, named
public record CryptoBoundary(List<String> inside, List<String> outside) {
    private static final List<String> SEALING = List.of(
            "sealing of fields, recordings and files, and wrapping of keys: AES-256-GCM, HKDF-Expand with HMAC-SHA-512",
            "local key store file: PBKDF2-HMAC-SHA-256",
            "blind indexes, subject hashes, tokens, signatures of webhooks: HMAC",
            "approvals of destructions: Ed25519",
            "hashes of the audit log: SHA-256",
            "certificate authority of the node: ECDSA P-256",
            "verifiers of database passwords: PBKDF2-HMAC-SHA-256",
            "random numbers");

    private static final List<String> FIPS = List.of(
            "signatures of checkpoints: Ed25519",
            "passwords of staff: PBKDF2-HMAC-SHA-256",
            "TLS of dashboard and API, of carriers, towards the database, of everything called out",
            "container of the key store file: BCFKS");

    private static final List<String> WITHOUT_FIPS = List.of(
            "signatures of checkpoints: Ed25519 and ML-DSA-44 of the JDK",
            "passwords of staff: Argon2id of Bouncy Castle",
            "TLS of carriers: BoringSSL",
            "TLS of dashboard and API, towards the database, of everything called out: the JDK",
            "container of the key store file: PKCS #12 of the JDK");

    private static final List<String> ELSEWHERE = List.of(
            "choice of nonces: derived for each message by HKDF, given to the module from outside",
            "seed of random numbers: the kernel, read by the JDK",
            "PostgreSQL, its own side of TLS and passwords: OpenSSL",
            "root keys in an HSM, in Vault or in a cloud: modules of their own",
            "disks and what the operating system encrypts");

    /// The boundary of the distribution that runs.
    public static CryptoBoundary ofThisProcess() {
        return CryptoProvider.isFips()
                ? new CryptoBoundary(join(SEALING, FIPS), ELSEWHERE)
                : new CryptoBoundary(List.of(), join(join(SEALING, WITHOUT_FIPS), ELSEWHERE));
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
