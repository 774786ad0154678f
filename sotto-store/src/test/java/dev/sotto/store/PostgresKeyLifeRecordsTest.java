package dev.sotto.store;

import dev.sotto.keys.KeyLifeRecordsContract;
import dev.sotto.keys.KeyRecords;

final class PostgresKeyLifeRecordsTest extends KeyLifeRecordsContract {
    private final PostgresKeyRecords records =
            new PostgresKeyRecords(TestPostgres.shared().dataSource(Role.KEYS));

    @Override
    protected KeyRecords records() {
        return records;
    }
}
