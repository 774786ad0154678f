package dev.sotto.kms.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// So that the simulator's check of signatures is not only as good as the SDK that it checks.
class AwsSignatureTest {
    /// Case `get-vanilla` of AWS's published Signature Version 4 test suite.
    @Test
    void signature_isThatOfThePublishedTestSuite() {
        var canonical = """
                GET
                /

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""";

        assertThat(AwsSignature.signature(
                        canonical,
                        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                        "20150830T123600Z",
                        "20150830/us-east-1/service"))
                .isEqualTo("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    }
}
