//! Files that must never become part of a chart unseen.

use super::TestFile;
use flate2::{Compress, Compression, Crc, FlushCompress};

/// The EICAR test signature, which every scanner knows and which harms nothing. It is put together only
/// while a test runs, so that no file of this repository holds it.
pub fn malware_signature() -> TestFile {
    let mut parts = ["$H+H*", "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!", r"X5O!P%@AP[4\PZX54(P^)7CC)7}"];
    parts.reverse();
    TestFile::new("invoice.txt", "text/plain", parts.concat().into_bytes())
}

/// A text that claims to be an X-ray.
pub fn text_named_as_dicom() -> TestFile {
    let text = "This is not a picture of anything.\n".repeat(40);
    TestFile::new("chest-pa.dcm", "application/dicom", text.into_bytes())
}

/// Megabytes that the bomb unpacks to.
const BOMB_MIB: u32 = 1024;
const MIB: usize = 1024 * 1024;

/// An archive of one megabyte that unpacks to a gigabyte.
pub fn zip_bomb() -> TestFile {
    let zeros = vec![0; MIB];
    // A piece that ends on a full flush refers to nothing before it, so it can be repeated.
    let piece = deflated(&zeros, FlushCompress::Full);
    let mut packed = piece.repeat(BOMB_MIB as usize);
    packed.extend(deflated(&[], FlushCompress::Finish));
    let mut one = Crc::new();
    one.update(&zeros);
    let mut all = Crc::new();
    (0..BOMB_MIB).for_each(|_| all.combine(&one));
    let entry = Entry { name: "statement.csv", packed, checksum: all.sum(), size: BOMB_MIB * MIB as u32 };
    TestFile::new("statement.zip", "application/zip", archive(&[entry]))
}

/// An archive of these files, for hostile names among others.
pub fn zip_of(name: &str, files: &[(&str, &[u8])]) -> TestFile {
    let entries: Vec<Entry<'_>> = files
        .iter()
        .map(|(name, bytes)| {
            let mut crc = Crc::new();
            crc.update(bytes);
            let size = u32::try_from(bytes.len()).expect("a small file");
            Entry { name, packed: deflated(bytes, FlushCompress::Finish), checksum: crc.sum(), size }
        })
        .collect();
    TestFile::new(name, "application/zip", archive(&entries))
}

/// A file in an archive, packed already.
struct Entry<'a> {
    name: &'a str,
    packed: Vec<u8>,
    checksum: u32,
    size: u32,
}

fn deflated(bytes: &[u8], end: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(bytes.len() / 2 + 1024);
    compress.compress_vec(bytes, &mut packed, end).expect("memory takes it");
    packed
}

/// A zip archive: each file behind its header, and a directory of them at the end.
fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = u32::try_from(bytes.len()).expect("a small archive");
        let described = description(entry);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&described);
        bytes.extend(entry.name.as_bytes());
        bytes.extend(&entry.packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&described);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let start = u32::try_from(bytes.len()).expect("a small archive");
    let count = u16::try_from(entries.len()).expect("few files").to_le_bytes();
    let length = u32::try_from(directory.len()).expect("a small directory");
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(length.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// What header and directory say alike: version, flags, method, time, checksum, sizes, length of the name.
fn description(entry: &Entry<'_>) -> Vec<u8> {
    // UTF-8 names, deflated, 1 January 2026.
    let mut bytes = b"\x14\0\0\x08\x08\0\0\0\x21\x5c".to_vec();
    bytes.extend(entry.checksum.to_le_bytes());
    bytes.extend(u32::try_from(entry.packed.len()).expect("a small file").to_le_bytes());
    bytes.extend(entry.size.to_le_bytes());
    bytes.extend(u16::try_from(entry.name.len()).expect("a short name").to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bomb_is_small_and_unpacks_to_a_gigabyte() {
        let bomb = zip_bomb();
        assert!(bomb.len() < 2 * MIB as u64, "{}", bomb.len());
        let size = u32::from_le_bytes(bomb.bytes[22..26].try_into().unwrap());
        assert_eq!(size as usize, 1024 * MIB);
    }
}
