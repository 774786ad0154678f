package dev.sotto.simulator;

import java.util.function.LongConsumer;

/// Finds where somebody speaks by the energy of windows of 20 ms. Time is the position in the sound, so the same sound
/// gives the same answer at any pace. Not thread-safe.
final class EnergyVad {
    private static final int WINDOW_MILLISECONDS = 20;
    private static final int WINDOWS_TO_START = 3;
    private static final double QUIETEST_DECIBEL = -55;
    private static final double DECIBEL_RANGE = 30;
    private static final int PCM_SAMPLE_BYTES = 6; // every third sample of 24 kHz: 8 kHz is enough for energy
    private static final int[] SQUARES = new int[256];

    static {
        for (int code = 0; code < SQUARES.length; code++) {
            int sample = Mulaw.decode((byte) code) >> 2; // so that a window's sum stays far from overflow
            SQUARES[code] = sample * sample;
        }
    }

    private final AudioFormat format;
    private final LongConsumer started;
    private final LongConsumer stopped;
    private long loudWindow;
    private int silenceMilliseconds;
    private int prefixMilliseconds;
    private long sum;
    private int bytesInWindow;
    private int lowByte;
    private long position;
    private boolean speaking;
    private int loudRun;
    private int quietRun;

    /// @param started told where the speech began, in milliseconds from the start of the sound, with the padding before
    /// @param stopped told where it was found to have ended, the silence included
    EnergyVad(AudioFormat format, TurnDetection detection, long position, LongConsumer started, LongConsumer stopped) {
        this.format = format;
        this.position = position;
        this.started = started;
        this.stopped = stopped;
        set(detection);
    }

    /// Takes new settings; what was heard so far stays.
    void set(TurnDetection detection) {
        double decibel = QUIETEST_DECIBEL + DECIBEL_RANGE * detection.threshold();
        double amplitude = Short.MAX_VALUE * Math.pow(10, decibel / 20) / 4;
        loudWindow = (long) (amplitude * amplitude * WINDOW_MILLISECONDS * Mulaw.RATE_HERTZ / 1_000);
        silenceMilliseconds = detection.silenceMilliseconds();
        prefixMilliseconds = detection.prefixPaddingMilliseconds();
    }

    void hear(byte[] sound) {
        int windowBytes = WINDOW_MILLISECONDS * format.bytesPerMillisecond();
        for (byte b : sound) {
            switch (format) {
                case PCMU -> sum += SQUARES[b & 0xFF];
                case PCM -> pcm(b);
            }
            if (++bytesInWindow == windowBytes) {
                window();
            }
        }
    }

    private void pcm(byte b) {
        int at = bytesInWindow % PCM_SAMPLE_BYTES;
        if (at == 0) {
            lowByte = b & 0xFF;
        } else if (at == 1) {
            int sample = (b << 8 | lowByte) >> 2;
            sum += (long) sample * sample;
        }
    }

    private void window() {
        boolean loud = sum >= loudWindow;
        sum = 0;
        bytesInWindow = 0;
        position += WINDOW_MILLISECONDS;
        loudRun = loud ? loudRun + 1 : 0;
        quietRun = loud ? 0 : quietRun + 1;
        if (!speaking && loudRun == WINDOWS_TO_START) {
            speaking = true;
            started.accept(Math.max(0, position - WINDOWS_TO_START * WINDOW_MILLISECONDS - prefixMilliseconds));
        } else if (speaking && quietRun * WINDOW_MILLISECONDS >= silenceMilliseconds) {
            speaking = false;
            stopped.accept(position);
        }
    }

    /// Milliseconds of sound heard so far, to the last whole window.
    long position() {
        return position;
    }

    boolean speaking() {
        return speaking;
    }

    /// The utterance is over because somebody said so.
    void forget() {
        speaking = false;
        loudRun = 0;
        quietRun = 0;
    }
}
