//! Files of any size that no compression shrinks.

use super::{TestFile, mix};
use std::io::{Read, Result};

/// Bytes from a seed, without an end: take as many as a test needs.
#[derive(Clone, Debug)]
pub struct Noise {
    seed: u64,
    at: u64,
}

impl Noise {
    pub const fn new(seed: u64) -> Self {
        Self { seed, at: 0 }
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        // Whole words only, so that the bytes do not depend on how they are asked for.
        if buffer.len() < 8 {
            let word = mix(self.seed, self.at / 8).to_le_bytes();
            let from = (self.at % 8) as usize;
            let taken = buffer.len().min(8 - from);
            buffer[..taken].copy_from_slice(&word[from..from + taken]);
            self.at += taken as u64;
            return Ok(taken);
        }
        if !self.at.is_multiple_of(8) {
            let short = (8 - self.at % 8) as usize;
            return self.read(&mut buffer[..short]);
        }
        let mut taken = 0;
        for chunk in buffer.chunks_exact_mut(8) {
            chunk.copy_from_slice(&mix(self.seed, self.at / 8).to_le_bytes());
            self.at += 8;
            taken += 8;
        }
        Ok(taken)
    }
}

/// A file of `size_bytes` that is nothing in particular.
pub fn bulk(seed: u64, size_bytes: usize) -> TestFile {
    let mut bytes = vec![0; size_bytes];
    Noise::new(seed).read_exact(&mut bytes).expect("noise has no end");
    TestFile::new(format!("export-{seed}.bin"), "application/octet-stream", bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_does_not_depend_on_how_it_is_read() {
        let whole = bulk(3, 1000).bytes;
        let mut pieces = Vec::new();
        let mut noise = Noise::new(3);
        for size in [1, 7, 8, 3, 64, 5, 500, 412] {
            let mut piece = vec![0; size];
            noise.read_exact(&mut piece).unwrap();
            pieces.extend(piece);
        }
        assert_eq!(pieces, whole);
    }
}
