package dev.sotto.kms.gcp;

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

class GcpKmsTest extends RemoteKmsContract {
    @TempDir
    private static Path folder;

    private static GcpFixture gcp;
    private static GcpKms kms;

    @BeforeAll
    static void start() throws IOException {
        gcp = new GcpFixture(folder);
        kms = gcp.open(Meter.none());
    }

    @AfterAll
    static void stop() {
        kms.close();
        gcp.close();
    }

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return gcp.kek;
    }

    @Override
    protected KeyUri otherKek() {
        return gcp.otherKek;
    }

    @Override
    protected Kms openAnother() {
        return gcp.open(Meter.none());
    }

    @Override
    protected void fallSilent() {
        gcp.google.http().fallSilent();
    }

    @Override
    protected void answerAgain() {
        gcp.google.http().speak();
    }

    @Override
    protected Duration patience() {
        return GcpFixture.LIMITS.total();
    }
}
