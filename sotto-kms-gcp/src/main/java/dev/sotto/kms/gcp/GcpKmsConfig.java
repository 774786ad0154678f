package dev.sotto.kms.gcp;

import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Which keys of Google Cloud KMS this node may use, and how it reaches them. Keys of other projects are refused before
/// anything is sent, so that an altered key row cannot make the node ask a stranger's key.
///
/// @param projects the ids of the projects whose keys may be used, at least one; a project of a tenant's own is how a
///     tenant brings its key
/// @param endpoint `https://cloudkms.googleapis.com`, a regional endpoint, or one of Private Service Connect; `https`,
///     or `http` on this machine
/// @param credentials the key file of a service account; absent means the default credentials (environment, gcloud's
///     file, metadata server)
public record GcpKmsConfig(Set<String> projects, URI endpoint, Optional<Path> credentials, KmsCallLimits limits) {
    private static final int MAX_PROJECTS = 1024;
    private static final URI PUBLIC = URI.create("https://cloudkms.googleapis.com");
    private static final Pattern PROJECT = Pattern.compile("[a-z][a-z0-9.:-]{4,60}[a-z0-9]");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    public GcpKmsConfig {
        projects = Set.copyOf(projects);
        if (projects.isEmpty() || projects.size() > MAX_PROJECTS) {
            throw new IllegalArgumentException(
                    "projects (%d) must be 1 to %d".formatted(projects.size(), MAX_PROJECTS));
        }
        for (var project : projects) {
            if (!PROJECT.matcher(project).matches()) {
                throw new IllegalArgumentException("project must be a project id such as clinic-keys");
            }
        }
        var scheme = endpoint.getScheme();
        var host = endpoint.getHost();
        if (host == null || !("https".equals(scheme) || ("http".equals(scheme) && LOOPBACK.contains(host)))) {
            throw new IllegalArgumentException("endpoint must be https, or http on this machine");
        }
        if (!endpoint.getRawPath().isEmpty() || endpoint.getRawQuery() != null || endpoint.getRawUserInfo() != null) {
            throw new IllegalArgumentException("endpoint must be a scheme, a host and at most a port");
        }
    }

    /// The public endpoint and the default credentials.
    public static GcpKmsConfig of(Set<String> projects) {
        return new GcpKmsConfig(projects, PUBLIC, Optional.empty(), KmsCallLimits.defaults());
    }
}
