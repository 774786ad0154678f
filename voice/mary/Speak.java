import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.xml.parsers.DocumentBuilderFactory;
import marytts.LocalMaryInterface;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Speaks every line of a table with MaryTTS: Speak TABLE PRONOUNCE OUT.
 *
 * A line of TABLE is name, style, duration scale, text. The styles: "full" is a whole sentence.
 * "cut" is a word cut
 * out of a carrier sentence between two pauses. "list" takes the lengths and the melody of the words from the middle of a carrier sentence, so
 * that clips can be put in a row; "open" from its beginning; "last" from its end. The text is split
 * into words here because the tokeniser that MaryTTS uses by default (jtok) is not on Maven Central.
 */
public final class Speak {
  private static final String NS = "http://mary.dfki.de/2002/MaryXML";
  private static final String BEFORE = "Number ";
  private static final String AFTER = ", and more.";
  private static final int WAVE_HEADER = 44;
  private static final double PAUSE = 0.75;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z][A-Za-z'-]*|[.,:?!]");

  public static void main(String[] args) throws Exception {
    Map<String, String> pronounce = new HashMap<>();
    for (String line : Files.readAllLines(Path.of(args[1]), StandardCharsets.UTF_8)) {
      String[] f = line.split("\t");
      pronounce.put(f[0], f[1]);
    }
    Path out = Path.of(args[2]);
    LocalMaryInterface analyse = new LocalMaryInterface();
    analyse.setInputType("TOKENS");
    analyse.setOutputType("ACOUSTPARAMS");
    analyse.setVoice("cmu-slt-hsmm");
    LocalMaryInterface speak = new LocalMaryInterface();
    speak.setInputType("ACOUSTPARAMS");
    speak.setVoice("cmu-slt-hsmm");
    for (String line : Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8)) {
      String[] f = line.split("\t");
      String style = f[1];
      boolean cut = style.equals("cut");
      String before = style.equals("list") || style.equals("last") ? BEFORE : cut ? "Number, " : "";
      String after = style.equals("list") || style.equals("open") || cut ? AFTER : ".";
      String text = style.equals("full") ? f[3] : before + f[3] + after;
      Document doc = analyse.generateXML(tokens(text, pronounce));
      if (!style.equals("full") && !cut) {
        keep(doc, before.isEmpty() ? 0 : 1, f[3].split(" ").length);
      }
      pace(doc, Double.parseDouble(f[2]));
      try (AudioInputStream whole = speak.generateAudio(doc);
          AudioInputStream audio = cut ? between(whole, doc) : whole) {
        AudioSystem.write(audio, AudioFileFormat.Type.WAVE, out.resolve(f[0] + ".wav").toFile());
      }
    }
    System.exit(0); // MaryTTS leaves threads behind
  }

  /** Drops every word of the carrier sentence but {@code count} words from {@code from}. */
  private static void keep(Document doc, int from, int count) {
    NodeList all = doc.getElementsByTagNameNS("*", "t");
    List<Element> words = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      words.add((Element) all.item(i));
    }
    for (int i = 0; i < words.size(); i++) {
      if (i < from || i >= from + count) {
        words.get(i).getParentNode().removeChild(words.get(i));
      }
    }
    NodeList phrases = doc.getElementsByTagNameNS("*", "phrase");
    for (int i = phrases.getLength() - 1; i >= 0; i--) {
      Element phrase = (Element) phrases.item(i);
      if (phrase.getElementsByTagNameNS("*", "t").getLength() == 0) {
        phrase.getParentNode().removeChild(phrase);
      }
    }
  }

  /** The sound from the middle of the first pause of the sentence to the middle of the second. */
  private static AudioInputStream between(AudioInputStream audio, Document doc) throws Exception {
    List<Double> middles = new ArrayList<>();
    double at = 0;
    NodeList all = doc.getElementsByTagNameNS("*", "*");
    for (int i = 0; i < all.getLength(); i++) {
      Element e = (Element) all.item(i);
      if (e.getLocalName().equals("ph")) {
        at += Double.parseDouble(e.getAttribute("d")) / 1000;
      } else if (e.getLocalName().equals("boundary") && e.hasAttribute("duration")) {
        double d = Double.parseDouble(e.getAttribute("duration")) / 1000;
        middles.add(at + d / 2);
        at += d;
      }
    }
    double rate = audio.getFormat().getFrameRate();
    int frame = audio.getFormat().getFrameSize();
    int from = (int) Math.round(middles.get(0) * rate) * frame;
    int to = (int) Math.round(middles.get(1) * rate) * frame;
    ByteArrayOutputStream wave = new ByteArrayOutputStream();
    AudioSystem.write(audio, AudioFileFormat.Type.WAVE, wave);
    byte[] bytes = Arrays.copyOfRange(wave.toByteArray(), WAVE_HEADER + from, WAVE_HEADER + to);
    return new AudioInputStream(
        new ByteArrayInputStream(bytes), audio.getFormat(), bytes.length / frame);
  }

  /** Scales the length of every sound, and bounds the pauses between phrases. */
  private static void pace(Document doc, double scale) {
    double end = 0;
    NodeList all = doc.getElementsByTagNameNS("*", "*");
    for (int i = 0; i < all.getLength(); i++) {
      Element e = (Element) all.item(i);
      if (e.getLocalName().equals("ph")) {
        long d = Math.max(5, Math.round(Double.parseDouble(e.getAttribute("d")) * scale / 5) * 5);
        end += d / 1000.0;
        e.setAttribute("d", Long.toString(d));
        e.setAttribute("end", Double.toString(end));
      } else if (e.getLocalName().equals("boundary") && e.hasAttribute("duration")) {
        long d = Math.round(Double.parseDouble(e.getAttribute("duration")) * PAUSE / 5) * 5;
        end += d / 1000.0;
        e.setAttribute("duration", Long.toString(d));
      }
    }
  }

  private static Document tokens(String text, Map<String, String> pronounce) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    Document doc = factory.newDocumentBuilder().newDocument();
    Element root = doc.createElementNS(NS, "maryxml");
    root.setAttribute("version", "0.5");
    root.setAttributeNS("http://www.w3.org/XML/1998/namespace", "xml:lang", "en-US");
    doc.appendChild(root);
    Element paragraph = (Element) root.appendChild(doc.createElementNS(NS, "p"));
    Element sentence = null;
    Matcher m = TOKEN.matcher(text);
    while (m.find()) {
      if (sentence == null) {
        sentence = (Element) paragraph.appendChild(doc.createElementNS(NS, "s"));
      }
      String word = m.group();
      Element t = (Element) sentence.appendChild(doc.createElementNS(NS, "t"));
      t.setTextContent(word);
      String phones = pronounce.get(word);
      if (phones != null) {
        t.setAttribute("ph", phones);
      }
      if (word.matches("[.?!]")) {
        sentence = null;
      }
    }
    return doc;
  }
}
