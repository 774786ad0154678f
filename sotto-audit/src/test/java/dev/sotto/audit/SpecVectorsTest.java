package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.TenantId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The vectors beside `docs/spec/audit-log.md`: what it says in words, in bytes. `-Dsotto.golden.update=true`
/// writes them anew, under new keys.
final class SpecVectorsTest {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final HexFormat HEX = HexFormat.of();
    private static final TenantId TENANT = new TenantId(UUID.fromString("01900000-0000-7000-8000-0000000000aa"));
    private static final TenantId LATER = new TenantId(UUID.fromString("ff900000-0000-7000-8000-0000000000bb"));
    private static final int[] SIZES = {1, 2, 3, 6, 7, 8, 255, 256, 257, 1000, 65_537};

    @Test
    void vectors_areWhatTheCodeMakes() throws IOException {
        Path folder = folder();
        Path file = folder.resolve("audit-log.json");
        Path export = folder.resolve("audit-export.jsonl");
        if (Boolean.getBoolean("sotto.golden.update")) {
            Files.createDirectories(folder);
            write(file, export);
        }
        JsonNode vectors = JSON.readTree(file.toFile());

        assertThat(vectors.get("entries")).isEqualTo(entries());
        assertThat(vectors.get("trees")).isEqualTo(trees());
        assertThat(vectors.get("tenants_root").asString())
                .isEqualTo(heads().root().toString());
        List<String> vkeys =
                vectors.get("vkeys").valueStream().map(JsonNode::asString).toList();
        SignedCheckpoint checkpoint =
                SignedCheckpoint.parse(vectors.get("checkpoint").asString());
        assertThat(checkpoint.check(new TrustedKeys(vkeys)))
                .isEqualTo(new SignedCheckpoint.Check.Signed(Optional.of(Instant.ofEpochSecond(1_800_000_000))));
        assertThat(checkpoint.checkpoint().tenants()).isEqualTo(heads().root());

        Verification found = new AuditVerifier()
                .verify(AuditSource.fromExport(export), new TrustedKeys(vkeys), Optional.of(checkpoint.note()));
        assertThat(found)
                .isInstanceOfSatisfying(
                        Verification.Intact.class,
                        intact -> assertThat(intact.size()).isEqualTo(3));
    }

    private static void write(Path file, Path export) throws IOException {
        CheckpointKeys keys = CheckpointKeys.generate("example.com/audit");
        List<StoredEntry> entries = stored();
        MerkleHash root =
                MerkleTree.root(entries.stream().map(StoredEntry::leafHash).toList());
        Checkpoint head = new Checkpoint(keys.name(), entries.size(), root, heads().root());
        String note =
                keys.signer().sign(head, Instant.ofEpochSecond(1_800_000_000)).note();
        ObjectNode vectors = JSON.createObjectNode();
        vectors.set("entries", entries());
        vectors.put("tenants_root", heads().root().toString());
        vectors.set("trees", trees());
        ArrayNode vkeys = vectors.putArray("vkeys");
        keys.publicKeys().vkeys().forEach(vkeys::add);
        vectors.put("checkpoint", note);
        Files.writeString(file, JSON.writeValueAsString(vectors) + "\n");

        List<ExportFormat.Line> lines = new ArrayList<>();
        lines.add(new ExportFormat.Heading(
                keys.name(), "node-1", keys.publicKeys().vkeys()));
        entries.forEach(entry ->
                lines.add(new ExportFormat.Entry(entry.header(), entry.body(), entry.bodyHash(), entry.leafHash())));
        lines.add(new ExportFormat.Note(note));
        lines.add(new ExportFormat.End(entries.size()));
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(new String(ExportFormat.write(line), UTF_8)));
        Files.writeString(export, text);
    }

    private static List<AuditEvent> events() {
        return List.of(
                AuditEvent.of("node.started", new ActorId(ActorId.Kind.NODE, "node-1"))
                        .build(),
                AuditEvent.of("call.started", new ActorId(ActorId.Kind.AGENT, "receptionist"))
                        .tenant(TENANT)
                        .resource("call", "01J00000000000000000000000")
                        .subjectHash("00ff".repeat(16))
                        .detail("outcome", "hung_up")
                        .detail("turns", 9)
                        .build(),
                AuditEvent.of("staff.login.refused", new ActorId(ActorId.Kind.API_KEY, "k.1"))
                        .tenant(LATER)
                        .resource("odd", "\u0000\"\\\n\u00e9\ud83d\ude00\ud800")
                        .build());
    }

    private static List<StoredEntry> stored() {
        List<StoredEntry> entries = new ArrayList<>();
        List<AuditEvent> events = events();
        for (int i = 0; i < events.size(); i++) {
            Clock clock = Clock.fixed(Instant.ofEpochMilli(1_800_000_000_123L + i), ZoneOffset.UTC);
            entries.add(Draft.of(events.get(i), clock, salt(i)).at(i, 0));
        }
        return entries;
    }

    /// Sixteen equal bytes.
    private static RandomGenerator salt(int value) {
        return () -> 0x0101_0101_0101_0101L * (value + 1);
    }

    private static ArrayNode entries() {
        ArrayNode entries = JSON.createArrayNode();
        for (StoredEntry entry : stored()) {
            ObjectNode node = entries.addObject();
            AuditEntry read = entry.read();
            node.put("sequence", String.valueOf(read.sequence()));
            node.put("at", read.at().toString());
            node.put("tenant", read.tenant().value().toString());
            node.put("tenant_sequence", String.valueOf(read.tenantSequence()));
            node.put("type", read.type());
            node.put("actor", read.actor().toString());
            node.put("header", HEX.formatHex(entry.header().array()));
            node.put("body", new String(entry.body().array(), UTF_8));
            node.put("body_hash", entry.bodyHash().toString());
            node.put("leaf_hash", entry.leafHash().toString());
        }
        return entries;
    }

    private static TenantHeads heads() {
        TenantHeads heads = new TenantHeads();
        for (StoredEntry entry : stored()) {
            heads.put(entry.columns().orElseThrow().tenant(), 1, entry.leafHash());
        }
        return heads;
    }

    /// Leaf `i` is the leaf hash of `i` as four bytes, big-endian.
    private static ArrayNode trees() {
        List<MerkleHash> leaves = MerkleProofsTest.leaves(SIZES[SIZES.length - 1]);
        TileNodes.Source source = (level, index) -> {
            long span = 1L << (Tile.HEIGHT * level);
            List<MerkleHash> hashes = new ArrayList<>();
            for (long at = index * Tile.WIDTH; hashes.size() < Tile.WIDTH && (at + 1) * span <= leaves.size(); at++) {
                hashes.add(MerkleTree.root(leaves.subList((int) (at * span), (int) ((at + 1) * span))));
            }
            return hashes;
        };
        ArrayNode trees = JSON.createArrayNode();
        for (int size : SIZES) {
            ObjectNode tree = trees.addObject();
            tree.put("size", String.valueOf(size));
            tree.put("root", MerkleTree.root(leaves.subList(0, size)).toString());
            int sequence = size * 2 / 3;
            tree.put("sequence", String.valueOf(sequence));
            ArrayNode inclusion = tree.putArray("inclusion");
            MerkleProofs.inclusion(new TileNodes(source), sequence, size)
                    .path()
                    .forEach(hash -> inclusion.add(hash.toString()));
            int from = Math.max(1, size / 2);
            tree.put("from", String.valueOf(from));
            ArrayNode consistency = tree.putArray("consistency");
            MerkleProofs.consistency(new TileNodes(source), from, size)
                    .path()
                    .forEach(hash -> consistency.add(hash.toString()));
        }
        return trees;
    }

    private static Path folder() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at.resolve("docs/spec/vectors");
            }
        }
        throw new IllegalStateException("the project's root is not above the working directory");
    }
}
