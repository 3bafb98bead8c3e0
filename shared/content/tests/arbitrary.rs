//! Whatever bytes come: an answer, in time, within the limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "makers of test files fail by panicking, as tests do"
)]

mod common;
#[path = "common/dicom.rs"]
mod dicom;

use common::{docx, encoded, gzip, look, pdf, quarters, reason, wav, zip};
use content::{Examination, ReasonCode};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Sound files of every reader, to be damaged.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    use image::ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let photo = quarters(24, 16);
    let grey = |photometric| {
        let pixels = (0..24 * 16).collect();
        dicom::grey(&dicom::Grey { photometric, rows: 16, columns: 24, pixels, window: Some(("100", "300")) })
    };
    let image = "/Type /XObject /Subtype /Image /Width 24 /Height 16 /Filter /DCTDecode".to_owned();
    let mut seeds: Vec<Vec<u8>> =
        [Jpeg, Png, Gif, Bmp, Tiff, WebP].iter().map(|format| encoded(&photo, *format)).collect();
    seeds.extend([
        dicom::file(grey("MONOCHROME2"), dicom::EXPLICIT),
        dicom::file(grey("MONOCHROME1"), dicom::IMPLICIT),
        dicom::file(grey("MONOCHROME2"), dicom::BIG_ENDIAN),
        dicom::bare(&dicom::file(grey("MONOCHROME2"), dicom::EXPLICIT)),
        dicom::file(dicom::jpeg(encoded(&photo, Jpeg), 24, 16), dicom::JPEG),
        dicom::unknown_sequence(),
        pdf("/Resources << /XObject << /Im0 5 0 R >> >>", "/OpenAction << /S /JavaScript >>", &[(image, encoded(&photo, Jpeg))]),
        docx(&[("word/media/a.png", &encoded(&photo, Png))]),
        zip(&[("a.zip", &zip(&[("b.txt", b"text")])), ("c.gz", &gzip(b"text"))]),
        wav(1)[..200].to_vec(),
        common::mp4(),
        common::jpeg_with_exif(&photo, &[*b"\x25\x88\x04\0\x01\0\0\0\x20\0\0\0"], &[0; 40]),
        b"<svg xmlns='x' onload='y'><path/></svg>".to_vec(),
        b"OggS\0\x02\0\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\x01\x1e\x01vorbis\0\0\0\0\x02\x44\xac\0\0".to_vec(),
        b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\x16\x54\xae\x6b\x85\xae\x83\x86\x81A".to_vec(),
        b"RIFF\0\0\0\0AVI LIST\x10\0\0\0hdrlavih\x04\0\0\0\0\0\0\0".to_vec(),
    ]);
    seeds
});

fn examined(bytes: &[u8], name: &str) -> Result<Examination, TestCaseError> {
    let start = Instant::now();
    let seen = look(bytes, name, "application/octet-stream");
    prop_assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
    prop_assert!(reason(&seen) != Some(ReasonCode::NotExamined), "a reader panicked");
    if let Some(preview) = &seen.preview {
        prop_assert!(preview.width <= 1024 && preview.height <= 1024);
    }
    Ok(seen)
}

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Damage {
    Cut(prop::sample::Index),
    Set(prop::sample::Index, u8),
    Fill(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, prop::sample::Index),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let len = bytes.len();
        match self {
            Self::Cut(at) => bytes.truncate(at.index(len)),
            Self::Set(at, byte) => bytes[at.index(len)] = *byte,
            Self::Fill(at, byte) => {
                let at = at.index(len);
                bytes[at..len.min(at + 4)].fill(*byte);
            }
            Self::Insert(at, new) => {
                let at = at.index(len);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Repeat(from, to) => {
                let (from, to) = (from.index(len), to.index(len));
                let part = bytes[from.min(to)..from.max(to).min(from.min(to) + 512)].to_vec();
                bytes.splice(to..to, part);
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>;
    let byte = prop_oneof![Just(0u8), Just(0xff), Just(0x7f), Just(0x80), any::<u8>()];
    prop_oneof![
        1 => place().prop_map(Damage::Cut),
        4 => (place(), byte.clone()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        3 => (place(), byte).prop_map(|(at, byte)| Damage::Fill(at, byte)),
        1 => (place(), prop::collection::vec(any::<u8>(), 0..16)).prop_map(|(at, new)| Damage::Insert(at, new)),
        1 => (place(), place()).prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000), name in "\\PC{0,20}") {
        examined(&bytes, &name)?;
    }

    #[test]
    fn any_bytes_behind_a_known_mark(seed in any::<prop::sample::Index>(), kept in 4usize..140, rest in prop::collection::vec(any::<u8>(), 0..600)) {
        let seed = seed.get(&SEEDS);
        let mut bytes = seed[..kept.min(seed.len())].to_vec();
        bytes.extend(rest);
        examined(&bytes, "a")?;
    }

    #[test]
    fn damaged_files(seed in any::<prop::sample::Index>(), damages in prop::collection::vec(damage(), 1..8)) {
        let mut bytes = seed.get(&SEEDS).clone();
        damages.iter().for_each(|damage| damage.apply(&mut bytes));
        examined(&bytes, "a.dcm")?;
    }
}
