package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/// Reads TwiML from a server that may be hostile: no document type, so no entities at all, nothing fetched,
/// size and number bounded. Thread-safe.
final class TwimlReader {
    static final int MAX_CHARACTERS = 64 * 1024;
    private static final int MAX_VERBS = 32;
    private static final int MAX_PARAMETERS = 32;

    private TwimlReader() {}

    /// @param base what relative addresses in it are relative to
    /// @throws RejectedException if `xml` is not TwiML; the message holds nothing of it
    static List<TwimlVerb> read(String xml, URI base) {
        if (xml.length() > MAX_CHARACTERS) {
            throw malformed("must have at most %d characters".formatted(MAX_CHARACTERS), null);
        }
        Element root = parse(xml);
        if (!root.getTagName().equals("Response")) {
            throw malformed("must be a Response", null);
        }
        List<TwimlVerb> verbs = new ArrayList<>();
        for (Element element : children(root)) {
            if (verbs.size() == MAX_VERBS) {
                throw malformed("must have at most %d verbs".formatted(MAX_VERBS), null);
            }
            verbs.add(verb(element, base));
        }
        return verbs;
    }

    private static TwimlVerb verb(Element element, URI base) {
        return switch (element.getTagName()) {
            case "Connect" -> stream(element, base);
            case "Redirect" ->
                new TwimlVerb.Redirect(
                        address(text(element), base, "https"),
                        attribute(element, "method").orElse("POST").toUpperCase(Locale.ROOT));
            case "Dial" -> new TwimlVerb.Dial(text(element));
            case "Hangup" -> new TwimlVerb.Hangup();
            case "Reject" -> new TwimlVerb.Reject(attribute(element, "reason").orElse("rejected"));
            case "Say" -> new TwimlVerb.Say(text(element));
            default -> new TwimlVerb.Other(element.getTagName());
        };
    }

    private static TwimlVerb stream(Element connect, URI base) {
        Optional<Element> stream = children(connect).stream()
                .filter(child -> child.getTagName().equals("Stream"))
                .findFirst();
        if (stream.isEmpty()) {
            return new TwimlVerb.Other("Connect");
        }
        String url = attribute(stream.get(), "url").orElseThrow(() -> malformed("Stream must have a url", null));
        Map<String, SensitiveText> parameters = new HashMap<>();
        for (Element parameter : children(stream.get())) {
            if (parameter.getTagName().equals("Parameter")) {
                if (parameters.size() == MAX_PARAMETERS) {
                    throw malformed("Stream must have at most %d parameters".formatted(MAX_PARAMETERS), null);
                }
                parameters.put(parameter.getAttribute("name"), SensitiveText.of(parameter.getAttribute("value")));
            }
        }
        return new TwimlVerb.Stream(address(url, base, "wss"), parameters);
    }

    private static URI address(String text, URI base, String scheme) {
        try {
            URI address = base.resolve(new URI(text));
            if (scheme.equals(address.getScheme()) && address.getHost() != null) {
                return address;
            }
            throw malformed("address must be %s with a host".formatted(scheme), null);
        } catch (URISyntaxException malformed) {
            throw malformed("address must be a url", malformed);
        }
    }

    private static Element parse(String xml) {
        try {
            DocumentBuilder builder = factory().newDocumentBuilder();
            builder.setErrorHandler(new Throwing());
            return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
        } catch (SAXException | IOException notXml) {
            throw malformed("must be xml without a document type", notXml);
        } catch (ParserConfigurationException missing) {
            throw new IllegalStateException("every JDK has this parser", missing);
        }
    }

    private static DocumentBuilderFactory factory() throws ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        return factory;
    }

    private static List<Element> children(Element parent) {
        NodeList nodes = parent.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .filter(Element.class::isInstance)
                .map(Element.class::cast)
                .toList();
    }

    private static Optional<String> attribute(Element element, String name) {
        return element.hasAttribute(name) ? Optional.of(element.getAttribute(name)) : Optional.empty();
    }

    private static String text(Element element) {
        return element.getTextContent().strip();
    }

    private static RejectedException malformed(String rule, @Nullable Exception cause) {
        return new RejectedException(ServerError.CALL_FAILED, "the server's twiml " + rule, cause);
    }

    /// The parser's own would print.
    private static final class Throwing implements ErrorHandler {
        @Override
        public void warning(SAXParseException fault) throws SAXException {
            throw fault;
        }

        @Override
        public void error(SAXParseException fault) throws SAXException {
            throw fault;
        }

        @Override
        public void fatalError(SAXParseException fault) throws SAXException {
            throw fault;
        }
    }
}
