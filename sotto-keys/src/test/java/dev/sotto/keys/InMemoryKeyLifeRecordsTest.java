package dev.sotto.keys;

class InMemoryKeyLifeRecordsTest extends KeyLifeRecordsContract {
    private final KeyRecords records = new InMemoryKeyRecords();

    @Override
    protected KeyRecords records() {
        return records;
    }
}
