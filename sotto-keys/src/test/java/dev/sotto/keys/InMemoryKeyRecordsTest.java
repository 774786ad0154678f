package dev.sotto.keys;

class InMemoryKeyRecordsTest extends KeyRecordsContract {
    private final KeyRecords records = new InMemoryKeyRecords();

    @Override
    protected KeyRecords records() {
        return records;
    }
}
