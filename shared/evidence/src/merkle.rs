//! A Merkle tree over SHA-256 (RFC 6962, section 2.1): one digest for a whole list, and for each entry a short path by
//! which anybody who knows the digest can check that the entry is in the list, without seeing any other.
//!
//! Leaves and nodes are hashed with different first bytes, so that no node can be passed off as a leaf.

use ring::digest::{Context, SHA256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// A SHA-256, in hexadecimal where people and programs read it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Digest([u8; 32]);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a digest is 64 hexadecimal digits in lower case")]
pub struct NotDigest;

impl Digest {
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of bytes that stand in no tree.
    pub fn of(bytes: &[u8]) -> Self {
        hashed(&[bytes])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = NotDigest;

    fn from_str(text: &str) -> Result<Self, NotDigest> {
        let lower = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if text.len() != 64 || !text.chars().all(lower) {
            return Err(NotDigest);
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            let digits = text.get(at..at + 2).ok_or(NotDigest)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotDigest)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = NotDigest;

    fn try_from(text: String) -> Result<Self, NotDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

fn hashed(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Digest(bytes)
}

/// The hash of an entry.
pub fn leaf(entry: &[u8]) -> Digest {
    hashed(&[&[LEAF], entry])
}

fn node(left: Digest, right: Digest) -> Digest {
    hashed(&[&[NODE], &left.0, &right.0])
}

/// The root over the hashes of the entries; of none, the digest of nothing.
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [only] => *only,
        more => {
            let (left, right) = more.split_at(split(more.len()));
            node(root(left), root(right))
        }
    }
}

/// The greatest power of two below `size`, which is at least 2.
const fn split(size: usize) -> usize {
    1 << (usize::BITS - 1 - (size - 1).leading_zeros())
}

/// The hashes beside the way from a leaf up to the root, from the bottom; `None` of a leaf that is not there.
pub fn path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut below, beside) = if index < left.len() {
        (path(left, index)?, root(right))
    } else {
        (path(right, index - left.len())?, root(left))
    };
    below.push(beside);
    Some(below)
}

/// Whether a leaf is the entry at `index` of a list of `size` entries with this root (RFC 9162, section 2.1.3.2).
pub fn proves(leaf: Digest, index: u64, size: u64, path: &[Digest], root: Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(*beside, hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, *beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(entries: &[&[u8]]) -> Vec<Digest> {
        entries.iter().map(|entry| leaf(entry)).collect()
    }

    /// The test vectors that implementations of RFC 6962 share.
    #[test]
    fn roots_are_those_of_the_standard() {
        let entries: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let all = leaves(&entries);
        for (size, expected) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(root(&all[..size]).to_string(), expected, "{size} entries");
        }
    }

    #[test]
    fn a_digest_reads_back_and_nothing_else_does() {
        let digest = Digest::of(b"x");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for wrong in ["", "00", &"0".repeat(63), &"G".repeat(64), &"A".repeat(64), &"é".repeat(32)] {
            assert_eq!(wrong.parse::<Digest>(), Err(NotDigest), "{wrong}");
        }
    }

    proptest! {
        /// Each entry is proved by its own path, and by no other place, size, entry or path.
        #[test]
        fn a_path_proves_its_entry_and_nothing_else(
            entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 1..40),
            at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), flip in 0_usize..32,
        ) {
            // Each entry another one.
            let hashes: Vec<Digest> =
                entries.iter().enumerate().map(|(n, entry)| leaf(&[&[n as u8][..], entry].concat())).collect();
            let (index, size, root) = (at.index(hashes.len()), hashes.len() as u64, root(&hashes));
            let way = path(&hashes, index).unwrap();
            prop_assert!(proves(hashes[index], index as u64, size, &way, root));
            prop_assert!(way.len() <= 6);
            let elsewhere = other.index(hashes.len());
            if elsewhere != index {
                prop_assert!(!proves(hashes[elsewhere], index as u64, size, &way, root));
                prop_assert!(!proves(hashes[index], elsewhere as u64, size, &way, root));
            }
            prop_assert!(!proves(hashes[index], index as u64, 0, &way, root));
            if let Some((_, shorter)) = way.split_last() {
                prop_assert!(!proves(hashes[index], index as u64, size, shorter, root));
            }
            let mut bent = way.clone();
            bent.push(root);
            prop_assert!(!proves(hashes[index], index as u64, size, &bent, root));
            if let Some(first) = bent.first_mut() {
                first.0[flip] ^= 1;
                bent.pop();
                if !bent.is_empty() {
                    prop_assert!(!proves(hashes[index], index as u64, size, &bent, root));
                }
            }
        }

        /// Another list has another root, whichever entry differs; and a node is no leaf.
        #[test]
        fn a_root_knows_its_list(size in 1_usize..40, at in any::<prop::sample::Index>()) {
            let hashes: Vec<Digest> = (0..size).map(|n| leaf(&[n as u8])).collect();
            let mut changed = hashes.clone();
            changed[at.index(size)] = leaf(b"another");
            prop_assert_ne!(root(&hashes), root(&changed));
            prop_assert_ne!(root(&hashes), root(&hashes[..size - 1]));
            if size > 1 {
                let joined = [hashes[0].0, hashes[1].0].concat();
                prop_assert_ne!(leaf(&joined), root(&hashes[..2]));
            }
            prop_assert_eq!(path(&hashes, size), None);
        }
    }
}
