//! The file in scratch space, measured on its way there: content is read back and forth, object storage is not.
//!
//! The scratch file has no name, so nothing of a patient is left behind however the process ends. A file that
//! is larger than the space is measured whole and looked into as far as it fits.

use api::Problem;
use ring::digest::{Context, SHA256};
use std::{
    fs::File,
    io::{ErrorKind, Seek, SeekFrom},
};
use tokio::io::AsyncWriteExt;
use vault::ByteStream;

/// Bytes of a file that are looked into: what a Lambda function's scratch space holds, and room beside it.
const EXAMINED_BYTES: u64 = 10_000_000_000;

/// A file as it came out of object storage.
pub struct Copy {
    pub file: File,
    pub size_bytes: u64,
    /// Hexadecimal, of the whole file.
    pub sha256: String,
    /// Whether the whole file is here.
    pub whole: bool,
}

/// Copies the bytes of an object.
pub async fn copy(mut stream: ByteStream) -> Result<Copy, Problem> {
    let mut scratch = Scratch::new()?;
    let (mut size_bytes, mut digest) = (0_u64, Context::new(&SHA256));
    while let Some(chunk) = stream.try_next().await.map_err(Problem::internal)? {
        digest.update(&chunk);
        size_bytes = size_bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        scratch.take(&chunk, size_bytes).await?;
    }
    let sha256 = digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let (file, whole) = scratch.finish().await?;
    Ok(Copy { file, size_bytes, sha256, whole })
}

/// A nameless file that takes what fits.
struct Scratch {
    file: tokio::fs::File,
    full: bool,
}

impl Scratch {
    fn new() -> Result<Self, Problem> {
        let file = tempfile::tempfile().map_err(Problem::internal)?;
        Ok(Self { file: tokio::fs::File::from_std(file), full: false })
    }

    /// Takes another chunk, with which `size_bytes` have come in all.
    async fn take(&mut self, chunk: &[u8], size_bytes: u64) -> Result<(), Problem> {
        self.full |= size_bytes > EXAMINED_BYTES;
        if self.full {
            return Ok(());
        }
        let written = self.file.write_all(chunk).await;
        self.note(written)
    }

    async fn finish(mut self) -> Result<(File, bool), Problem> {
        // Writes are handed to another thread: the last one tells only here that it found no room.
        let flushed = self.file.flush().await;
        self.note(flushed)?;
        let mut file = self.file.into_std().await;
        file.seek(SeekFrom::Start(0)).map_err(Problem::internal)?;
        Ok((file, !self.full))
    }

    fn note(&mut self, written: std::io::Result<()>) -> Result<(), Problem> {
        match written {
            Ok(()) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                self.full = true;
                Ok(())
            }
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[tokio::test]
    async fn what_fits_is_kept_and_the_rest_is_told() {
        let mut scratch = Scratch::new().unwrap();
        scratch.take(b"abc", 3).await.unwrap();
        scratch.take(b"def", EXAMINED_BYTES + 1).await.unwrap();
        // Once something was left out, what follows would stand in the wrong place.
        scratch.take(b"ghi", EXAMINED_BYTES + 4).await.unwrap();
        let (mut file, whole) = scratch.finish().await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), whole), ("abc", false));
    }

    #[tokio::test]
    async fn a_full_disk_is_no_failure() {
        let mut scratch = Scratch::new().unwrap();
        scratch.note(Err(ErrorKind::StorageFull.into())).unwrap();
        assert!(!scratch.finish().await.unwrap().1);
        let mut scratch = Scratch::new().unwrap();
        assert!(scratch.note(Err(ErrorKind::PermissionDenied.into())).is_err());
    }
}
