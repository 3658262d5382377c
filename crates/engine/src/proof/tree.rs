//! The Merkle tree of RFC 6962, section 2.1: its root as leaves come, the way from a leaf to the root, and back.

/// BLAKE3.
pub type Hash = [u8; 32];

/// A leaf's hash: no node can be taken for one.
#[must_use]
pub fn leaf(bytes: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[0]).update(bytes);
    *hasher.finalize().as_bytes()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    *blake3::hash(&bytes).as_bytes()
}

/// A tree that grows: the roots of its whole subtrees, one for each bit of the count of leaves.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    peaks: Vec<Hash>,
    leaves: u64,
}

impl Tree {
    /// Adds a leaf's hash.
    pub fn add(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut count = self.leaves;
        while count & 1 == 1 {
            let left = self.peaks.pop().expect("a whole subtree for each bit");
            hash = node(&left, &hash);
            count >>= 1;
        }
        self.peaks.push(hash);
        self.leaves += 1;
    }

    /// The root over what was added; that of nothing is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return *blake3::hash(&[]).as_bytes() };
        peaks.fold(*last, |right, left| node(left, &right))
    }
}

/// The root over leaves.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.add(*leaf));
    tree.root()
}

/// Where a tree over so many leaves divides: the largest power of two below their count.
const fn split(leaves: u64) -> u64 {
    1 << (63 - (leaves - 1).leading_zeros())
}

/// The hashes beside the way from a leaf to the root, from below.
///
/// # Panics
/// If there is no such leaf.
#[must_use]
pub fn inclusion(leaves: &[Hash], at: usize) -> Vec<Hash> {
    assert!(at < leaves.len(), "leaf {at} of {}", leaves.len());
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
    let (mut path, beside) = if at < left.len() {
        (inclusion(left, at), root_of(right))
    } else {
        (inclusion(right, at - left.len()), root_of(left))
    };
    path.push(beside);
    path
}

/// The root that a leaf and its path lead to; `None` if the path is not one of that leaf in a tree of that size.
pub(super) fn climb(leaf: Hash, at: u64, leaves: u64, path: &[Hash]) -> Option<Hash> {
    if at >= leaves {
        return None;
    }
    if leaves == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (beside, below) = path.split_last()?;
    let left = split(leaves);
    if at < left {
        Some(node(&climb(leaf, at, left, below)?, beside))
    } else {
        Some(node(beside, &climb(leaf, at - left, leaves - left, below)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|i| leaf(&[i])).collect()
    }

    /// The shape of RFC 6962 by hand: of seven leaves four stand left, then two, then one.
    #[test]
    fn the_tree_has_the_shape_of_the_rfc() {
        let l = leaves(7);
        let four = node(&node(&l[0], &l[1]), &node(&l[2], &l[3]));
        let three = node(&node(&l[4], &l[5]), &l[6]);
        assert_eq!(root_of(&l), node(&four, &three));
        assert_eq!(inclusion(&l, 6), [node(&l[4], &l[5]), four]);
        assert_eq!(inclusion(&l, 2), [l[3], node(&l[0], &l[1]), three]);
        assert_eq!(root_of(&[]), *blake3::hash(b"").as_bytes());
        assert_eq!(root_of(&l[..1]), l[0]);
    }

    #[test]
    fn every_leaf_of_every_small_tree_climbs_to_its_root_and_no_other_does() {
        for count in 1..=33 {
            let l = leaves(count);
            let root = root_of(&l);
            for at in 0..l.len() {
                let path = inclusion(&l, at);
                let climb = |leaf, at: usize, path: &[Hash]| climb(leaf, at as u64, u64::from(count), path);
                assert_eq!(climb(l[at], at, &path), Some(root));
                assert_ne!(climb(leaf(&[99]), at, &path), Some(root));
                assert_ne!(climb(l[at], at + 1, &path), Some(root));
                if !path.is_empty() {
                    assert_eq!(climb(l[at], at, &path[1..]), None);
                    let mut other = path.clone();
                    other[0][0] ^= 1;
                    assert_ne!(climb(l[at], at, &other), Some(root));
                }
                let longer = [&path[..], &[root]].concat();
                assert_eq!(climb(l[at], at, &longer), None);
            }
        }
    }
}
