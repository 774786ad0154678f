package dev.sotto.kms.azure;

import dev.sotto.core.Meter;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.RemoteKmsContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// RSA keys of a vault.
class AzureRsaKmsTest extends RemoteKmsContract {
    @TempDir
    private static Path folder;

    private static AzureFixture fixture;
    private static AzureKms kms;

    @BeforeAll
    static void start() throws IOException {
        fixture = new AzureFixture(folder);
        kms = fixture.open(Meter.none());
        AzureFixture.wrapped(kms, fixture.rsa, AzureFixture.context());
    }

    @AfterAll
    static void stop() {
        kms.close();
        fixture.close();
    }

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return fixture.rsa;
    }

    @Override
    protected KeyUri otherKek() {
        return fixture.otherRsa;
    }

    @Override
    protected Kms openAnother() {
        try {
            return fixture.open(Meter.none());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    @Override
    protected void fallSilent() {
        fixture.azure.http().fallSilent();
    }

    @Override
    protected void answerAgain() {
        fixture.azure.http().speak();
    }

    @Override
    protected Duration patience() {
        return AzureFixture.LIMITS.total();
    }
}
