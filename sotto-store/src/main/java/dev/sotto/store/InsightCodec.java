package dev.sotto.store;

import dev.sotto.core.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The bytes of what was made of a call before they are sealed. They repeat who made it and when. The layout is in
/// `docs/reference/schema.md`.
final class InsightCodec {
    private static final byte VERSION = 1;
    /// Sentiment is kept in hundredths.
    private static final int HUNDREDTHS = 100;

    private static final int UNKNOWN = Short.MIN_VALUE;

    private InsightCodec() {}

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T read(Maker maker, Instant at, DataInputStream in) throws IOException;
    }

    static byte[] encode(CallSummary summary) {
        return encode(summary.maker(), summary.at(), out -> TextCodec.write(out, summary.text()));
    }

    static byte[] encode(CallAnalytics analytics) {
        return encode(analytics.maker(), analytics.at(), out -> {
            OptionalDouble sentiment = analytics.sentiment();
            out.writeShort(sentiment.isPresent() ? (int) Math.round(sentiment.getAsDouble() * HUNDREDTHS) : UNKNOWN);
            out.writeByte(analytics.leadScore());
            out.writeByte(analytics.grounds().size());
            for (String ground : analytics.grounds()) {
                out.writeUTF(ground);
            }
        });
    }

    private static byte[] encode(Maker maker, Instant at, Content content) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(maker.by());
            out.writeUTF(maker.reason());
            out.writeLong(at.toEpochMilli());
            content.write(out);
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every byte", e);
        }
        return bytes.toByteArray();
    }

    /// @throws IntegrityException if the bytes are no summary
    static CallSummary summary(byte[] bytes) {
        return decode(bytes, (maker, at, in) -> new CallSummary(maker, at, TextCodec.read(in)));
    }

    /// @throws IntegrityException if the bytes are no analytics
    static CallAnalytics analytics(byte[] bytes) {
        return decode(bytes, (maker, at, in) -> {
            int hundredths = in.readShort();
            int leadScore = in.readUnsignedByte();
            int count = in.readUnsignedByte();
            var grounds = new ArrayList<String>();
            for (int i = 0; i < count; i++) {
                grounds.add(in.readUTF());
            }
            return new CallAnalytics(
                    maker,
                    at,
                    hundredths == UNKNOWN
                            ? OptionalDouble.empty()
                            : OptionalDouble.of((double) hundredths / HUNDREDTHS),
                    leadScore,
                    grounds);
        });
    }

    private static <T> T decode(byte[] bytes, Reading<T> reading) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != VERSION) {
                throw broken(null);
            }
            var maker = new Maker(in.readUTF(), in.readUTF());
            var at = Instant.ofEpochMilli(in.readLong());
            return reading.read(maker, at, in);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private static IntegrityException broken(@Nullable IOException cause) {
        return new IntegrityException(StoreError.ROW_MISMATCH, "a sealed insight has no known layout", cause);
    }
}
