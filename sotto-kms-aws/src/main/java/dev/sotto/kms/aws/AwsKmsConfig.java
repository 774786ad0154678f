package dev.sotto.kms.aws;

import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Which keys of AWS KMS this node may use, and how it reaches them. Keys of other accounts or regions are refused
/// before anything is sent, so that an altered key row cannot make the node ask a stranger's key.
///
/// @param accounts the ids of the AWS accounts whose keys may be used, 12 digits each, at least one; an account of a
///     tenant's own is how a tenant brings its key
/// @param regions the regions that may be used, 1 to 8; those that do not hold a multi-Region key's own replica are
///     asked in this order when the key's region does not answer
/// @param endpoints addresses instead of the public ones, such as those of VPC endpoints, by region; `https`, or
///     `http` on this machine
/// @param fips use the endpoints whose TLS is FIPS-validated
/// @param credentials a credentials file of the AWS command line, read anew when it changes; absent means the SDK's
///     default chain (environment, web identity, profile, container, instance)
/// @param profile the profile of that file
public record AwsKmsConfig(
        Set<String> accounts,
        List<String> regions,
        Map<String, URI> endpoints,
        boolean fips,
        Optional<Path> credentials,
        String profile,
        KmsCallLimits limits) {
    private static final int MAX_REGIONS = 8;
    private static final int MAX_ACCOUNTS = 1024;
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]{1,2}");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    public AwsKmsConfig {
        accounts = Set.copyOf(accounts);
        regions = List.copyOf(regions);
        endpoints = Map.copyOf(endpoints);
        if (accounts.isEmpty() || accounts.size() > MAX_ACCOUNTS) {
            throw new IllegalArgumentException(
                    "accounts (%d) must be 1 to %d".formatted(accounts.size(), MAX_ACCOUNTS));
        }
        accounts.forEach(account -> matches(ACCOUNT, account, "account must have 12 digits"));
        if (regions.isEmpty() || regions.size() > MAX_REGIONS) {
            throw new IllegalArgumentException("regions (%d) must be 1 to %d".formatted(regions.size(), MAX_REGIONS));
        }
        if (Set.copyOf(regions).size() != regions.size()) {
            throw new IllegalArgumentException("regions must not repeat");
        }
        regions.forEach(region -> matches(REGION, region, "region must be a name such as eu-central-1"));
        if (!regions.containsAll(endpoints.keySet())) {
            throw new IllegalArgumentException("endpoints must be of configured regions");
        }
        endpoints.values().forEach(AwsKmsConfig::checkEndpoint);
        if (fips && !endpoints.isEmpty()) {
            throw new IllegalArgumentException("fips must be off where endpoints are named: name FIPS endpoints");
        }
    }

    /// Public endpoints and the SDK's default chain of credentials.
    public static AwsKmsConfig of(Set<String> accounts, List<String> regions) {
        return new AwsKmsConfig(
                accounts, regions, Map.of(), false, Optional.empty(), "default", KmsCallLimits.defaults());
    }

    private static void checkEndpoint(URI endpoint) {
        var scheme = endpoint.getScheme();
        boolean local = "http".equals(scheme) && endpoint.getHost() != null && LOOPBACK.contains(endpoint.getHost());
        if (!"https".equals(scheme) && !local) {
            throw new IllegalArgumentException("endpoint must be https, or http on this machine");
        }
    }

    private static void matches(Pattern form, String value, String rule) {
        if (!form.matcher(value).matches()) {
            throw new IllegalArgumentException(rule);
        }
    }
}
