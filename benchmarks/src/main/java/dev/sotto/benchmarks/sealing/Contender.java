package dev.sotto.benchmarks.sealing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/// One way to encrypt and decrypt a stream, in memory. Belongs to one thread.
interface Contender extends AutoCloseable {
    /// As the table names it.
    String name();

    /// Encrypts all of `plain` into `sealed`, which is cleared first and flipped at the end.
    void seal(ByteBuffer plain, ByteBuffer sealed) throws IOException, GeneralSecurityException;

    /// Decrypts all of `sealed` into `plain`, which is cleared first and flipped at the end.
    void open(ByteBuffer sealed, ByteBuffer plain) throws IOException, GeneralSecurityException;

    @Override
    default void close() {}
}
