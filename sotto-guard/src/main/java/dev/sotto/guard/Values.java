package dev.sotto.guard;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The normal form of what was found, in which equal things are equal however they were said.
final class Values {
    private Values() {}

    /// Digits for numbers, ISO 8601 basic for dates, lower case for names and addresses. Holds letters, digits and
    /// `@ . _ + - ' : %` and single blanks only, so it can stand inside a JSON string. Protected.
    static String of(Utterance utterance, Span span, EntityType type) {
        List<Token> tokens = within(utterance, span);
        return switch (type) {
            case DOB, DATE -> date(utterance, span, tokens);
            case PHONE -> phone(digits(tokens));
            case SSN, CREDIT_CARD, CVV -> digits(tokens);
            case MRN, ACCOUNT -> letters(tokens).toUpperCase(Locale.ROOT);
            case EMAIL -> email(tokens);
            case PERSON -> name(tokens);
        };
    }

    static String phone(String digits) {
        return digits.length() == 11 && digits.charAt(0) == '1' ? digits.substring(1) : digits;
    }

    private static List<Token> within(Utterance utterance, Span span) {
        List<Token> tokens = utterance.tokens();
        int low = 0;
        int high = tokens.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (tokens.get(middle).start() < span.start()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int end = low;
        while (end < tokens.size() && tokens.get(end).end() <= span.end()) {
            end++;
        }
        return tokens.subList(low, end);
    }

    private static String digits(List<Token> tokens) {
        var digits = new StringBuilder();
        tokens.stream().filter(Token::isNumber).forEach(token -> digits.append(token.text()));
        return digits.toString();
    }

    private static String letters(List<Token> tokens) {
        var all = new StringBuilder();
        tokens.stream().filter(token -> token.kind() != Token.Kind.MARK).forEach(token -> all.append(token.text()));
        return all.toString();
    }

    private static String date(Utterance utterance, Span span, List<Token> tokens) {
        Optional<String> read = utterance.dateIn(span).map(DateSpan::value);
        List<String> numbers =
                tokens.stream().filter(Token::isNumber).map(Token::text).toList();
        return read.or(() -> DateSpan.valueOf(numbers)).orElseGet(() -> digits(tokens));
    }

    private static String email(List<Token> tokens) {
        var address = new StringBuilder();
        for (Token token : tokens) {
            boolean joiner = token.isWord() && address.length() > 0;
            address.append(
                    joiner
                            ? switch (token.text()) {
                                case "at" -> address.indexOf("@") < 0 ? "@" : token.text();
                                case "dot", "period", "point" -> ".";
                                case "underscore" -> "_";
                                case "dash", "hyphen" -> "-";
                                case "plus" -> "+";
                                default -> token.text();
                            }
                            : token.text());
        }
        return address.toString();
    }

    private static String name(List<Token> tokens) {
        var name = new StringBuilder();
        for (Token token : tokens) {
            if (token.isWord()) {
                name.append(name.isEmpty() ? "" : " ").append(token.text());
            }
        }
        return name.toString();
    }
}
