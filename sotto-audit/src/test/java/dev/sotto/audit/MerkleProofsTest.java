package dev.sotto.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sotto.testkit.Samples;
import dev.sotto.testkit.Vectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class MerkleProofsTest {
    private static final JsonMapper JSON = new JsonMapper();

    /// transparency-dev/merkle, testdata/inclusion.
    @Test
    void inclusion_publishedVectors_agree() throws IOException {
        int checked = 0;
        for (JsonNode vector : vectors("inclusion")) {
            boolean holds = hasHashes(vector, "root", "leafHash")
                    && vector.get("leafIdx").canConvertToLong()
                    && vector.get("treeSize").canConvertToLong()
                    && new InclusionProof(
                                            vector.get("leafIdx").asLong(),
                                            vector.get("treeSize").asLong(),
                                            path(vector))
                                    .check(hash(vector.get("leafHash")), hash(vector.get("root")))
                            == ProofCheck.HOLDS;
            assertThat(holds)
                    .as(vector.get("desc").asString())
                    .isNotEqualTo(vector.get("wantErr").asBoolean());
            checked++;
        }
        assertThat(checked).isGreaterThan(90);
    }

    /// transparency-dev/merkle, testdata/consistency.
    @Test
    void consistency_publishedVectors_agree() throws IOException {
        int checked = 0;
        for (JsonNode vector : vectors("consistency")) {
            boolean holds = hasHashes(vector, "root1", "root2")
                    && vector.get("size1").canConvertToLong()
                    && vector.get("size2").canConvertToLong()
                    && new ConsistencyProof(
                                            vector.get("size1").asLong(),
                                            vector.get("size2").asLong(),
                                            path(vector))
                                    .check(hash(vector.get("root1")), hash(vector.get("root2")))
                            == ProofCheck.HOLDS;
            assertThat(holds)
                    .as(vector.get("desc").asString())
                    .isNotEqualTo(vector.get("wantErr").asBoolean());
            checked++;
        }
        assertThat(checked).isGreaterThan(60);
    }

    @Test
    void roots_ofEverySmallTree_areThoseOfTheRecursiveDefinition() {
        List<MerkleHash> leaves = leaves(600);
        CompactRange range = new CompactRange();
        for (int size = 1; size <= leaves.size(); size++) {
            range.append(leaves.get(size - 1));
            assertThat(range.root()).isEqualTo(definition(leaves.subList(0, size)));
        }
        assertThat(new CompactRange().root()).isEqualTo(MerkleTree.empty());
    }

    @Test
    void proofs_ofRandomTrees_holdAndNothingElseDoes() {
        List<MerkleHash> leaves = leaves(70_000);
        StoredTiles tiles = new StoredTiles(leaves);
        Samples.forAll(300, random -> random, random -> {
            long size = 1 + random.nextLong(random.nextBoolean() ? 600 : leaves.size());
            long sequence = random.nextLong(size);
            long older = 1 + random.nextLong(size);
            MerkleHash root = MerkleProofs.root(new TileNodes(tiles), 0, size);
            MerkleHash olderRoot = MerkleProofs.root(new TileNodes(tiles), 0, older);
            MerkleHash leaf = leaves.get((int) sequence);

            InclusionProof inclusion = MerkleProofs.inclusion(new TileNodes(tiles), sequence, size);
            assertThat(inclusion.check(leaf, root)).isEqualTo(ProofCheck.HOLDS);
            assertThat(inclusion.check(flip(leaf, random), root)).isEqualTo(ProofCheck.FAILS);
            assertThat(inclusion.check(leaf, flip(root, random))).isEqualTo(ProofCheck.FAILS);
            damaged(inclusion.path(), random)
                    .forEach(path -> assertThat(new InclusionProof(sequence, size, path).check(leaf, root))
                            .isEqualTo(ProofCheck.FAILS));

            ConsistencyProof consistency = MerkleProofs.consistency(new TileNodes(tiles), older, size);
            assertThat(consistency.check(olderRoot, root)).isEqualTo(ProofCheck.HOLDS);
            assertThat(consistency.check(flip(olderRoot, random), root)).isEqualTo(ProofCheck.FAILS);
            assertThat(consistency.check(olderRoot, flip(root, random))).isEqualTo(ProofCheck.FAILS);
            damaged(consistency.path(), random)
                    .forEach(path -> assertThat(new ConsistencyProof(older, size, path).check(olderRoot, root))
                            .isEqualTo(ProofCheck.FAILS));
        });
    }

    @Test
    void proofs_readFewTiles() {
        StoredTiles tiles = new StoredTiles(leaves(70_000));
        MerkleProofs.inclusion(new TileNodes(tiles), 12_345, 70_000);
        assertThat(tiles.reads).isLessThanOrEqualTo(6);

        tiles.reads = 0;
        MerkleProofs.consistency(new TileNodes(tiles), 65_537, 70_000);
        assertThat(tiles.reads).isLessThanOrEqualTo(6);
    }

    @Test
    void frontier_loadedAtEverySize_continuesAsIfNeverStopped() {
        List<MerkleHash> leaves = leaves(66_200);
        StoredTiles all = new StoredTiles(leaves);
        for (int size : new int[] {0, 1, 255, 256, 257, 511, 65_535, 65_536, 65_537, 66_000}) {
            Frontier loaded = Frontier.load(all.first(size), size);
            List<Tile> completed = new ArrayList<>();
            for (MerkleHash leaf : leaves.subList(size, Math.min(leaves.size(), size + 600))) {
                completed.addAll(loaded.append(leaf));
            }
            assertThat(loaded.root()).isEqualTo(MerkleProofs.root(new TileNodes(all), 0, loaded.size()));
            assertThat(completed).allMatch(all.tiles::contains);
        }
    }

    private static List<List<MerkleHash>> damaged(List<MerkleHash> path, RandomGenerator random) {
        List<List<MerkleHash>> damaged = new ArrayList<>();
        List<MerkleHash> longer = new ArrayList<>(path);
        longer.add(random.nextInt(path.size() + 1), leaves(1).getFirst());
        damaged.add(longer);
        if (!path.isEmpty()) {
            int at = random.nextInt(path.size());
            List<MerkleHash> flipped = new ArrayList<>(path);
            flipped.set(at, flip(path.get(at), random));
            damaged.add(flipped);
            List<MerkleHash> shorter = new ArrayList<>(path);
            shorter.remove(at);
            damaged.add(shorter);
        }
        return damaged;
    }

    static MerkleHash flip(MerkleHash hash, RandomGenerator random) {
        byte[] bytes = hash.bytes();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return MerkleHash.of(bytes);
    }

    static List<MerkleHash> leaves(int count) {
        List<MerkleHash> leaves = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            leaves.add(MerkleTree.leaf(ByteBuffer.allocate(4).putInt(i).array()));
        }
        return leaves;
    }

    /// RFC 6962 section 2.1, word for word.
    private static MerkleHash definition(List<MerkleHash> leaves) {
        if (leaves.size() == 1) {
            return leaves.getFirst();
        }
        int split = Integer.highestOneBit(leaves.size() - 1);
        return MerkleTree.node(definition(leaves.subList(0, split)), definition(leaves.subList(split, leaves.size())));
    }

    /// What a database would hold.
    private static final class StoredTiles implements TileNodes.Source {
        private final List<MerkleHash> leaves;
        private final List<Tile> tiles = new ArrayList<>();
        private int reads;

        StoredTiles(List<MerkleHash> leaves) {
            this.leaves = leaves;
            Frontier frontier = new Frontier();
            leaves.forEach(leaf -> tiles.addAll(frontier.append(leaf)));
        }

        StoredTiles first(int size) {
            return new StoredTiles(leaves.subList(0, size));
        }

        @Override
        public List<MerkleHash> hashes(int level, long index) {
            reads++;
            for (Tile tile : tiles) {
                if (tile.level() == level && tile.index() == index) {
                    return tile.hashes();
                }
            }
            if (level == 0) {
                int from = (int) index * Tile.WIDTH;
                return leaves.subList(Math.min(from, leaves.size()), Math.min(from + Tile.WIDTH, leaves.size()));
            }
            return tiles.stream()
                    .filter(tile -> tile.level() == level - 1 && tile.index() / Tile.WIDTH == index)
                    .map(Tile::root)
                    .toList();
        }
    }

    private static List<JsonNode> vectors(String kind) throws IOException {
        Path folder = Vectors.folder()
                .map(found -> found.resolve("merkle").resolve(kind))
                .filter(Files::isDirectory)
                .orElseGet(() -> abort("the published vectors are not here"));
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> JSON.readTree(file.toFile()))
                    .toList();
        }
    }

    /// Some cases hold hashes of another length, which cannot even be said here.
    private static boolean hasHashes(JsonNode vector, String... names) {
        for (String name : names) {
            if (bytes(vector.get(name)).length != MerkleHash.SIZE_BYTES
                    && vector.get("wantErr").asBoolean()) {
                return false;
            }
        }
        return vector.get("proof").isNull()
                || vector.get("proof").valueStream().allMatch(hash -> bytes(hash).length == MerkleHash.SIZE_BYTES);
    }

    /// Where a case that holds uses other text in place of a root, its hash stands for it.
    private static MerkleHash hash(JsonNode text) {
        byte[] bytes = bytes(text);
        return bytes.length == MerkleHash.SIZE_BYTES ? MerkleHash.of(bytes) : MerkleHash.of(MerkleTree.sha256(bytes));
    }

    private static List<MerkleHash> path(JsonNode vector) {
        return vector.get("proof").isNull()
                ? List.of()
                : vector.get("proof").valueStream().map(MerkleProofsTest::hash).toList();
    }

    private static byte[] bytes(JsonNode text) {
        return text.isNull() ? new byte[0] : Base64.getDecoder().decode(text.asString());
    }
}
