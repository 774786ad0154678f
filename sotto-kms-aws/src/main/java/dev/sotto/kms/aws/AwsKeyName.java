package dev.sotto.kms.aws;

import java.util.Optional;
import java.util.regex.Pattern;

/// The name of a key as AWS writes it, an ARN. Names without region and account are not accepted: what they mean
/// depends on who asks.
///
/// @param resource `key/` and an id, or `alias/` and a name
record AwsKeyName(String partition, String region, String account, String resource) {
    private static final int MAX_LENGTH = 400;
    private static final Pattern FORM = Pattern.compile("arn:(aws[a-z-]{0,16}):kms:([a-z0-9-]{4,32}):([0-9]{12}):"
            + "(key/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})|alias/[A-Za-z0-9/_-]{1,250})");

    static Optional<AwsKeyName> parse(String text) {
        var parts = FORM.matcher(text);
        if (text.length() > MAX_LENGTH || !parts.matches()) {
            return Optional.empty();
        }
        return Optional.of(new AwsKeyName(parts.group(1), parts.group(2), parts.group(3), parts.group(4)));
    }

    String arn() {
        return "arn:%s:kms:%s:%s:%s".formatted(partition, region, account, resource);
    }

    boolean isAlias() {
        return resource.startsWith("alias/");
    }

    /// Replicas of a multi-Region key have the same id and key material in each of their regions.
    boolean isMultiRegion() {
        return resource.startsWith("key/mrk-");
    }

    AwsKeyName in(String otherRegion) {
        return new AwsKeyName(partition, otherRegion, account, resource);
    }

    /// Whether `key`, which is no alias, may be what AWS used when asked for this.
    boolean mayMean(AwsKeyName key) {
        if (key.isAlias() || !partition.equals(key.partition) || !account.equals(key.account)) {
            return false;
        }
        boolean sameRegion = region.equals(key.region);
        return isAlias() ? sameRegion : resource.equals(key.resource) && (sameRegion || isMultiRegion());
    }
}
