package dev.sotto.guard;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Applies the operators of one rule to the texts of one act. Not thread-safe.
final class Redactor {
    private static final String MASKED = "****";
    private static final int KEPT = 4;

    private final Rule rule;
    private final TenantId tenant;
    private final HashKey hashKey;
    private final @Nullable TokenVault vault;
    private final Tally tally;

    Redactor(Rule rule, TenantId tenant, HashKey hashKey, @Nullable TokenVault vault, Tally tally) {
        this.rule = rule;
        this.tenant = tenant;
        this.hashKey = hashKey;
        this.vault = vault;
        this.tally = tally;
    }

    /// The text that may leave; empty if the rule denies something in it.
    ///
    /// @param findings ordered by their start
    Optional<SensitiveText> apply(Utterance utterance, List<Finding> findings) {
        String text = utterance.text().reveal();
        var out = new StringBuilder(text.length());
        int at = 0;
        boolean denied = false;
        for (Clusters.Cluster cluster : Clusters.of(findings)) {
            Operator operator = strictest(cluster);
            copy(text, at, cluster.span().start(), out);
            at = cluster.span().end();
            Operator done = replace(utterance, cluster, operator, out);
            tally.add(cluster.type(), done);
            denied |= done == Operator.DENY;
        }
        copy(text, at, text.length(), out);
        return denied ? Optional.empty() : Optional.of(SensitiveText.of(out.toString()));
    }

    private Operator strictest(Clusters.Cluster cluster) {
        Operator strictest = Operator.KEEP;
        for (EntityType type : cluster.types()) {
            strictest = strictest.or(rule.operator(type));
        }
        return strictest;
    }

    private Operator replace(Utterance utterance, Clusters.Cluster cluster, Operator operator, StringBuilder out) {
        EntityType type = cluster.type();
        Span span = cluster.span();
        String said = utterance.text().reveal().substring(span.start(), span.end());
        switch (operator) {
            case KEEP -> out.append(said);
            case TOKENISE -> {
                Optional<String> token = vault == null
                        ? Optional.empty()
                        : vault.token(type, Values.of(utterance, span, type), plain(said));
                out.append(token.orElseGet(() -> Placeholder.ofType(type)));
                return token.isPresent() ? Operator.TOKENISE : Operator.REPLACE;
            }
            case HASH ->
                out.append(Placeholder.hash(type, hashKey.hash(tenant, type, Values.of(utterance, span, type))));
            case MASK_KEEP_LAST_4 -> out.append(MASKED).append(lastFour(Values.of(utterance, span, type)));
            case MASK -> out.append(MASKED);
            case REPLACE -> out.append(Placeholder.ofType(type));
            case DROP, DENY -> {}
        }
        return operator;
    }

    /// The last four characters of a longer value; of a short one nothing, since that would be all of it.
    private static String lastFour(String value) {
        return value.length() < 2 * KEPT ? "" : value.substring(value.length() - KEPT);
    }

    /// Without what could end a JSON string or a line.
    private static String plain(String said) {
        var plain = new StringBuilder(said.length());
        said.codePoints()
                .map(point -> point == '"' || point == '\\' || Character.isISOControl(point) ? ' ' : point)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }

    /// Copies a stretch in which nothing was found; turns tokens back where the rule says so.
    private void copy(String text, int from, int to, StringBuilder out) {
        if (rule.restore() == Rule.Restore.NEVER) {
            out.append(text, from, to);
            return;
        }
        int at = from;
        while (at < to) {
            int end = text.charAt(at) == '<' ? Placeholder.endAt(text, at) : -1;
            if (end < 0 || end > to || !Placeholder.isToken(text.substring(at, end))) {
                out.append(text.charAt(at));
                at++;
            } else {
                restore(text.substring(at, end), out);
                at = end;
            }
        }
    }

    private void restore(String token, StringBuilder out) {
        Optional<TokenVault.Entry> entry = vault == null ? Optional.empty() : vault.find(token);
        if (entry.isEmpty()) {
            tally.unknownToken(); // nothing stands for a token that was never given
            return;
        }
        TokenVault.Entry found = entry.get();
        if (rule.operator(found.type()) != Operator.KEEP) {
            out.append(token);
            return;
        }
        tally.restored();
        out.append(
                switch (rule.restore()) {
                    case AS_SAID -> found.said();
                    case AS_VALUE -> found.value();
                    case NEVER -> token;
                });
    }
}
