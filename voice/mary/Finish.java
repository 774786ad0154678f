import java.io.BufferedInputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/**
 * Trims and levels clips: Finish IN-DIR OUT-DIR. Reads 16-bit mono WAV, writes headerless 16-bit
 * little-endian samples: 30 ms of lead and tail, the level of the spoken parts at LEVEL, peaks held
 * under PEAK by a look-ahead limiter.
 */
public final class Finish {
  private static final double LEVEL = -15.5;
  private static final double PEAK = -3.0;
  private static final double LEAD_SECONDS = 0.03;
  private static final double QUIET = -46.0; // below the loudest 10 ms: not speech

  public static void main(String[] args) throws Exception {
    File[] files = new File(args[0]).listFiles((d, n) -> n.endsWith(".wav"));
    for (File file : files) {
      try (AudioInputStream in = AudioSystem.getAudioInputStream(
          new BufferedInputStream(Files.newInputStream(file.toPath())))) {
        int rate = (int) in.getFormat().getSampleRate();
        byte[] bytes = in.readAllBytes();
        double[] x = new double[bytes.length / 2];
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < x.length; i++) {
          x[i] = b.getShort() / 32768.0;
        }
        x = trim(x, rate);
        for (int pass = 0; pass < 4; pass++) {
          scale(x, db(LEVEL - spoken(x, rate)));
          limit(x, rate, db(PEAK));
        }
        fade(x, rate / 200);
        ByteBuffer out = ByteBuffer.allocate(x.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (double v : x) {
          out.putShort((short) Math.round(v * 32767));
        }
        String name = file.getName().replaceAll("\\.wav$", ".s16");
        Files.write(Path.of(args[1], name), out.array());
      }
    }
  }

  private static double db(double d) {
    return StrictMath.pow(10, d / 20);
  }

  private static double power(double[] x, int from, int to) {
    double sum = 0;
    for (int i = Math.max(0, from); i < Math.min(x.length, to); i++) {
      sum += x[i] * x[i];
    }
    return sum / (to - from);
  }

  private static double[] trim(double[] x, int rate) {
    int w = rate / 100;
    double top = 0;
    for (int i = 0; i + w <= x.length; i += w / 2) {
      top = Math.max(top, power(x, i, i + w));
    }
    double floor = top * StrictMath.pow(10, QUIET / 10);
    int first = -1;
    int last = -1;
    for (int i = 0; i + w <= x.length; i += w / 8) {
      if (power(x, i, i + w) > floor) {
        first = first < 0 ? i : first;
        last = i + w;
      }
    }
    int lead = (int) (rate * LEAD_SECONDS);
    double[] y = new double[last - first + 2 * lead];
    for (int i = 0; i < y.length; i++) {
      int j = first - lead + i;
      y[i] = j >= 0 && j < x.length ? x[j] : 0;
    }
    return y;
  }

  /** The level of the parts within 25 dB of the loudest 20 ms, in dBFS. */
  private static double spoken(double[] x, int rate) {
    int w = rate / 50;
    double top = 0;
    for (int i = 0; i + w <= x.length; i += w / 2) {
      top = Math.max(top, power(x, i, i + w));
    }
    double sum = 0;
    int n = 0;
    for (int i = 0; i + w <= x.length; i += w / 2) {
      double p = power(x, i, i + w);
      if (p > top / 316) {
        sum += p;
        n++;
      }
    }
    return 10 * StrictMath.log10(sum / n);
  }

  private static void scale(double[] x, double gain) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= gain;
    }
  }

  private static void limit(double[] x, int rate, double peak) {
    int look = rate / 200;
    double[] need = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double most = 0;
      for (int j = Math.max(0, i - look); j <= Math.min(x.length - 1, i + look); j++) {
        most = Math.max(most, Math.abs(x[j]));
      }
      need[i] = most > peak ? peak / most : 1;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) { // the mean of the needed gains: smooth, never too high
      double sum = 0;
      int n = 0;
      for (int j = Math.max(0, i - look); j <= Math.min(x.length - 1, i + look); j++) {
        sum += need[j];
        n++;
      }
      y[i] = x[i] * sum / n;
    }
    System.arraycopy(y, 0, x, 0, x.length);
  }

  private static void fade(double[] x, int n) {
    for (int i = 0; i < n && i < x.length; i++) {
      x[i] *= (double) i / n;
      x[x.length - 1 - i] *= (double) i / n;
    }
  }
}
