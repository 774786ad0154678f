package dev.sotto.keys;

/// What does the arithmetic of this process, and what may be claimed of it. Immutable.
///
/// @param provider the JCA provider's name, such as `AmazonCorrettoCryptoProvider`
/// @param version the provider's version
/// @param module the library behind it, with its version
/// @param certificate the claim of a validation (FIPS 140) and its source, or that there is none; never more than the
///        source says
/// @param approvedOnly whether the module refuses whatever is not approved
public record CryptoModule(String provider, String version, String module, String certificate, boolean approvedOnly) {
    static final String NONE_CLAIMED = "none claimed";

    /// In one line, such as `SunJCE 25 (OpenJDK 25.0.3); certificate: none claimed`.
    public String line() {
        return "%s %s (%s)%s; certificate: %s"
                .formatted(provider, version, module, approvedOnly ? ", approved mode only" : "", certificate);
    }
}
