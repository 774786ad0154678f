package dev.sotto.kms.aws;

import dev.sotto.core.Meter;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.RemoteKmsContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class AwsKmsTest extends RemoteKmsContract {
    @TempDir
    private static Path folder;

    private static AwsFixture aws;
    private static AwsKms kms;

    @BeforeAll
    static void start() throws IOException {
        aws = new AwsFixture(folder);
        kms = aws.open(Meter.none());
    }

    @AfterAll
    static void stop() {
        kms.close();
        aws.close();
    }

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return aws.plain;
    }

    @Override
    protected KeyUri otherKek() {
        return aws.otherPlain;
    }

    @Override
    protected Kms openAnother() {
        return aws.open(Meter.none());
    }

    @Override
    protected void fallSilent() {
        aws.home.http().fallSilent();
    }

    @Override
    protected void answerAgain() {
        aws.home.http().speak();
    }

    @Override
    protected Duration patience() {
        return AwsFixture.LIMITS.total();
    }
}
