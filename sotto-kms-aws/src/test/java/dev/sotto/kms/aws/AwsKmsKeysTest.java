package dev.sotto.kms.aws;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.WrappedKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

class AwsKmsKeysTest {
    private final EncryptionContext context = AwsFixture.context();

    @TempDir
    private Path folder;

    private AwsFixture aws;
    private AwsKms kms;

    @BeforeEach
    void start() throws IOException {
        aws = new AwsFixture(folder);
        kms = aws.open(Meter.none());
    }

    @AfterEach
    void stop() {
        kms.close();
        aws.close();
    }

    @Test
    void request_carriesTheWholeContextAsPairs() {
        var record = new EncryptionContext(
                KeyLevel.RECORD, context.tenant(), "recording", "call:1", 3, KeyTier.BACKUP, context.keyId());
        AwsFixture.wrapped(kms, aws.plain, record);

        var asked =
                new JsonMapper().readTree(aws.home.http().requests().getLast().body());

        assertThat(asked.path("EncryptionContext").toString())
                .isEqualTo("""
                        {"label":"sotto-wrapped-key-1","kek":"%s","level":"record","tenant":"%s","name":"recording",\
                        "owner":"call:1","version":"3","tier":"backup","key":"%s"}""".formatted(aws.plain.name(), context.tenant(), context.keyId()));
    }

    @Test
    void aliasThatMoved_stillOpensWhatItWrappedAndWrapsUnderTheNewKey() {
        var before = AwsFixture.wrapped(kms, aws.alias, context);
        aws.home.alias("sotto", AwsFixture.OTHER);
        var after = AwsFixture.wrapped(kms, aws.alias, context);

        kms.unwrap(before, context).close();
        kms.unwrap(after, context).close();
        assertThat(AwsWrapping.read(before).key().arn()).isEqualTo(aws.plain.name());
        assertThat(AwsWrapping.read(after).key().arn()).isEqualTo(aws.otherPlain.name());
        assertThat(before.kek()).isEqualTo(after.kek()).isEqualTo(aws.alias);
    }

    /// The key URI is part of the encryption context.
    @Test
    void wrappedUnderAnAlias_doesNotOpenUnderTheKeyItMeans() {
        var wrapped = AwsFixture.wrapped(kms, aws.alias, context);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms.unwrap(WrappedKey.of(aws.plain, wrapped.bytes()), context));
    }

    @Test
    void keyOfAnotherAccountRegionOrForm_isRefusedBeforeAnythingIsSent() {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        int asked = aws.home.http().asked();
        for (var name : List.of(
                aws.plain.name().replace(AwsKmsSimulator.ACCOUNT, "444455556666"),
                aws.plain.name().replace(AwsFixture.HOME, "us-east-1"),
                aws.plain.name().replace("arn:aws:", "arn:other:"),
                aws.plain.name().replace(":key/", ":secret/"),
                AwsFixture.PLAIN,
                "alias/sotto")) {
            var kek = new KeyUri("aws:" + name);
            try (var key = DataKey.random(AwsFixture.RANDOM)) {
                assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> kms.wrap(kek, key, context));
            }
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> kms.unwrap(WrappedKey.of(kek, wrapped.bytes()), context));
            var bytes = wrapped.bytes();
            if (name.length() == aws.plain.name().length()) {
                System.arraycopy(name.getBytes(US_ASCII), 0, bytes, 3, name.length());
                assertThatExceptionOfType(IntegrityException.class)
                        .isThrownBy(() -> kms.unwrap(WrappedKey.of(aws.plain, bytes), context));
            }
        }
        assertThat(aws.home.http().asked()).isEqualTo(asked);
    }

    @Test
    void rewrap_withinARegion_staysInsideAws() {
        try (var key = DataKey.random(AwsFixture.RANDOM)) {
            var wrapped = kms.wrap(aws.plain, key, context);
            int before = aws.home.targets().size();

            var moved = kms.rewrap(wrapped, context, aws.replicated);

            assertThat(aws.home.targets().subList(before, before + 1)).containsExactly("ReEncrypt");
            assertThat(kms.unwrap(moved, context)).isEqualTo(key);
        }
    }

    @Test
    void generate_givesAKeyAndItsWrapping() {
        var generated = kms.generate(aws.replicated, context);
        try (var key = generated.key()) {
            assertThat(kms.unwrap(generated.wrapped(), context)).isEqualTo(key);
            assertThat(aws.home.targets()).contains("GenerateDataKey");
        }
    }

    /// The SDK at its loudest.
    @Test
    void logs_holdNoKeyAndNoCredential() {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var before = root.getLevel();
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        root.addAppender(lines);
        root.setLevel(Level.TRACE);
        byte[] bytes = new byte[DataKey.LENGTH];
        AwsFixture.RANDOM.nextBytes(bytes);
        try (var key = DataKey.copyOf(bytes);
                var fresh = aws.open(Meter.none())) {
            fresh.unwrap(fresh.wrap(aws.plain, key, context), context).close();
        } finally {
            root.setLevel(before);
            root.detachAppender(lines);
        }

        var logged = lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(logged).as("the SDK does log").isNotEmpty();
        assertThat(String.join("\n", logged))
                .doesNotContain(Base64.getEncoder().encodeToString(bytes))
                .doesNotContain(Arrays.toString(bytes))
                .doesNotContain(AwsKmsSimulator.SECRET)
                .doesNotContain("Signature=");
    }
}
