//! Files that must not reach anyone, and files that look dangerous and are not (R121).
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

use common::{deflate, docx, encoded, gzip, look, pdf, plain, quarters, reason, signature, warns, zip};
use content::{Class, ReasonCode, Verdict, WarningCode};
use image::ImageFormat;

#[test]
fn the_signature_is_found_wherever_it_hides() {
    let bare = signature();
    let within = |name: &str| zip(&[(name, &bare)]);
    let embedded = ("/Type /EmbeddedFile /Filter /FlateDecode".to_owned(), deflate(&bare));
    let zipped = (
        "/Type /EmbeddedFile /Filter [/ASCIIHexDecode /FlateDecode]".to_owned(),
        hex(&deflate(&within("a"))),
    );
    let mut image = dicom::base("OT");
    image.put(dicom_core::DataElement::new(
        dicom_dictionary_std::tags::IMAGE_COMMENTS,
        dicom_core::VR::LT,
        dicom_core::PrimitiveValue::from(String::from_utf8(bare.clone()).unwrap()),
    ));
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("plain", bare.clone()),
        ("within text", [b"dear doctor, ".as_slice(), &bare, b" regards"].concat()),
        ("zip", within("note.txt")),
        ("zip in zip", zip(&[("inner.zip", &within("note.txt"))])),
        ("docx", docx(&[("word/media/image1.png", &bare)])),
        ("docx in zip", zip(&[("letter.docx", &docx(&[("word/media/x", &bare)]))])),
        ("gzip", gzip(&bare)),
        ("gzip in zip", zip(&[("a.gz", &gzip(&bare))])),
        ("pdf attachment", pdf("", "", &[embedded])),
        ("zip in pdf", pdf("", "", &[zipped])),
        ("dicom", dicom::file(image, dicom::EXPLICIT)),
        ("behind a picture", [encoded(&quarters(8, 8), ImageFormat::Jpeg), bare.clone()].concat()),
        ("behind 100 kB", [vec![b' '; 100_000], bare].concat()),
    ];
    for (place, file) in files {
        let seen = plain(&file);
        assert!(matches!(seen.verdict, Verdict::Quarantine(_)), "{place}: {:?}", seen.verdict);
        assert_eq!(reason(&seen), Some(ReasonCode::MalwareSignature), "{place}");
        assert!(seen.preview.is_none(), "{place}");
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).chain([b'>']).collect()
}

fn windows_program() -> Vec<u8> {
    let mut out = vec![0; 256];
    out[..2].copy_from_slice(b"MZ");
    out[0x3c] = 200;
    out[200..204].copy_from_slice(b"PE\0\0");
    out
}

#[test]
fn programs_are_held_back_under_any_name() {
    let mut polyglot = dicom::file(dicom::base("OT"), dicom::EXPLICIT);
    polyglot[..128].copy_from_slice(&windows_program()[..128]);
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("photo.jpg", windows_program()),
        ("a", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec()),
        ("a", b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec()),
        ("notes.txt", b"#!/bin/sh\nrm -rf ~\n".to_vec()),
        ("Befund.pdf.lnk", [b"\x4c\0\0\0\x01\x14\x02\0".as_slice(), &[0; 80]].concat()),
        ("disc.zip", zip(&[("VIEWER.EXE", &windows_program())])),
        ("start.bat", b"@echo off\r\ndel *.*\r\n".to_vec()),
        ("a.zip", zip(&[("run.vbs", b"MsgBox 1")])),
        ("app.jar", zip(&[("META-INF/MANIFEST.MF", b"x: y"), ("A.class", b"\xca\xfe\xba\xbe\0\0\0\x37")])),
        ("scan.dcm", polyglot),
    ];
    for (name, file) in files {
        let seen = look(&file, name, "application/octet-stream");
        assert_eq!(reason(&seen), Some(ReasonCode::Executable), "{name}: {:?}", seen.verdict);
    }
}

#[test]
fn what_runs_by_being_opened_is_held_back() {
    let script = |action: &str| pdf("", &format!("/OpenAction << {action} >>"), &[]);
    let packed = deflate(b"9 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>");
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("javascript", script("/S /JavaScript /JS (x)")),
        ("hidden javascript", script("/S /Java#53cript /JS (x)")),
        (
            "packed javascript",
            pdf("", "", &[("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode".to_owned(), packed)]),
        ),
        ("launch", script("/S /Launch /F (cmd.exe)")),
        ("macros", docx(&[("word/vbaProject.bin", b"x")])),
        ("macros in zip", zip(&[("a.docm", &docx(&[("word/vbaProject.bin", b"x")]))])),
        (
            "odf macros",
            zip(&[
                ("mimetype", b"application/vnd.oasis.opendocument.text"),
                ("Basic/Standard/A.xml", b"<x/>"),
            ]),
        ),
        ("rtf object", b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}".to_vec()),
        ("html", b"<!DOCTYPE html><script>x()</script>".to_vec()),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>".to_vec()),
    ];
    for (what, file) in files {
        let seen = plain(&file);
        assert_eq!(reason(&seen), Some(ReasonCode::ActiveContent), "{what}: {:?}", seen.verdict);
    }
}

/// A compound file with these directory entries.
fn ole(names: &[&str]) -> Vec<u8> {
    let mut out = vec![0xff; 512 * 3];
    out[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    out[30..32].copy_from_slice(&9u16.to_le_bytes());
    out[48..52].copy_from_slice(&1u32.to_le_bytes());
    out[68..72].copy_from_slice(&0xffff_fffeu32.to_le_bytes());
    out[76..80].copy_from_slice(&0u32.to_le_bytes());
    out[512 + 4..512 + 8].copy_from_slice(&0xffff_fffeu32.to_le_bytes());
    out[1024..].fill(0);
    for (at, name) in names.iter().enumerate() {
        let start = 1024 + at * 128;
        for (unit, c) in name.encode_utf16().enumerate() {
            out[start + unit * 2..start + unit * 2 + 2].copy_from_slice(&c.to_le_bytes());
        }
        out[start + 64] = (name.len() * 2 + 2) as u8;
        out[start + 66] = if at == 0 { 5 } else { 2 };
    }
    out
}

#[test]
fn legacy_documents_are_told_apart_and_their_macros_seen() {
    let seen = look(&ole(&["Root Entry", "WordDocument"]), "a.doc", "application/msword");
    assert_eq!(
        (seen.class, seen.media_type.as_str(), &seen.verdict),
        (Class::Document, "application/msword", &Verdict::Clean)
    );
    assert_eq!(plain(&ole(&["Root Entry", "Workbook"])).media_type, "application/vnd.ms-excel");
    assert_eq!(
        reason(&plain(&ole(&["Root Entry", "WordDocument", "_VBA_PROJECT"]))),
        Some(ReasonCode::ActiveContent)
    );
    let locked = plain(&ole(&["Root Entry", "EncryptedPackage"]));
    assert!(warns(&locked, WarningCode::Encrypted));
}

#[test]
fn a_lie_about_the_content_is_held_back_with_both_types_named() {
    for (bytes, name, media_type, found) in [
        (b"just text".as_slice(), "a.dcm", "application/dicom", "text/plain"),
        (b"just text", "a.dcm", "application/octet-stream", "text/plain"),
        (b"<html><p>hello", "photo.jpg", "image/jpeg", "text/html"),
        (b"\x01\x02\x03\x00\x99", "scan.pdf", "application/pdf", "application/octet-stream"),
        (b"<svg xmlns='x'/>", "photo.png", "image/png", "image/svg+xml"),
    ] {
        let seen = look(bytes, name, media_type);
        let Verdict::Quarantine(held) = &seen.verdict else { panic!("{name} was believed") };
        assert_eq!(held.code, ReasonCode::ContentMismatch);
        assert!(held.text.starts_with("the content is not what was declared"), "{}", held.text);
        assert!(held.text.contains(found), "{}", held.text);
    }
}

#[test]
fn harmless_files_are_clean() {
    let jpeg = encoded(&quarters(64, 64), ImageFormat::Jpeg);
    let form = pdf("", "/AcroForm << /Fields [] >>", &[]);
    let attached = pdf("", "", &[("/Type /EmbeddedFile".to_owned(), b"notes".to_vec())]);
    for (bytes, name, media_type) in [
        (jpeg.clone(), "a.jpg", "image/jpg"),
        (jpeg.clone(), "a.jpg", "application/octet-stream"),
        (jpeg.clone(), "renamed.png", "image/png"),
        (jpeg, "scan.pdf", "application/pdf"),
        (form, "form.pdf", "application/pdf"),
        (attached, "letter.pdf", "application/pdf"),
        (b"<svg xmlns='x'><path d='M0'/></svg>".to_vec(), "logo.svg", "image/svg+xml"),
        (b"<html><p>once</p></html>".to_vec(), "page.html", "text/html"),
        (zip(&[("a.txt", b"a"), ("b/c.txt", b"b")]), "records.zip", "application/zip"),
        (b"MZ is how a program begins".to_vec(), "a.txt", "text/plain"),
    ] {
        let seen = look(&bytes, name, media_type);
        assert_eq!(seen.verdict, Verdict::Clean, "{name}");
    }
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(reason(&plain(b"")), Some(ReasonCode::EmptyFile));
}

#[test]
fn archives_nested_without_end_are_held_back() {
    let mut file = b"core".to_vec();
    for _ in 0..12 {
        file = zip(&[("next.zip", &file)]);
    }
    assert_eq!(reason(&plain(&file)), Some(ReasonCode::NestedTooDeeply));
}

#[test]
fn encrypted_entries_are_admitted_to_be_unread() {
    let mut file = zip(&[("a.txt", b"secret")]);
    let central = file.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    file[central + 8] |= 1;
    assert!(warns(&plain(&file), WarningCode::Encrypted));
}
