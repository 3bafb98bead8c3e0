//! How an object's bytes are sealed on disk.
//!
//! A blob is a row of chunks, each AES-256-GCM over 64 KiB of content (the
//! last may be shorter, or empty when the blob is). The nonce is the chunk's
//! index and whether it is the last, and the blob's id is authenticated with
//! it: a chunk cannot be moved, repeated, dropped or put into another blob. A
//! data key seals one blob only, so nonces never repeat under a key.

use std::ops::Range;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use uuid::Uuid;

use super::error::{Result, S3Error};

/// Content bytes per chunk.
pub(super) const CHUNK_LEN: usize = 64 * 1024;
const TAG_LEN: usize = 16;
/// Bytes of a whole chunk on disk.
pub(super) const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;
pub(super) const KEY_LEN: usize = 32;

/// Seals or opens the chunks of one blob.
pub(super) struct Cipher {
    key: LessSafeKey,
    blob: Uuid,
}

impl Cipher {
    pub(super) fn new(key: &[u8], blob: Uuid) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key)
            .map_err(|_| S3Error::Corrupt("a data key has the wrong length".into()))?;
        Ok(Self { key: LessSafeKey::new(key), blob })
    }

    /// Appends the sealed form of `content`, chunk `index` of the blob, to `out`.
    pub(super) fn seal(&self, index: u64, last: bool, content: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        out.extend_from_slice(content);
        let chunk = out.get_mut(start..).unwrap_or_default();
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce(index, last), Aad::from(self.blob.as_bytes()), chunk)
            .map_err(|_| S3Error::Corrupt("a chunk cannot be sealed".into()))?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens a sealed chunk in place.
    pub(super) fn open<'a>(&self, index: u64, last: bool, sealed: &'a mut [u8]) -> Result<&'a [u8]> {
        let opened = self.key.open_in_place(nonce(index, last), Aad::from(self.blob.as_bytes()), sealed);
        match opened {
            Ok(content) => Ok(content),
            Err(_) => Err(S3Error::Corrupt(format!("chunk {index} of blob {} is damaged", self.blob))),
        }
    }
}

fn nonce(index: u64, last: bool) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    let (flag, counter) = bytes.split_at_mut(NONCE_LEN - size_of::<u64>());
    flag.fill(u8::from(last));
    counter.copy_from_slice(&index.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

/// Where the chunks of a blob lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    len: u64,
}

impl Layout {
    /// The layout of a blob with `len` bytes of content.
    pub(super) fn new(len: u64) -> Self {
        Self { len }
    }

    pub(super) fn last_chunk(self) -> u64 {
        self.len.saturating_sub(1) / CHUNK_LEN as u64
    }

    /// The chunk that holds the content byte at `offset`.
    pub(super) fn chunk_at(offset: u64) -> u64 {
        offset / CHUNK_LEN as u64
    }

    /// The content bytes of a chunk.
    pub(super) fn content(self, chunk: u64) -> Range<u64> {
        let start = chunk.saturating_mul(CHUNK_LEN as u64);
        start..start.saturating_add(CHUNK_LEN as u64).min(self.len).max(start)
    }

    /// The bytes on disk of a chunk.
    pub(super) fn sealed(self, chunk: u64) -> Range<u64> {
        let content = self.content(chunk);
        let start = chunk.saturating_mul(SEALED_CHUNK_LEN as u64);
        start..start + (content.end - content.start) + TAG_LEN as u64
    }

    /// How long the blob is on disk.
    pub(super) fn sealed_len(self) -> u64 {
        self.sealed(self.last_chunk()).end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(blob: u128) -> Cipher {
        Cipher::new(&[7; KEY_LEN], Uuid::from_u128(blob)).expect("a key")
    }

    #[test]
    fn a_chunk_opens_only_in_its_place() {
        let mut sealed = Vec::new();
        cipher(1).seal(3, false, b"a patient's secret", &mut sealed).expect("sealed");
        assert_eq!(cipher(1).open(3, false, &mut sealed.clone()).expect("opened"), b"a patient's secret");
        assert!(cipher(1).open(4, false, &mut sealed.clone()).is_err(), "moved");
        assert!(cipher(1).open(3, true, &mut sealed.clone()).is_err(), "made the last");
        assert!(cipher(2).open(3, false, &mut sealed.clone()).is_err(), "put into another blob");
        sealed[0] ^= 1;
        assert!(cipher(1).open(3, false, &mut sealed).is_err(), "altered");
    }

    #[test]
    fn layouts_agree_at_the_edges() {
        let chunk = CHUNK_LEN as u64;
        for (len, last, on_disk) in [
            (0, 0, 16),
            (1, 0, 17),
            (chunk, 0, chunk + 16),
            (chunk + 1, 1, chunk + 33),
            (3 * chunk, 2, 3 * chunk + 48),
        ] {
            let layout = Layout::new(len);
            assert_eq!(layout.last_chunk(), last, "{len}");
            assert_eq!(layout.sealed_len(), on_disk, "{len}");
            assert_eq!(layout.content(last).end, len, "{len}");
        }
    }
}
