package dev.sotto.server.node;

import dev.sotto.core.Meter;
import dev.sotto.keys.Kms;
import dev.sotto.kms.aws.AwsKms;
import dev.sotto.kms.azure.AzureKms;
import dev.sotto.kms.gcp.GcpKms;
import java.util.function.Consumer;

/// Opens the key services of clouds. Apart from [KmsWiring], so that a node without one never loads a cloud's library.
final class CloudKmsWiring {
    private CloudKmsWiring() {}

    /// Opens what is set up, one after the other; what was handed to `opened` is the caller's to close.
    static void open(CloudKmsConfig config, Meter meter, Consumer<Kms> opened) {
        config.aws().ifPresent(aws -> opened.accept(new AwsKms(aws, meter)));
        config.gcp().ifPresent(gcp -> opened.accept(new GcpKms(gcp, meter)));
        config.azure().ifPresent(azure -> opened.accept(new AzureKms(azure, meter)));
    }
}
