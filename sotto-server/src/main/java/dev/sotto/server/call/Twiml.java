package dev.sotto.server.call;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// The part of Twilio's answer language that a caller of Sotto meets.
///
/// @param stream where to connect, if it says so
/// @param redirect where to ask for more once the stream is over
/// @param ending what else it does, such as `hang up`, in words
record Twiml(Optional<Stream> stream, Optional<URI> redirect, String ending) {
    /// A stream to open, with what it must be told.
    record Stream(URI url, Map<String, String> parameters) {}

    /// @throws UnavailableException if it is not such a document
    static Twiml parse(byte[] xml) {
        Document document;
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml));
        } catch (ParserConfigurationException | SAXException | IOException malformed) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED, "the voice webhook did not answer in TwiML", malformed);
        }
        return new Twiml(
                stream(document),
                first(document, "Redirect")
                        .map(e -> URI.create(e.getTextContent().strip())),
                ending(document));
    }

    private static Optional<Stream> stream(Document document) {
        return first(document, "Stream").map(stream -> {
            Map<String, String> parameters = new LinkedHashMap<>();
            NodeList list = stream.getElementsByTagName("Parameter");
            for (int i = 0; i < list.getLength(); i++) {
                var parameter = (Element) list.item(i);
                parameters.put(parameter.getAttribute("name"), parameter.getAttribute("value"));
            }
            return new Stream(URI.create(stream.getAttribute("url")), Map.copyOf(parameters));
        });
    }

    private static String ending(Document document) {
        if (first(document, "Dial").isPresent()) {
            return "passed on to a person";
        }
        if (first(document, "Reject").isPresent()) {
            return "not taken";
        }
        return first(document, "Say").isPresent() ? "ended with words" : "ended";
    }

    private static Optional<Element> first(Document document, String name) {
        return Optional.ofNullable((Element) document.getElementsByTagName(name).item(0));
    }
}
