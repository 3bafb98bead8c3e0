//! Recordings: a dictation as WAV, and a film of moving pictures as MP4.

use super::{TestFile, pictures};

/// Samples of a second of sound.
const SAMPLE_RATE: u32 = 16_000;
/// The film's size, and how long one of its pictures stands.
const WIDTH: u16 = 160;
const HEIGHT: u16 = 120;
const PICTURE_MS: u32 = 100;

/// A tone, mono, 16 bits.
pub fn sound(seconds: u32) -> TestFile {
    let samples = seconds * SAMPLE_RATE;
    // A triangle at 400 Hz: whole numbers only, so that it is the same on every machine.
    let sample = |at: u32| {
        let phase = i32::try_from(at % 40).expect("small");
        i16::try_from((phase - 20).abs() * 800 - 8_000).expect("sixteen bits")
    };
    let data: Vec<u8> = (0..samples).flat_map(|at| sample(at).to_le_bytes()).collect();
    let length = u32::try_from(data.len()).expect("a short recording");
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(SAMPLE_RATE.to_le_bytes());
    bytes.extend((SAMPLE_RATE * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(data);
    TestFile::new("dictation.wav", "audio/wav", bytes)
}

/// A film of JPEG pictures (ISO 14496-12 and 14496-14), which players play.
pub fn video(pictures: u32) -> TestFile {
    let picture = pictures::jpeg(u32::from(WIDTH), u32::from(HEIGHT));
    let film = picture.repeat(pictures as usize);
    let kind = boxed(b"ftyp", b"isom\0\0\x02\0isommp41");
    let size = u32::try_from(picture.len()).expect("a small picture");
    // Where the pictures begin depends on how long the header is, and its length on nothing.
    let header = movie(pictures, size, 0).len() + kind.len() + 8;
    let first = u32::try_from(header).expect("a short header");
    let bytes = [kind, movie(pictures, size, first), boxed(b"mdat", &film)].concat();
    TestFile::new("gait.mp4", "video/mp4", bytes)
}

fn movie(pictures: u32, size: u32, first: u32) -> Vec<u8> {
    let duration = pictures * PICTURE_MS;
    let head = words(&[0, 0, 0, 1000, duration, 0x0001_0000, 0x0100_0000, 0, 0]);
    let header = boxed(b"mvhd", &[head, matrix(), words(&[0, 0, 0, 0, 0, 0, 2])].concat());
    let head = words(&[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]);
    let dimensions = words(&[u32::from(WIDTH) << 16, u32::from(HEIGHT) << 16]);
    let track = boxed(b"tkhd", &[head, matrix(), dimensions].concat());
    // The language is `und`: three letters of five bits.
    let media = boxed(b"mdhd", &words(&[0, 0, 0, 1000, duration, 0x55c4_0000]));
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0Pictures\0");
    let location = boxed(b"dref", &[words(&[0, 1]), boxed(b"url ", &words(&[1]))].concat());
    let information = [
        boxed(b"vmhd", &words(&[1, 0, 0])),
        boxed(b"dinf", &location),
        boxed(b"stbl", &samples(pictures, size, first)),
    ];
    let inner = [media, handler, boxed(b"minf", &information.concat())].concat();
    boxed(b"moov", &[header, boxed(b"trak", &[track, boxed(b"mdia", &inner)].concat())].concat())
}

/// The tables that say where each picture is: all of one size, in one chunk.
fn samples(pictures: u32, size: u32, first: u32) -> Vec<u8> {
    [
        boxed(b"stsd", &[words(&[0, 1]), description()].concat()),
        boxed(b"stts", &words(&[0, 1, pictures, PICTURE_MS])),
        boxed(b"stsc", &words(&[0, 1, 1, pictures, 1])),
        boxed(b"stsz", &words(&[0, size, pictures])),
        boxed(b"stco", &words(&[0, 1, first])),
    ]
    .concat()
}

/// `mp4v` with object type 0x6c: each sample is a JPEG.
fn description() -> Vec<u8> {
    let mut entry = vec![0, 0, 0, 0, 0, 0, 0, 1];
    entry.extend([0; 16]);
    entry.extend(WIDTH.to_be_bytes());
    entry.extend(HEIGHT.to_be_bytes());
    entry.extend(words(&[0x0048_0000, 0x0048_0000, 0]));
    entry.extend(1_u16.to_be_bytes());
    entry.extend([0; 32]);
    entry.extend([0, 24, 0xff, 0xff]);
    let decoder = [&[0x04, 13, 0x6c, 0x11][..], &[0; 11]].concat();
    let stream = [&[0x03, 21, 0, 1, 0][..], &decoder, &[0x06, 1, 2]].concat();
    entry.extend(boxed(b"esds", &[words(&[0]), stream].concat()));
    boxed(b"mp4v", &entry)
}

/// Nothing turned, nothing scaled.
fn matrix() -> Vec<u8> {
    words(&[0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000])
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).expect("a small box");
    [&size.to_be_bytes()[..], kind, content].concat()
}
