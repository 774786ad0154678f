package dev.sotto.keys;

class FakeKmsTest extends KmsContract {
    private final FakeKms kms = new FakeKms();

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return FakeKms.PRIMARY;
    }

    @Override
    protected KeyUri otherKek() {
        return FakeKms.BACKUP;
    }

    @Override
    protected Kms openAnother() {
        return new FakeKms(kms);
    }
}
