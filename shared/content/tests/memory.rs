//! Small files that would cost gigabytes, examined in a process that has no gigabyte: each case runs this test
//! binary again under a limit on its address space.
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

use common::{deflate, pdf, plain, reason, zip};
use content::{Examination, Facts, ReasonCode};
use std::process::Command;
use std::time::{Duration, Instant};

/// Code, stacks and what the limits allow; far less than what the files ask for.
const ADDRESS_SPACE_KB: u64 = 400_000;
const IN_CHILD: &str = "CONTENT_TEST_IN_CHILD";

/// Runs a case again in a child that has only so much memory; the child's panic is this test's.
fn with_little_memory(name: &str, case: impl FnOnce()) {
    if std::env::var_os(IN_CHILD).is_some() {
        let start = Instant::now();
        case();
        assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
        return;
    }
    let limited = format!("ulimit -v {ADDRESS_SPACE_KB} && exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limited])
        .arg(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("1 passed"), "the child ran no test: {told}");
}

fn patient(seen: &Examination) -> Option<String> {
    let Facts::Dicom(facts) = &seen.facts else { return None };
    facts.patient.name.as_ref()?.alphabetic.clone()
}

#[test]
fn the_limit_is_a_limit() {
    if std::env::var_os(IN_CHILD).is_some() {
        let huge: Vec<u8> = std::iter::repeat_n(1, 600 << 20).collect();
        assert_eq!(huge.len(), 0, "the child could allocate {} bytes", huge.len());
        return;
    }
    let limited = format!("ulimit -v {ADDRESS_SPACE_KB} && exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limited])
        .arg(std::env::current_exe().unwrap())
        .args(["the_limit_is_a_limit", "--exact"])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("memory allocation"));
}

#[test]
fn dicom_that_is_implicit_under_an_explicit_syntax() {
    with_little_memory("dicom_that_is_implicit_under_an_explicit_syntax", || {
        let start = Instant::now();
        let seen = plain(&dicom::implicit_under_explicit());
        assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
        assert_eq!(patient(&seen).as_deref(), Some("Doe^Jane"));
    });
}

#[test]
fn dicom_with_an_unknown_sequence() {
    with_little_memory("dicom_with_an_unknown_sequence", || {
        let start = Instant::now();
        let seen = plain(&dicom::unknown_sequence());
        assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
        assert_eq!(patient(&seen).as_deref(), Some("Doe^Jane"));
    });
}

#[test]
fn dicom_that_declares_more_than_there_is() {
    with_little_memory("dicom_that_declares_more_than_there_is", || {
        let mut file = dicom::meta(dicom::EXPLICIT);
        file.extend(b"\x10\0\x10\0PN\x08\0Doe^Jane");
        file.extend(b"\x28\0\x10\0US\x02\0\xff\xff\x28\0\x11\0US\x02\0\xff\xff\x28\0\x00\x01US\x02\0\x20\0");
        file.extend(b"\xe0\x7f\x10\0OW\0\0\xfe\xff\xff\xff\x01\x02");
        let seen = plain(&file);
        assert_eq!(patient(&seen).as_deref(), Some("Doe^Jane"));
        assert!(seen.preview.is_none());
    });
}

#[test]
fn pictures_that_unpack_to_billions_of_pixels() {
    with_little_memory("pictures_that_unpack_to_billions_of_pixels", || {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let header = [60_000u32.to_be_bytes(), 60_000u32.to_be_bytes()].concat();
        chunk(&mut png, b"IHDR", &[header.as_slice(), &[8, 2, 0, 0, 0]].concat());
        chunk(&mut png, b"IDAT", &deflate(&[0; 1000]));
        chunk(&mut png, b"IEND", &[]);
        let seen = plain(&png);
        let Facts::Image(facts) = &seen.facts else { panic!("no image") };
        assert_eq!((facts.width, facts.height), (Some(60_000), Some(60_000)));
        assert!(seen.preview.is_none());
    });
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    out.extend((content.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend(content);
    let mut crc = flate2::Crc::new();
    crc.update(&out[start..]);
    out.extend(crc.sum().to_be_bytes());
}

#[test]
fn a_pdf_that_holds_a_vast_bitmap() {
    with_little_memory("a_pdf_that_holds_a_vast_bitmap", || {
        let zeros = deflate(&vec![0; 150 << 20]);
        let image = "/Type /XObject /Subtype /Image /Width 35000 /Height 35000 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode";
        let seen =
            plain(&pdf("/Resources << /XObject << /Im0 5 0 R >> >>", "", &[(image.to_owned(), zeros)]));
        assert!(seen.preview.is_none());
        let Facts::Pdf(facts) = &seen.facts else { panic!("no PDF") };
        assert_eq!(facts.pages, Some(1));
    });
}

#[test]
fn archives_that_unpack_without_end_are_rejected() {
    with_little_memory("archives_that_unpack_without_end_are_rejected", || {
        let zeros = vec![0u8; 100 << 20];
        let flat = zip(&[("zeros", &zeros)]);
        drop(zeros);
        let inner = vec![0u8; 12 << 20];
        let leaf = zip(&[("zeros", &inner)]);
        let branches: Vec<String> = (0..16).map(|at| format!("{at}.zip")).collect();
        let entries: Vec<(&str, &[u8])> =
            branches.iter().map(|name| (name.as_str(), leaf.as_slice())).collect();
        let nested = zip(&entries);
        for bomb in [flat, nested] {
            assert!(bomb.len() < 1 << 20);
            assert_eq!(reason(&plain(&bomb)), Some(ReasonCode::DecompressionBomb));
        }
    });
}

#[test]
fn entries_that_share_their_bytes_are_rejected() {
    let mut file = zip(&[("first", b"0123456789"), ("second", b"0123456789")]);
    let central = file.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    file[central + 42..central + 46].fill(0);
    assert_eq!(reason(&plain(&file)), Some(ReasonCode::DecompressionBomb));
}

#[test]
fn objects_begun_a_million_times_end_in_time() {
    with_little_memory("objects_begun_a_million_times_end_in_time", || {
        let mut file = b"%PDF-1.7\n".to_vec();
        file.extend(b"1 0 obj (".repeat(1_000_000));
        let seen = plain(&file);
        assert!(matches!(seen.facts, Facts::Pdf(_)));
        let markup = [b"<svg ".as_slice(), &b"onclick ".repeat(1_000_000)].concat();
        plain(&markup);
    });
}
