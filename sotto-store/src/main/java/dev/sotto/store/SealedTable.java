package dev.sotto.store;

import dev.sotto.core.AppointmentId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.core.UserId;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A table with sealed fields, or the rows of one kind in it: how to find what is sealed for one owner, and
/// where each row belongs. Names are constants, never input. Immutable.
final class SealedTable {
    private static final UUID ANY = new UUID(0, 0);

    private static final List<SealedTable> ALL = List.of(
            new SealedTable(
                    "subject",
                    "id",
                    "id",
                    "",
                    List.of("name", "birth-date", "phone"),
                    (tenant, _, id, version) -> Subjects.place(tenant, new SubjectId(id), version)),
            new SealedTable(
                    "appointment",
                    "id",
                    "subject_id",
                    "",
                    List.of("reason"),
                    (tenant, owner, id, version) ->
                            Appointments.place(tenant, new SubjectId(owner), new AppointmentId(id), version)),
            new SealedTable(
                    "slot",
                    "id",
                    "tenant_id",
                    "",
                    List.of("provider"),
                    (tenant, _, id, version) -> Appointments.slotPlace(tenant, new SlotId(id), version)),
            new SealedTable(
                    "staff_user",
                    "id",
                    "tenant_id",
                    "",
                    List.of("email", "password-hash"),
                    (tenant, _, id, version) -> Staff.place(tenant, new UserId(id), version)),
            new SealedTable(
                    "call",
                    "id",
                    "id",
                    "",
                    List.of("from"),
                    (tenant, _, id, version) -> Calls.place(tenant, new CallId(id), version)),
            new SealedTable(
                    "turn",
                    "id",
                    "call_id",
                    "",
                    List.of("text"),
                    (tenant, owner, id, version) -> Turns.place(tenant, new CallId(owner), new TurnId(id), version)),
            new SealedTable(
                    "call_insight",
                    "call_id",
                    "call_id",
                    "SUMMARY",
                    List.of("content"),
                    (tenant, _, id, version) -> Insights.place(tenant, new CallId(id), InsightKind.SUMMARY, version)),
            new SealedTable(
                    "call_insight",
                    "call_id",
                    "call_id",
                    "ANALYTICS",
                    List.of("content"),
                    (tenant, _, id, version) ->
                            Insights.place(tenant, new CallId(id), InsightKind.ANALYTICS, version)));

    private final String table;
    private final String idColumn;
    private final String ownerColumn;
    private final String part;
    private final List<String> fields;
    private final Place place;

    private interface Place {
        RecordContext of(TenantId tenant, UUID owner, UUID id, long version);
    }

    private SealedTable(
            String table, String idColumn, String ownerColumn, String part, List<String> fields, Place place) {
        this.table = table;
        this.idColumn = idColumn;
        this.ownerColumn = ownerColumn;
        this.part = part;
        this.fields = fields;
        this.place = place;
    }

    /// A row as it was read.
    record SealedRow(UUID id, RecordContext context, Map<String, Sealed> fields) {}

    /// The tables that hold what is sealed under record keys of that class and kind of owner.
    static List<SealedTable> of(DataClass dataClass, KeyOwner owner) {
        return ALL.stream()
                .filter(table -> {
                    var place = table.place.of(TenantId.OPERATOR, ANY, ANY, 1);
                    return place.dataClass() == dataClass && place.owner().getClass() == owner.getClass();
                })
                .toList();
    }

    /// Rows of the owner that are not sealed under the record key `fresh`, in the order of their ids.
    ///
    /// @param after only those behind this id
    List<SealedRow> notUnder(Sql sql, TenantId tenant, KeyOwner owner, byte[] fresh, UUID after, int limit)
            throws SQLException {
        var columns = new StringBuilder();
        var stale = new StringBuilder();
        var parameters = new ArrayList<Object>(List.of(tenant.value(), id(owner), after));
        for (var field : fields) {
            columns.append(", ").append(column(field));
            stale.append(stale.isEmpty() ? "" : " OR ")
                    .append("substring(%s FROM 2 FOR 16) IS DISTINCT FROM ?".formatted(column(field)));
            parameters.add(fresh);
        }
        parameters.add(limit);
        String kind = part.isEmpty() ? "" : " AND kind = '%s'".formatted(part);
        return sql.list(
                row -> row(row, tenant, owner),
                ("SELECT %s AS row_id, version%s FROM sotto.%s WHERE tenant_id = ? AND %s = ? AND %s > ?"
                                + " AND (%s)%s ORDER BY %s LIMIT ?")
                        .formatted(idColumn, columns, table, ownerColumn, idColumn, stale, kind, idColumn),
                parameters.toArray());
    }

    private SealedRow row(Sql.Row row, TenantId tenant, KeyOwner owner) throws SQLException {
        var sealed = new LinkedHashMap<String, Sealed>();
        for (var field : fields) {
            sealed.put(field, row.sealed(column(field)));
        }
        UUID id = row.id("row_id");
        return new SealedRow(id, place.of(tenant, id(owner), id, row.number("version")), sealed);
    }

    /// Puts `fresh` in the place of what was read. False if the row changed meanwhile.
    boolean replace(Sql sql, SealedRow read, Map<String, Sealed> fresh) throws SQLException {
        return sql.first(
                        row -> row.flag("done"),
                        "SELECT sotto.reseal(?, ?, ?, ?, ?, ?) AS done",
                        table,
                        read.id(),
                        part,
                        read.context().version(),
                        bytes(read.fields()),
                        bytes(fresh))
                .orElseThrow();
    }

    private byte[][] bytes(Map<String, Sealed> sealed) {
        return fields.stream()
                .map(field ->
                        Optional.ofNullable(sealed.get(field)).orElseThrow().bytes())
                .toArray(byte[][]::new);
    }

    private static String column(String field) {
        return field.replace('-', '_') + "_sealed";
    }

    private static UUID id(KeyOwner owner) {
        return switch (owner) {
            case KeyOwner.OfCall(var call) -> call.value();
            case KeyOwner.OfSubject(var subject) -> subject.value();
            case KeyOwner.OfTenant(var tenant) -> tenant.value();
        };
    }
}
