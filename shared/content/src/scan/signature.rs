//! The EICAR test signature, which every scanner knows and which harms nobody. It is never written out here: the
//! sources and the binaries of this project would be quarantined themselves.

use memchr::memmem::Finder;

/// The signature's parts, last first so that they do not lie in order in the binary.
const PARTS: [&str; 3] = ["$H+H*", "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!", r"X5O!P%@AP[4\PZX54(P^)7CC)7}"];

fn test_signature() -> Vec<u8> {
    PARTS.iter().rev().flat_map(|part| part.bytes()).collect()
}

/// Finds the signature in a stream of pieces.
pub(crate) struct Matcher {
    finder: Finder<'static>,
    tail: Vec<u8>,
}

impl Matcher {
    pub fn new() -> Self {
        Self { finder: Finder::new(&test_signature()).into_owned(), tail: Vec::new() }
    }

    /// Whether the signature ends in this piece.
    pub fn feed(&mut self, piece: &[u8]) -> bool {
        let overlap = self.finder.needle().len() - 1;
        let mut seam = std::mem::take(&mut self.tail);
        seam.extend_from_slice(piece.get(..piece.len().min(overlap)).unwrap_or_default());
        let found = self.finder.find(&seam).is_some() || self.finder.find(piece).is_some();
        let joined = if piece.len() >= overlap { piece } else { seam.as_slice() };
        self.tail = joined.get(joined.len().saturating_sub(overlap)..).unwrap_or_default().to_vec();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_standard_one() {
        let digest = ring::digest::digest(&ring::digest::SHA256, &test_signature());
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
    }

    #[test]
    fn it_is_found_across_pieces_of_any_size() {
        let signature = test_signature();
        let stream = [b"before".as_slice(), &signature, b"after"].concat();
        for size in [1, 7, 67, 68, 69, 1000] {
            let mut matcher = Matcher::new();
            assert!(stream.chunks(size).any(|piece| matcher.feed(piece)), "pieces of {size}");
        }
        let mut matcher = Matcher::new();
        assert!(!signature[..67].chunks(5).any(|piece| matcher.feed(piece)));
    }
}
