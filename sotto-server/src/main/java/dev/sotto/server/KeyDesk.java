package dev.sotto.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import dev.sotto.keys.CryptoModule;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyRecords.Destruction;
import dev.sotto.keys.KeyStatus;
import dev.sotto.keys.KeyUri;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.KeyOffice;
import dev.sotto.server.node.KeyOffice.Revocation;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.Vault;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Where the commands about keys are carried out: by the node that runs, or on a stopped one's data.
sealed interface KeyDesk extends AutoCloseable {
    List<Row> list();

    List<Row> rotate(
            Optional<String> tenant, Optional<String> dataClass, Optional<String> level, Optional<String> purpose);

    /// One step.
    Progress rewrap(Optional<String> tenant);

    /// Moves a tenant under another root key. Returns how many keys were wrapped anew.
    long move(String tenant, String root);

    Row revoke(String key, Revocation how);

    List<Asked> destructions();

    /// What did not open when it was to be sealed anew after a compromise. Only a running node looks for it.
    default List<Refused> refused() {
        throw new ConflictException(
                ServerError.NODE_NOT_RUNNING, "only a running node knows what it could not seal anew\nhint: start it");
    }

    /// What encrypts: in the node that runs, or in this process.
    default CryptoModule crypto() {
        return CryptoProvider.install();
    }

    @Override
    void close();

    /// A key, as it is shown.
    ///
    /// @param age in seconds
    record Row(
            String id,
            String tenant,
            String level,
            String name,
            String tier,
            int version,
            String state,
            long age,
            long records) {}

    /// How far wrapping anew has come.
    record Progress(long done, long left) {}

    /// A request to destroy keys.
    record Asked(String id, String tenant, String target, String notBefore, String certificate) {}

    /// A row, by its kind and id.
    record Refused(String tenant, String classKey, String record, String id) {}

    /// For what uses no key.
    static KeyDesk reading(NodeOptions node) {
        return open(node, false);
    }

    /// For what uses keys, and is audited.
    static KeyDesk acting(NodeOptions node) {
        return open(node, true);
    }

    /// On a stopped node's data, with fresh root keys.
    static KeyDesk withNewRoots(NodeOptions node) {
        return vault(Offline.openWithNewRoots(node.places(), node.settings(), node.source()));
    }

    private static KeyDesk vault(Offline offline) {
        try {
            return new OfData(offline, offline.vault());
        } catch (RuntimeException failure) {
            offline.close();
            throw failure;
        }
    }

    private static KeyDesk open(NodeOptions node, boolean acting) {
        if (node.isRunning()) {
            return new OfNode(NodeClient.connect(node.places()));
        }
        Offline offline = node.offline();
        return acting ? vault(offline) : new OfStoppedData(offline);
    }

    /// The node that runs.
    record OfNode(NodeClient node) implements KeyDesk {
        private static final String KEYS = "/api/v1/operator/keys";

        @Override
        public List<Row> list() {
            return rows(node.get(KEYS));
        }

        @Override
        public List<Row> rotate(
                Optional<String> tenant, Optional<String> dataClass, Optional<String> level, Optional<String> purpose) {
            var query = new LinkedHashMap<String, String>();
            tenant.ifPresent(value -> query.put("tenant", value));
            dataClass.ifPresent(value -> query.put("dataClass", value));
            level.ifPresent(value -> query.put("level", value));
            purpose.ifPresent(value -> query.put("purpose", value));
            var ids = rows(node.post(KEYS + "/rotate" + query(query))).stream()
                    .map(Row::id)
                    .collect(Collectors.toSet());
            return list().stream().filter(row -> ids.contains(row.id())).toList();
        }

        @Override
        public Progress rewrap(Optional<String> tenant) {
            return progress(node.post(KEYS + "/rewrap"
                    + query(tenant.map(value -> Map.of("tenant", value)).orElse(Map.of()))));
        }

        @Override
        public long move(String tenant, String root) {
            return progress(node.post(KEYS + "/rewrap" + query(Map.of("tenant", tenant, "root", root))))
                    .done();
        }

        @Override
        public Row revoke(String key, Revocation how) {
            return row(node.post(KEYS + "/" + key + "/revoke" + query(Map.of("how", KeysCommand.lower(how)))));
        }

        @Override
        public List<Asked> destructions() {
            var asked = new ArrayList<Asked>();
            node.get(KEYS + "/destructions")
                    .forEach(each -> asked.add(new Asked(
                            text(each, "id"),
                            text(each, "tenant"),
                            text(each, "target"),
                            text(each, "notBefore"),
                            text(each, "certificate"))));
            return asked;
        }

        @Override
        public List<Refused> refused() {
            var refused = new ArrayList<Refused>();
            node.get(KEYS + "/refused")
                    .forEach(each -> refused.add(new Refused(
                            text(each, "tenant"), text(each, "classKey"), text(each, "record"), text(each, "id"))));
            return refused;
        }

        @Override
        public void close() {}

        @Override
        public CryptoModule crypto() {
            JsonNode json = node.get("/health/crypto");
            return new CryptoModule(
                    text(json, "provider"),
                    text(json, "version"),
                    text(json, "module"),
                    text(json, "certificate"),
                    json.path("approvedOnly").asBoolean());
        }

        private static String query(Map<String, String> values) {
            return values.isEmpty()
                    ? ""
                    : values.entrySet().stream()
                            .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), UTF_8))
                            .collect(Collectors.joining("&", "?", ""));
        }

        private static Progress progress(JsonNode json) {
            return new Progress(json.path("done").asLong(), json.path("left").asLong());
        }

        private static List<Row> rows(JsonNode json) {
            var rows = new ArrayList<Row>();
            json.forEach(each -> rows.add(row(each)));
            return rows;
        }

        private static Row row(JsonNode json) {
            return new Row(
                    text(json, "id"),
                    text(json, "tenant"),
                    text(json, "level"),
                    text(json, "name"),
                    text(json, "tier"),
                    json.path("version").asInt(),
                    text(json, "state"),
                    json.path("ageSeconds").asLong(),
                    json.path("recordKeys").asLong());
        }

        private static String text(JsonNode json, String field) {
            return json.path(field).asString("");
        }
    }

    /// A stopped node's data, without using a key.
    record OfStoppedData(Offline offline) implements KeyDesk {
        @Override
        public List<Row> list() {
            return offline.keys().stream().map(KeyDesk::row).toList();
        }

        @Override
        public List<Asked> destructions() {
            return offline.destructions().stream().map(KeyDesk::asked).toList();
        }

        @Override
        public List<Row> rotate(
                Optional<String> tenant, Optional<String> dataClass, Optional<String> level, Optional<String> purpose) {
            throw new IllegalStateException("opened for reading");
        }

        @Override
        public Progress rewrap(Optional<String> tenant) {
            throw new IllegalStateException("opened for reading");
        }

        @Override
        public long move(String tenant, String root) {
            throw new IllegalStateException("opened for reading");
        }

        @Override
        public Row revoke(String key, Revocation how) {
            throw new IllegalStateException("opened for reading");
        }

        @Override
        public void close() {
            offline.close();
        }
    }

    /// A stopped node's data, with its keys and its audit log.
    record OfData(Offline offline, Vault vault) implements KeyDesk {
        private KeyOffice office() {
            return new KeyOffice(vault.keys());
        }

        @Override
        public List<Row> list() {
            return office().list().stream().map(KeyDesk::row).toList();
        }

        @Override
        public List<Row> rotate(
                Optional<String> tenant, Optional<String> dataClass, Optional<String> level, Optional<String> purpose) {
            if (purpose.isPresent()) {
                throw new ConflictException(
                        ServerError.NOT_ALLOWED,
                        "index keys are replaced while the node runs: it computes the rows anew\nhint: start it first");
            }
            var chosen = new KeyOffice.Chosen(
                    tenant.map(TenantId::parse),
                    dataClass.map(DataClass::ofCode),
                    level.map(KeyLevel::ofCode),
                    Optional.empty());
            var made = office().rotate(chosen, offline.actor()).stream()
                    .map(rotated -> rotated.id().toString())
                    .collect(Collectors.toSet());
            return list().stream().filter(row -> made.contains(row.id())).toList();
        }

        @Override
        public Progress rewrap(Optional<String> tenant) {
            var step = office().rewrap(tenant.map(TenantId::parse), offline.actor());
            return new Progress(step.done(), step.left());
        }

        @Override
        public long move(String tenant, String root) {
            return office().move(TenantId.parse(tenant), new KeyUri(root), offline.actor())
                    .done();
        }

        @Override
        public Row revoke(String key, Revocation how) {
            return row(office().revoke(KeyOffice.id(key), how, offline.actor()));
        }

        @Override
        public List<Asked> destructions() {
            return office().destructions().stream().map(KeyDesk::asked).toList();
        }

        @Override
        public void close() {
            vault.close();
            offline.close();
        }
    }

    private static Row row(KeyStatus key) {
        return new Row(
                key.id().toString(),
                key.tenant().toString(),
                KeysCommand.lower(key.level()),
                key.name(),
                KeysCommand.lower(key.tier()),
                key.version(),
                key.retired() ? "retired" : KeysCommand.lower(key.state()),
                key.age().toSeconds(),
                key.recordKeys());
    }

    private static Asked asked(Destruction destruction) {
        var request = destruction.request();
        return new Asked(
                request.id().toString(),
                request.tenant().toString(),
                request.target().text(),
                request.notBefore().toString(),
                destruction.certificate().orElse(""));
    }
}
