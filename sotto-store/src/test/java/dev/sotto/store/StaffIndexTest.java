package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.keys.FakeKms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The index key of addresses is the operator's, one for all tenants: so each test has a database of its own.
final class StaffIndexTest {
    private static final SensitiveText HASH = SensitiveText.of("hash");

    @TempDir
    Path folder;

    private PostgresNode postgres;
    private StoreFixture fixture;
    private StoreFixture other;
    private TenantId tenant;

    @BeforeEach
    void open() {
        postgres = PostgresNode.start(TestPostgres.config(folder));
        Store.migrate(postgres.dataSource(Role.OWNER));
        var kms = new FakeKms();
        fixture = new StoreFixture(postgres, folder.resolve("objects"), "node-1", kms);
        other = new StoreFixture(postgres, folder.resolve("objects"), "node-2", kms);
        tenant = fixture.tenant().id();
    }

    @AfterEach
    void close() {
        other.close();
        fixture.close();
        postgres.close();
    }

    @Test
    void oneAddress_isOneUser_whateverKeyItsIndexIsUnder() throws Exception {
        String address = UUID.randomUUID() + "@clinic.example";
        var user = fixture.store.staff().create(tenant, SensitiveText.of(address), HASH, StaffRole.ADMIN, USER);
        fixture.keys.indexKeys().rotate(TenantId.OPERATOR, Staff.EMAIL_INDEX, USER);

        for (var node : List.of(fixture, other)) {
            assertThatExceptionOfType(ConflictException.class)
                    .isThrownBy(() ->
                            node.store.staff().create(tenant, SensitiveText.of(address), HASH, StaffRole.ADMIN, USER))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(StoreError.ALREADY_EXISTS));
            assertThat(node.store.staff().byEmail(SensitiveText.of(address), USER))
                    .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(user.id()));
        }
        retireAddresses();
        other.keys.blindIndex().forget();
        assertThat(other.store.staff().byEmail(SensitiveText.of(address), USER)).isPresent();
    }

    private void retireAddresses() {
        for (var each : fixture.store.tenants().all()) {
            fixture.store.indexRows().step(each.id(), 1000);
        }
        assertThat(fixture.store.indexRows().step(TenantId.OPERATOR, 1).retired())
                .isEqualTo(1);
    }

    @Test
    void oneAddress_ofManyAtOnce_duringARotation_isOneUser() throws Exception {
        fixture.store
                .staff()
                .create(tenant, SensitiveText.of(UUID.randomUUID() + "@x.example"), HASH, StaffRole.ADMIN, USER);
        for (int round = 0; round < 5; round++) {
            String address = UUID.randomUUID() + "@clinic.example";
            var made = new ConcurrentLinkedQueue<StaffUser>();
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                var all = new ArrayList<Future<?>>();
                for (int i = 0; i < 8; i++) {
                    var node = i % 2 == 0 ? fixture : other;
                    all.add(pool.submit(() -> {
                        try {
                            made.add(node.store
                                    .staff()
                                    .create(tenant, SensitiveText.of(address), HASH, StaffRole.ADMIN, USER));
                        } catch (ConflictException taken) {
                            assertThat(taken.code()).isEqualTo(StoreError.ALREADY_EXISTS);
                        }
                    }));
                }
                fixture.keys.indexKeys().rotate(TenantId.OPERATOR, Staff.EMAIL_INDEX, USER);
                for (var each : all) {
                    each.get(60, TimeUnit.SECONDS);
                }
            }
            assertThat(made).hasSize(1);
            retireAddresses();
        }
    }
}
