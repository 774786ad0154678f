package dev.sotto.audit;

import dev.sotto.core.IntegrityException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The nodes of a tree, computed from its tiles. Each tile is read at most once, so a proof takes O(log n)
/// reads. Made for one proof. Not thread-safe.
final class TileNodes implements MerkleProofs.Nodes {
    private final Source source;
    private final Map<Place, List<MerkleHash>> read = new HashMap<>();

    TileNodes(Source source) {
        this.source = source;
    }

    private record Place(int level, long index) {}

    /// Where tiles are kept.
    interface Source {
        /// The hashes there are of a tile, which may not be complete yet: 0 to 256.
        List<MerkleHash> hashes(int level, long index);

        /// Exactly the first `width`.
        ///
        /// @throws IntegrityException if there are fewer
        default List<MerkleHash> first(int width, int level, long index) {
            return first(hashes(level, index), width, level, index);
        }

        private static List<MerkleHash> first(List<MerkleHash> hashes, int width, int level, long index) {
            if (hashes.size() < width) {
                throw new IntegrityException(
                        AuditError.AUDIT_DAMAGED,
                        "tile (level %d, index %d) must have %d hashes, not %d"
                                .formatted(level, index, width, hashes.size()));
            }
            return hashes.subList(0, width);
        }
    }

    @Override
    public MerkleHash node(int height, long index) {
        int level = height / Tile.HEIGHT;
        int heightInTile = height % Tile.HEIGHT;
        long first = index << heightInTile;
        int offset = (int) (first % Tile.WIDTH);
        int end = offset + (1 << heightInTile);
        Place place = new Place(level, first / Tile.WIDTH);
        List<MerkleHash> hashes = read.computeIfAbsent(place, at -> source.hashes(at.level(), at.index()));
        return MerkleTree.root(
                Source.first(hashes, end, place.level(), place.index()).subList(offset, end));
    }
}
