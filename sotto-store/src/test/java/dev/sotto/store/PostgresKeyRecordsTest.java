package dev.sotto.store;

import dev.sotto.keys.KeyRecords;
import dev.sotto.keys.KeyRecordsContract;

final class PostgresKeyRecordsTest extends KeyRecordsContract {
    private final PostgresKeyRecords records =
            new PostgresKeyRecords(TestPostgres.shared().dataSource(Role.KEYS));

    @Override
    protected KeyRecords records() {
        return records;
    }
}
