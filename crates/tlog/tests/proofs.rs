//! Trees, tiles and proofs, as an outsider meets them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::BTreeMap;

use locum_tlog::{
    EMPTY_ROOT, Hash, MemoryTiles, ProofError, ProveError, Tile, TileError, TileSource, Tree,
    consistency_proof, inclusion_proof, leaf_hash, leaf_hash_at, root_of, verify_consistency,
    verify_inclusion,
};
use proptest::prelude::*;

/// A leaf hash that costs nothing.
fn cheap(index: u64) -> Hash {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&index.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    bytes[31] = 1;
    Hash::from_bytes(bytes)
}

fn tiles_of(size: u64) -> MemoryTiles {
    MemoryTiles::from_leaves((0..size).map(cheap))
}

/// RFC 6962, section 2.1, word for word.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            locum_tlog::node_hash(defined_root(left), defined_root(right))
        }
    }
}

/// What a store keeps: full tiles, and the leaf hashes of the tail.
#[derive(Default)]
struct Stored {
    full: BTreeMap<(u8, u64), Vec<u8>>,
    leaves: Vec<Hash>,
}

impl Stored {
    fn keep(&mut self, leaf: Hash, tiles: Vec<Tile>) {
        self.leaves.push(leaf);
        for tile in tiles {
            let before = self.full.insert((tile.level, tile.index), tile.bytes);
            assert_eq!(before, None, "a tile is completed once");
        }
    }
}

impl TileSource for Stored {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        let absent = TileError::Absent {
            level,
            index,
            width,
        };
        if width == 256 {
            return self.full.get(&(level, index)).cloned().ok_or(absent);
        }
        let first = usize::try_from(index * 256).unwrap();
        let leaves = self.leaves.get(first..first + usize::from(width));
        match leaves.filter(|_| level == 0) {
            Some(leaves) => Ok(leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect()),
            None => Err(absent),
        }
    }
}

/// The leaves of RFC 6962's reference implementation.
const REFERENCE_LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// Its roots of the trees over the first one, two, … of them.
const REFERENCE_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn reference_tree() -> MemoryTiles {
    let unhex = |text: &str| hex::decode(text).unwrap();
    MemoryTiles::from_leaves(REFERENCE_LEAVES.map(|leaf| leaf_hash(&unhex(leaf))))
}

#[test]
fn the_reference_trees_of_rfc_6962_have_their_known_roots() {
    assert_eq!(Tree::new().root(), EMPTY_ROOT);
    let mut tree = Tree::new();
    for (leaf, root) in REFERENCE_LEAVES.into_iter().zip(REFERENCE_ROOTS) {
        let full = tree.append(leaf_hash(&hex::decode(leaf).unwrap()));
        assert_eq!(full, []);
        assert_eq!(tree.root().to_string(), root);
    }
}

#[test]
fn the_reference_proofs_of_rfc_6962_come_out() {
    let tiles = reference_tree();
    let path: Vec<String> = inclusion_proof(&tiles, 8, 0)
        .unwrap()
        .iter()
        .map(Hash::to_string)
        .collect();
    assert_eq!(
        path,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    let proof: Vec<String> = consistency_proof(&tiles, 6, 8)
        .unwrap()
        .iter()
        .map(Hash::to_string)
        .collect();
    assert_eq!(
        proof,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn a_tree_taken_up_from_its_tiles_is_the_tree_that_was_left() {
    let mut stored = Stored::default();
    let mut tree = Tree::new();
    let interesting = |size: u64| {
        size < 3 || [255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792].contains(&size)
    };
    for size in 0..=65_792 {
        if interesting(size) {
            let taken_up = Tree::from_full_tiles_and_tail(size, &stored).unwrap();
            assert_eq!(taken_up, tree, "size {size}");
            assert_eq!(taken_up.root(), root_of(&stored, size).unwrap());
        }
        let leaf = cheap(size);
        let full = tree.append(leaf);
        stored.keep(leaf, full);
    }
    assert_eq!(stored.full.len(), 257 + 1);
    assert_eq!(stored.full[&(1, 0)].len(), 8_192);
}

#[test]
fn a_tree_grows_by_leaves_and_its_root_is_the_defined_one() {
    let leaves: Vec<Hash> = (0..600).map(cheap).collect();
    let mut tree = Tree::new();
    for size in 0..leaves.len() {
        assert_eq!(tree.root(), defined_root(&leaves[..size]), "size {size}");
        let _full = tree.append(leaves[size]);
    }
}

#[test]
fn the_right_edge_is_served_as_partial_tiles() {
    let tiles = tiles_of(600);
    let edge: Vec<(u8, u64, u16)> = tiles
        .tree()
        .partial_tiles()
        .map(|tile| (tile.level, tile.index, tile.width))
        .collect();
    assert_eq!(edge, [(0, 2, 88), (1, 0, 2)]);
    let full = tiles_of(256);
    assert_eq!(full.tree().partial_tile(0), None);
    assert_eq!(full.tree().partial_tile(1).unwrap().width, 1);
    assert_eq!(
        full.tree().partial_tile(1).unwrap().bytes,
        full.tree().root().as_bytes()
    );
}

#[test]
fn proofs_reach_across_tile_borders_at_every_level() {
    let mut stored = Stored::default();
    let mut tree = Tree::new();
    let mut roots = BTreeMap::new();
    let sizes = [
        1, 2, 255, 256, 257, 300, 65_535, 65_536, 65_537, 65_900, 66_000,
    ];
    for index in 0..66_000 {
        let full = tree.append(cheap(index));
        stored.keep(cheap(index), full);
        if sizes.contains(&(index + 1)) {
            roots.insert(index + 1, tree.root());
        }
    }
    for (size, root) in &roots {
        for index in [0, 1, 254, 255, 256, 65_534, 65_535, 65_536, size - 1] {
            if index < *size {
                let proof = inclusion_proof(&stored, *size, index).unwrap();
                verify_inclusion(&proof, *size, *root, index, cheap(index)).unwrap();
                assert_eq!(leaf_hash_at(&stored, *size, index).unwrap(), cheap(index));
            }
        }
        for (old, old_root) in roots.range(..=size) {
            let proof = consistency_proof(&stored, *old, *size).unwrap();
            verify_consistency(&proof, *old, *old_root, *size, *root).unwrap();
        }
    }
}

#[test]
fn every_log_begins_with_the_empty_tree() {
    let tiles = tiles_of(5);
    let root = tiles.tree().root();
    assert_eq!(consistency_proof(&tiles, 0, 5).unwrap(), []);
    verify_consistency(&[], 0, EMPTY_ROOT, 5, root).unwrap();
    verify_consistency(&[], 0, EMPTY_ROOT, 0, EMPTY_ROOT).unwrap();
    verify_consistency(&[], 5, root, 5, root).unwrap();
    let mismatch = Err(ProofError::Mismatch);
    assert_eq!(verify_consistency(&[], 0, root, 5, root), mismatch);
    assert_eq!(
        verify_consistency(&[root], 0, EMPTY_ROOT, 5, root),
        mismatch
    );
    assert_eq!(verify_consistency(&[], 0, EMPTY_ROOT, 0, root), mismatch);
    assert_eq!(verify_consistency(&[], 5, EMPTY_ROOT, 5, root), mismatch);
}

#[test]
fn impossible_questions_get_typed_answers() {
    let tiles = tiles_of(5);
    let root = tiles.tree().root();
    let max = u64::MAX;
    assert!(matches!(
        inclusion_proof(&tiles, 5, 5),
        Err(ProveError::OutsideTree { index: 5, size: 5 })
    ));
    assert!(matches!(
        consistency_proof(&tiles, 6, 5),
        Err(ProveError::NotOlder { old: 6, new: 5 })
    ));
    assert!(matches!(
        inclusion_proof(&tiles, max, 5),
        Err(ProveError::TooLarge(_))
    ));
    assert!(matches!(
        consistency_proof(&tiles, 1, max),
        Err(ProveError::TooLarge(_))
    ));
    assert!(matches!(root_of(&tiles, max), Err(ProveError::TooLarge(_))));
    assert!(matches!(
        root_of(&tiles, 6),
        Err(ProveError::Tile(TileError::Absent { .. }))
    ));
    assert!(matches!(
        inclusion_proof(&tiles, locum_tlog::MAX_SIZE, 5),
        Err(ProveError::Tile(_))
    ));
    assert!(Tree::from_full_tiles_and_tail(6, &tiles).is_err());
    assert!(leaf_hash_at(&tiles, 5, 5).is_err());
    let too_large = Err(ProofError::TooLarge(max));
    assert_eq!(verify_inclusion(&[], max, root, 0, root), too_large);
    assert_eq!(verify_consistency(&[], 1, root, max, root), too_large);
    assert!(verify_inclusion(&[], 5, root, 5, root).is_err());
    assert!(verify_consistency(&[], 6, root, 5, root).is_err());
}

/// A source that answers with the wrong number of bytes.
struct Short(MemoryTiles);

impl TileSource for Short {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        let mut tile = self.0.tile(level, index, width)?;
        tile.pop();
        Ok(tile)
    }
}

#[test]
fn a_source_that_miscounts_is_refused() {
    let short = Short(tiles_of(300));
    assert!(matches!(
        inclusion_proof(&short, 300, 7),
        Err(ProveError::Tile(TileError::WrongLength { .. }))
    ));
    assert!(Tree::from_full_tiles_and_tail(300, &short).is_err());
}

/// A source that changes one byte of every tile.
struct Wrong(MemoryTiles);

impl TileSource for Wrong {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        let mut tile = self.0.tile(level, index, width)?;
        tile[3] ^= 1;
        Ok(tile)
    }
}

#[test]
fn a_source_that_lies_yields_proofs_that_do_not_verify() {
    let honest = tiles_of(300);
    let root = honest.tree().root();
    let wrong = Wrong(honest);
    let proof = inclusion_proof(&wrong, 300, 7).unwrap();
    assert_eq!(
        verify_inclusion(&proof, 300, root, 7, cheap(7)),
        Err(ProofError::Mismatch)
    );
    assert_ne!(root_of(&wrong, 300).unwrap(), root);
}

/// The hash with one bit changed.
fn flipped(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_inclusion_proof_verifies_and_no_changed_one_does(
        size in 1_u64..700,
        pick in any::<prop::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let tiles = tiles_of(size);
        let root = tiles.tree().root();
        let index = pick.index(usize::try_from(size).unwrap()) as u64;
        let leaf = cheap(index);
        let proof = inclusion_proof(&tiles, size, index).unwrap();
        prop_assert_eq!(verify_inclusion(&proof, size, root, index, leaf), Ok(()));

        let mismatch = Err(ProofError::Mismatch);
        for place in 0..proof.len() {
            let mut other = proof.clone();
            other[place] = flipped(other[place], bit);
            prop_assert_eq!(verify_inclusion(&other, size, root, index, leaf), mismatch);
            let mut shorter = proof.clone();
            shorter.remove(place);
            prop_assert_eq!(verify_inclusion(&shorter, size, root, index, leaf), mismatch);
        }
        let longer = [proof.as_slice(), &[leaf]].concat();
        prop_assert_eq!(verify_inclusion(&longer, size, root, index, leaf), mismatch);
        let other = flipped(root, bit);
        prop_assert_eq!(verify_inclusion(&proof, size, other, index, leaf), mismatch);
        let other = flipped(leaf, bit);
        prop_assert_eq!(verify_inclusion(&proof, size, root, index, other), mismatch);
        for other in (0..size).filter(|other| *other != index) {
            prop_assert_eq!(verify_inclusion(&proof, size, root, other, leaf), mismatch);
        }
    }

    #[test]
    fn a_consistency_proof_verifies_and_no_changed_one_does(
        new in 1_u64..700,
        pick in any::<prop::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let tiles = tiles_of(new);
        let root = tiles.tree().root();
        let old = pick.index(usize::try_from(new).unwrap()) as u64 + 1;
        let old_root = root_of(&tiles, old).unwrap();
        prop_assert_eq!(tiles_of(old).tree().root(), old_root);
        let proof = consistency_proof(&tiles, old, new).unwrap();
        prop_assert_eq!(verify_consistency(&proof, old, old_root, new, root), Ok(()));

        let mismatch = Err(ProofError::Mismatch);
        for place in 0..proof.len() {
            let mut other = proof.clone();
            other[place] = flipped(other[place], bit);
            prop_assert_eq!(verify_consistency(&other, old, old_root, new, root), mismatch);
        }
        let longer = [proof.as_slice(), &[root]].concat();
        prop_assert_eq!(verify_consistency(&longer, old, old_root, new, root), mismatch);
        let other = flipped(root, bit);
        prop_assert_eq!(verify_consistency(&proof, old, old_root, new, other), mismatch);
        let other = flipped(old_root, bit);
        prop_assert_eq!(verify_consistency(&proof, old, other, new, root), mismatch);
    }

    #[test]
    fn no_proof_whatever_makes_the_verifier_panic(
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash::from_bytes), 0..70),
        size in any::<u64>(),
        index in any::<u64>(),
        hash in any::<[u8; 32]>().prop_map(Hash::from_bytes),
    ) {
        prop_assert!(verify_inclusion(&proof, size, hash, index, cheap(1)).is_err());
        prop_assert!(verify_consistency(&proof, index, cheap(1), size, hash).is_err());
    }
}
