package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A key service with two fresh root keys in memory. Thread-safe; can refuse.
public final class FakeKms implements Kms {
    public static final KeyUri PRIMARY = new KeyUri("fake:primary");
    public static final KeyUri BACKUP = new KeyUri("fake:backup");
    /// The next root key in the line of [#PRIMARY], once [#rotate()] was called.
    public static final KeyUri SECOND = new KeyUri("fake:primary-2");
    /// A tenant's own root key.
    public static final KeyUri OWN = new KeyUri("fake:own");

    private final SecureRandom random = new SecureRandom();
    private final Map<KeyUri, DataKey> roots;
    private final AtomicInteger unwraps = new AtomicInteger();
    private volatile RuntimeException failure;
    private volatile boolean closed;
    private volatile boolean rotated;
    private volatile boolean wrong;
    private volatile KeyUri gone;
    private volatile CountDownLatch hold;

    public FakeKms() {
        this.roots = Map.of(
                PRIMARY,
                DataKey.random(random),
                BACKUP,
                DataKey.random(random),
                SECOND,
                DataKey.random(random),
                OWN,
                DataKey.random(random));
    }

    /// One more client of the same service.
    public FakeKms(FakeKms same) {
        this.roots = same.roots;
    }

    /// Makes every call fail with `why` until [#comeBack()].
    public void goDown(RuntimeException why) {
        failure = why;
    }

    public void comeBack() {
        failure = null;
        wrong = false;
        gone = null;
    }

    /// From now on new keys belong under [#SECOND].
    public void rotate() {
        rotated = true;
    }

    /// Answers with another key than was wrapped, until [#comeBack()].
    public void answerWrongly() {
        wrong = true;
    }

    /// Knows nothing of that root key any more, until [#comeBack()].
    public void lose(KeyUri root) {
        gone = root;
    }

    /// Answers no unwrapping before `opened`.
    public void hold(CountDownLatch opened) {
        hold = opened;
    }

    @Override
    public KeyUri newest(KeyUri kek) {
        return rotated && kek.equals(PRIMARY) ? SECOND : kek;
    }

    /// How often a key was unwrapped.
    public int unwraps() {
        return unwraps.get();
    }

    @Override
    public String scheme() {
        return "fake";
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        answer();
        var root = roots.get(kek);
        if (root == null) {
            throw new RejectedException(KeysError.KEY_URI_INVALID, "key uri names no root key");
        }
        return WrappedKey.of(kek, Wrapping.wrap(root, key, context, random));
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        answer();
        awaitOpened();
        unwraps.incrementAndGet();
        if (wrong) {
            return DataKey.random(random);
        }
        var root = roots.get(wrapped.kek());
        if (root == null || wrapped.kek().equals(gone)) {
            throw new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
        }
        return Wrapping.unwrap(root, wrapped.bytes(), context);
    }

    /// Later calls fail with [IllegalStateException]; other clients of the service go on.
    @Override
    public void close() {
        closed = true;
    }

    private void awaitOpened() {
        var latch = hold;
        if (latch != null) {
            try {
                latch.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void answer() {
        if (closed) {
            throw new IllegalStateException("the key service was closed");
        }
        var why = failure;
        if (why != null) {
            throw why;
        }
    }
}
