package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.IndexValue;
import dev.sotto.store.IdentityAttempt.Factors;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Identity checks, counted in the database by call, subject, caller's number and tenant: over calls, nodes and
/// restarts. What was keyed is kept as keyed hashes that change each hour, and for two hours. Thread-safe; blocks on
/// the database, the keys and the audit log.
public final class IdentityAttempts {
    static final String PURPOSE = "identity-attempt";
    /// After this time no counter is under an index key that was replaced: those of an hour live two, those of a call
    /// that began before live a day.
    static final Duration KEY_LIFE = Duration.ofHours(27);
    private static final Duration WINDOW_LIFE = Duration.ofHours(2);
    private static final Duration CALL_LIFE = Duration.ofDays(1);
    private static final SensitiveText NOBODY = SensitiveText.of("");
    private static final String NO_DATE = "no-date";
    private static final int PRUNED_AT_ONCE = 50;
    private static final int COUNTED_TO = 1_000_000;
    private static final DateTimeFormatter KEYED =
            DateTimeFormatter.ofPattern("uuuuMMdd").withResolverStyle(ResolverStyle.STRICT);

    private final Rows rows;
    private final Subjects subjects;
    private final Notices notices;

    IdentityAttempts(Rows rows, Subjects subjects, Notices notices) {
        this.rows = rows;
        this.subjects = subjects;
        this.notices = notices;
    }

    /// Counts an attempt, then looks for the one person it fits. Statements sent and rows touched are the same for
    /// every outcome but [Identification.Scope#TENANT], and for entries that are not well-formed. Audited
    /// `subject.searched`.
    ///
    /// Hours are whole hours of the clock, so that around their turn twice the limit may pass.
    public Identification identify(
            TenantId tenant, IdentityAttempt attempt, AttemptLimits limits, Instant now, Acting acting) {
        rows.ledger().append(acting.event("subject.searched", "tenant", tenant).tenant(tenant));
        Identification found = rows.keep(tenant, () -> counting(tenant, new Keys(tenant, attempt, now), limits, now));
        if (found instanceof Identification.Locked(Identification.Scope scope)) {
            notices.locked(tenant, attempt.call(), scope, now); // kept elsewhere, so that this takes no longer
        }
        return found;
    }

    private Transactions.Work<Identification> counting(TenantId tenant, Keys keys, AttemptLimits limits, Instant now) {
        return sql -> {
            prune(sql, tenant, now);
            if (count(sql, tenant, keys.ofTenant, now.plus(WINDOW_LIFE)) > limits.perTenant()) {
                return new Identification.Locked(Identification.Scope.TENANT);
            }
            int inCall = count(sql, tenant, keys.ofCall, now.plus(CALL_LIFE));
            int byCaller = count(sql, tenant, keys.ofCaller, now.plus(WINDOW_LIFE));
            int byBirthDate = count(sql, tenant, keys.ofBirthDate, now.plus(WINDOW_LIFE));
            var found = Subjects.matching(sql, tenant, keys.birthPhoneIndex, keys.nameBirthIndex);
            var match = found.size() == 1 ? Optional.of(found.getFirst()) : Optional.<SubjectId>empty();
            int bySubject = count(sql, tenant, keys.ofSubject(match), now.plus(WINDOW_LIFE));
            return decide(limits, inCall, Math.max(byBirthDate, bySubject), byCaller, match);
        };
    }

    private static Identification decide(
            AttemptLimits limits, int inCall, int bySubject, int byCaller, Optional<SubjectId> match) {
        if (inCall > limits.perCall()) {
            return new Identification.Locked(Identification.Scope.CALL);
        }
        if (bySubject > limits.perSubject()) {
            return new Identification.Locked(Identification.Scope.SUBJECT);
        }
        if (byCaller > limits.perCaller()) {
            return new Identification.Locked(Identification.Scope.CALLER);
        }
        return match.<Identification>map(Identification.Matched::new).orElseGet(Identification.Unmatched::new);
    }

    /// Adds one to a counter and returns it, in one statement. The tenant's counter comes first, so that attempts of
    /// one tenant follow one another and never wait crosswise.
    private static int count(Sql sql, TenantId tenant, IndexValue key, Instant expires) throws SQLException {
        return sql.first(
                        row -> row.integer("attempts"),
                        "INSERT INTO sotto.identity_attempt (tenant_id, key, index_key, expires_at, attempts)"
                                + " VALUES (?, ?, ?, ?, 1) ON CONFLICT (tenant_id, key) DO UPDATE"
                                + " SET attempts = least(identity_attempt.attempts + 1, ?) RETURNING attempts",
                        tenant.value(),
                        key.bytes(),
                        key.key(),
                        expires,
                        COUNTED_TO)
                .orElseThrow();
    }

    /// Forgets some counters whose time is over. An attempt adds five at most, so that this keeps up.
    private static void prune(Sql sql, TenantId tenant, Instant now) throws SQLException {
        sql.update(
                "DELETE FROM sotto.identity_attempt WHERE tenant_id = ? AND key IN (SELECT key"
                        + " FROM sotto.identity_attempt WHERE tenant_id = ? AND expires_at < ?"
                        + " ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED)",
                tenant.value(),
                tenant.value(),
                now,
                PRUNED_AT_ONCE);
    }

    /// The keyed hashes of an attempt. All but that of the call hold the hour, so that those of two hours have nothing
    /// in common.
    private final class Keys {
        private final TenantId tenant;
        private final String hour;
        private final String entry;
        private final Instant begin;
        private final List<IndexValue> birthPhoneIndex;
        private final List<IndexValue> nameBirthIndex;
        private final IndexValue ofTenant;
        private final IndexValue ofCall;
        private final IndexValue ofCaller;
        private final IndexValue ofBirthDate;

        Keys(TenantId tenant, IdentityAttempt attempt, Instant now) {
            this.tenant = tenant;
            this.begin = now.truncatedTo(ChronoUnit.HOURS);
            this.hour = begin.toString();
            String birthDate = normalDate(attempt.factors().birthDate().reveal());
            // Both indexes are computed and searched for either kind; that of the other kind is one that no row has.
            switch (attempt.factors()) {
                case Factors.PhoneEnd(var _, SensitiveText phoneEnd) -> {
                    this.birthPhoneIndex = subjects.birthPhoneIndex(tenant, birthDate, phoneEnd.reveal());
                    this.nameBirthIndex = subjects.nameBirthIndex(tenant, NOBODY, NO_DATE);
                    this.entry = birthDate.length() + ":" + birthDate + phoneEnd.reveal();
                }
                case Factors.Name(SensitiveText name, var _) -> {
                    this.birthPhoneIndex = subjects.birthPhoneIndex(tenant, NO_DATE, "");
                    this.nameBirthIndex = subjects.nameBirthIndex(tenant, name, birthDate);
                    this.entry = birthDate.length() + ":" + birthDate + ":" + Subjects.normal(name);
                }
            }
            this.ofTenant = key("tenant", "", hour);
            // A call has one key as long as it lives: the one in use when its id was made.
            this.ofCall = rows.blindIndex()
                    .at(
                            tenant,
                            madeAt(attempt.call()),
                            PURPOSE,
                            "call",
                            attempt.call().toString(),
                            "");
            this.ofCaller = key("caller", attempt.callerNumber().reveal(), hour);
            this.ofBirthDate = key("birth-date", birthDate, hour);
        }

        /// An hour has one key, so that replacing it opens no second count.
        private IndexValue key(String scope, String value, String window) {
            return rows.blindIndex().at(tenant, begin, PURPOSE, scope, value, window);
        }

        IndexValue ofSubject(Optional<SubjectId> match) {
            return match.map(subject -> key("subject", subject.toString(), hour))
                    .orElseGet(() -> key("entry", entry, hour));
        }
    }

    /// The time in the id.
    private static Instant madeAt(CallId call) {
        return Instant.ofEpochMilli(call.value().getMostSignificantBits() >>> Short.SIZE);
    }

    /// `yyyy-MM-dd`, or something no date looks like.
    private static String normalDate(String keyed) {
        try {
            return LocalDate.parse(keyed, KEYED).toString();
        } catch (DateTimeException notADate) {
            return "not-a-date:" + keyed;
        }
    }
}
