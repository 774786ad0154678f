package dev.sotto.audit;

import java.util.ArrayList;
import java.util.List;

/// The growing edge of a tree: its tiles that are not complete yet, and its root. Holds at most 255 hashes a
/// level. Not thread-safe.
final class Frontier {
    private final CompactRange range;
    private final List<List<MerkleHash>> levels;

    Frontier() {
        this(new CompactRange(), new ArrayList<>());
    }

    private Frontier(CompactRange range, List<List<MerkleHash>> levels) {
        this.range = range;
        this.levels = levels;
    }

    /// The edge of the first `size` entries of a stored tree.
    static Frontier load(TileNodes.Source source, long size) {
        TileNodes nodes = new TileNodes(source);
        CompactRange range = CompactRange.load(nodes, size);
        List<List<MerkleHash>> levels = new ArrayList<>();
        for (long count = size, level = 0; count > 0; count /= Tile.WIDTH, level++) {
            int width = (int) (count % Tile.WIDTH);
            levels.add(new ArrayList<>(width == 0 ? List.of() : source.first(width, (int) level, count / Tile.WIDTH)));
        }
        return new Frontier(range, levels);
    }

    Frontier copy() {
        List<List<MerkleHash>> copies = new ArrayList<>(levels.size());
        levels.forEach(level -> copies.add(new ArrayList<>(level)));
        return new Frontier(range.copy(), copies);
    }

    long size() {
        return range.size();
    }

    MerkleHash root() {
        return range.root();
    }

    /// Adds a leaf; returns the tiles it completes, lowest level first.
    List<Tile> append(MerkleHash leaf) {
        range.append(leaf);
        List<Tile> completed = new ArrayList<>();
        MerkleHash hash = leaf;
        for (int level = 0; ; level++) {
            if (level == levels.size()) {
                levels.add(new ArrayList<>());
            }
            List<MerkleHash> hashes = levels.get(level);
            hashes.add(hash);
            if (hashes.size() < Tile.WIDTH) {
                return completed;
            }
            long index = (range.size() >>> (Tile.HEIGHT * (level + 1))) - 1;
            Tile tile = new Tile(level, index, hashes);
            completed.add(tile);
            hashes.clear();
            hash = tile.root();
        }
    }
}
