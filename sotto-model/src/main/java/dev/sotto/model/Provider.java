package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where models are, and on which terms they are used.
///
/// @param id the sub-processor's id in the register; the destination of every disclosure
/// @param base what `/chat/completions` and the others are put behind; a query is kept, as Azure wants
/// @param key what the provider knows us by; empty for a local server without one
/// @param region where the provider processes, as the register names it
/// @param trustAnchors PEM certificates that are trusted instead of the platform's
/// @param insecureLoopback whether plain HTTP is taken, to this machine only
public record Provider(
        String id,
        URI base,
        SensitiveText key,
        KeyHeader keyHeader,
        String region,
        ProviderLimits limits,
        Optional<Path> trustAnchors,
        boolean insecureLoopback) {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern KEY = Pattern.compile("[!-~]{0,4096}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    /// How the key is shown.
    public enum KeyHeader {
        /// `Authorization: Bearer KEY`.
        BEARER,
        /// `api-key: KEY`, as Azure wants.
        API_KEY
    }

    /// @throws RejectedException if a field breaks its rule
    public Provider {
        requireNonNull(keyHeader, "keyHeader");
        requireNonNull(region, "region");
        requireNonNull(limits, "limits");
        requireNonNull(trustAnchors, "trustAnchors");
        require(ID.matcher(id).matches(), "provider id must be lower-case letters, digits and -");
        require(KEY.matcher(key.reveal()).matches(), "provider key must be visible ASCII");
        require(
                base.getHost() != null && base.getRawUserInfo() == null && base.getRawFragment() == null,
                "provider base must have a host, and neither user nor fragment");
        String scheme = requireNonNull(base.getScheme(), "scheme").toLowerCase(Locale.ROOT);
        boolean plain = scheme.equals("http");
        require(plain || scheme.equals("https"), "provider base must be https");
        require(
                !plain || (insecureLoopback && LOOPBACK.matcher(base.getHost()).matches()),
                "provider base must be https\nhint: insecure-loopback allows http to this machine only");
    }

    /// A provider reached over HTTPS with a bearer key, the platform's trust anchors and the default limits.
    public static Provider of(String id, URI base, SensitiveText key) {
        return new Provider(id, base, key, KeyHeader.BEARER, "", ProviderLimits.defaults(), Optional.empty(), false);
    }

    /// The same with another way of showing the key.
    public Provider keyHeader(KeyHeader other) {
        return new Provider(id, base, key, other, region, limits, trustAnchors, insecureLoopback);
    }

    /// The same with another region.
    public Provider region(String other) {
        return new Provider(id, base, key, keyHeader, other, limits, trustAnchors, insecureLoopback);
    }

    /// The same with other limits.
    public Provider limits(ProviderLimits other) {
        return new Provider(id, base, key, keyHeader, region, other, trustAnchors, insecureLoopback);
    }

    /// The same, trusting the certificates in `pem` only.
    public Provider trustAnchors(Path pem) {
        return new Provider(id, base, key, keyHeader, region, limits, Optional.of(pem), insecureLoopback);
    }

    /// A simulator or local server over plain HTTP on this machine.
    public static Provider insecureLoopback(String id, URI base) {
        return new Provider(
                id,
                base,
                SensitiveText.of(""),
                KeyHeader.BEARER,
                "local",
                ProviderLimits.defaults(),
                Optional.empty(),
                true);
    }

    /// The address of `path` behind the base, with `scheme` instead of `http` and `query` after the base's own.
    URI address(String scheme, String path, String query) {
        String secure = base.getScheme().equalsIgnoreCase("https") ? "s" : "";
        String behind = base.getRawPath() == null ? "" : base.getRawPath().replaceAll("/+$", "");
        String own = base.getRawQuery() == null ? "" : base.getRawQuery();
        String joined = own.isEmpty() || query.isEmpty() ? own + query : own + "&" + query;
        return URI.create(scheme + secure + "://" + base.getRawAuthority() + behind + "/" + path
                + (joined.isEmpty() ? "" : "?" + joined));
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new RejectedException(ModelError.PROVIDER_UNUSABLE, rule);
        }
    }

    @Override
    public String toString() {
        return "Provider[id=%s]".formatted(id);
    }
}
