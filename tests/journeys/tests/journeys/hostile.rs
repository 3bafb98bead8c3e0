//! Files and links in the hands of somebody who means harm: object storage takes what was agreed on and
//! nothing else, and what is dangerous never gets to anybody unseen (R005, R006, R193).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a journey whose surroundings fail should stop")]

use crate::{
    acts::{Practice, large, refused},
    snapshot::Snapshot,
};
use api::environment::Clients;
use aws_sdk_s3::presigning::PresigningConfig;
use domain::{ChartId, RecordId};
use percent_encoding::percent_decode_str;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use testkit::{
    Actor, World,
    files::{self, TestFile},
    world::{Presigned, Started},
};

async fn practitioner_with_chart(world: &World) -> (Actor, ChartId) {
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let grace = amara.registers(json!({ "full_name": "Grace Okafor", "birth_date": "1984-02-29" })).await;
    let chart = amara.opens_chart(grace).await;
    (amara, chart)
}

/// The other way round, so that the size stays and the digest does not.
fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

// ---- Links -------------------------------------------------------------------------------------------------

/// What somebody could try with a link for one upload, and with what status object storage refuses it.
fn misuses(put: &Presigned, other: &Presigned, bytes: &[u8]) -> Vec<(&'static str, Presigned, Vec<u8>, u16)> {
    let changed = |from: &str, to: &str| Presigned { url: put.url.replace(from, to), ..put.clone() };
    let (signature, place) = (after(&put.url, "X-Amz-Signature="), path_of(&put.url));
    let by = |method| Presigned { method, ..put.clone() };
    let kms = "x-amz-server-side-encryption";
    vec![
        ("fewer bytes", put.clone(), bytes[1..].to_vec(), 403),
        ("more bytes", put.clone(), [bytes, b"x"].concat(), 403),
        ("other bytes of the same size", put.clone(), reversed(bytes), 400),
        ("no checksum", put.clone().without_header("x-amz-checksum-sha256"), bytes.to_vec(), 403),
        (
            "another checksum",
            put.clone().header("x-amz-checksum-sha256", &"A".repeat(44)),
            reversed(bytes),
            403,
        ),
        ("no encryption", put.clone().without_header(kms), bytes.to_vec(), 403),
        ("weaker encryption", put.clone().header(kms, "AES256"), bytes.to_vec(), 403),
        (
            "another key",
            put.clone().header(&format!("{kms}-aws-kms-key-id"), "alias/mine"),
            bytes.to_vec(),
            403,
        ),
        ("another type", put.clone().header("content-type", "text/html"), bytes.to_vec(), 403),
        ("another tag", put.clone().header("x-amz-tagging", "state=kept"), bytes.to_vec(), 403),
        ("overwriting", put.clone().without_header("if-none-match"), bytes.to_vec(), 403),
        ("public", put.clone().header("x-amz-acl", "public-read"), bytes.to_vec(), 403),
        ("reading", by(Method::GET), Vec::new(), 403),
        ("deleting", by(Method::DELETE), Vec::new(), 403),
        ("another place", changed(&place, &path_of(&other.url)), bytes.to_vec(), 403),
        ("a place above", changed(&place, &format!("{place}x")), bytes.to_vec(), 403),
        ("another signature", changed(&signature, &reversed_text(&signature)), bytes.to_vec(), 403),
        ("no signature", Presigned { url: bare(&put.url), ..put.clone() }, bytes.to_vec(), 403),
        ("a longer life", changed("X-Amz-Expires=600", "X-Amz-Expires=6000"), bytes.to_vec(), 403),
    ]
}

fn after(url: &str, name: &str) -> String {
    let rest = url.split_once(name).map(|(_, rest)| rest).unwrap_or_default();
    rest.split('&').next().unwrap_or_default().to_owned()
}

fn bare(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

fn path_of(url: &str) -> String {
    reqwest::Url::parse(url).unwrap().path().to_owned()
}

fn reversed_text(text: &str) -> String {
    text.chars().rev().collect()
}

/// A link is for one upload of one size, digest, type, key and place; whatever else is tried stores nothing.
#[tokio::test]
async fn a_link_takes_what_was_agreed_on_once_and_nothing_else() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let file = files::photo(24, 24);
    let started = amara.starts_upload(chart, &file, json!({})).await;
    let other = amara.starts_upload(chart, &file, json!({})).await;
    let (put, place) = (started.put().expect("one PUT"), other.put().expect("one PUT"));
    assert!(put.url.contains("X-Amz-Expires=600"), "{}", put.url);
    for (name, misuse, bytes, status) in misuses(&put, &place, &file.bytes) {
        let answer = misuse.send(world.site(), &bytes).await;
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, status, "{name}: {told}");
        if status == 400 {
            assert!(told.contains("BadDigest"), "{name}: {told}");
        }
        for upload in [&started, &other] {
            let complete = upload.request(Method::POST, "/completion").json(&json!({}));
            complete.problem(409, "upload_incomplete").await;
        }
    }
    put.send(world.site(), &file.bytes).await.stored();
    // Used, it changes nothing any more: not before the upload is completed, and not after.
    assert_eq!(put.send(world.site(), &file.bytes).await.status, 412);
    let record: RecordId = started.completes().await["record_id"].as_str().unwrap().parse().unwrap();
    world.idle().await;
    assert_eq!(put.send(world.site(), &file.bytes).await.status, 412);
    assert_eq!(amara.downloads(chart, record).await, file.bytes);
    assert_eq!(amara.reads(chart, record).await["versions"], 1);
}

/// Parts are bound like whole files, each to its number.
#[tokio::test]
async fn a_link_for_a_part_takes_that_part() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let file = files::bulk(3, 17 * 1024 * 1024);
    let started = amara.starts_upload(chart, &file, json!({})).await;
    let part_bytes = started.part_bytes().expect("parts");
    let parts: Vec<(u32, &[u8])> = (1..).zip(file.bytes.chunks(part_bytes)).collect();
    let last = parts.last().copied().expect("a last part");
    let signed = started.signs_parts(&[last]).await.remove(0);
    let elsewhere = signed.url.replace(&format!("partNumber={}", last.0), "partNumber=1");
    assert_ne!(elsewhere, signed.url);
    let tries = [
        (signed.clone(), reversed(last.1), 400),
        (signed.clone(), last.1[1..].to_vec(), 403),
        (signed.clone().without_header("x-amz-checksum-sha256"), last.1.to_vec(), 403),
        (Presigned { url: elsewhere, ..signed.clone() }, last.1.to_vec(), 403),
    ];
    for (request, bytes, status) in tries {
        assert_eq!(request.send(world.site(), &bytes).await.status, status);
    }
    let incomplete = started.request(Method::POST, "/completion").json(&json!({}));
    let told = incomplete.problem(409, "upload_incomplete").await;
    assert_eq!(told["missing_count"], parts.len());
    signs_wrong_parts(&started, parts.len()).await;
}

async fn signs_wrong_parts(started: &Started, parts: usize) {
    let sign = |numbers: Vec<usize>| {
        let rows: Vec<Value> =
            numbers.iter().map(|number| json!({ "number": number, "sha256": "ab".repeat(32) })).collect();
        started.request(Method::POST, "/parts").json(&json!({ "parts": rows }))
    };
    for wrong in [vec![], vec![0], vec![parts + 1], vec![1, 1], (1..=101).collect()] {
        sign(wrong).problem(422, "invalid_part").await;
    }
}

/// The last bytes of a link's life are its last.
#[tokio::test]
async fn a_link_that_has_run_out_opens_nothing() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let file = files::photo(24, 24);
    let record = amara.uploads(chart, &file).await;
    let (answer, signed) = amara.signs_download(chart, record).await;
    assert!(answer["expires_in_seconds"].as_u64().is_some_and(|seconds| seconds <= 120), "{answer}");
    let settings = world.system().await.settings.clone();
    let led_on = signed.led_on(world.site()).await;
    let key = path_of(&led_on.url).splitn(3, '/').nth(2).unwrap().to_owned();
    let sign = async |age: Duration| {
        let start =
            std::time::UNIX_EPOCH + Duration::from_secs(world.site().now().as_second().unsigned_abs()) - age;
        let life = PresigningConfig::builder().start_time(start).expires_in(Duration::from_secs(600));
        let get = Clients::new(&settings).s3.get_object().bucket(&settings.bucket).key(&key);
        let request = get.presigned(life.build().unwrap()).await.unwrap();
        Presigned { method: Method::GET, url: request.uri().to_owned(), headers: signed.headers.clone() }
    };
    assert_eq!(sign(Duration::from_secs(5)).await.send(world.site(), &[]).await.stored().body, file.bytes);
    let late = sign(Duration::from_secs(610)).await.send(world.site(), &[]).await;
    assert_eq!(late.status, 403, "{}", String::from_utf8_lossy(&late.body));
    assert!(!late.body.windows(8).any(|some| file.bytes.windows(8).any(|whole| whole == some)));
}

/// A link to read is for one version of one object, as it is.
#[tokio::test]
async fn a_link_to_read_reads_that_and_nothing_else() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let record = amara.uploads(chart, &files::photo(24, 24)).await;
    let other = amara.uploads(chart, &files::photo(30, 30)).await;
    let (_, address) = amara.signs_download(chart, record).await;
    let (_, theirs) = amara.signs_download(chart, other).await;
    let (signed, theirs) = (address.led_on(world.site()).await, theirs.led_on(world.site()).await);
    let version = after(&signed.url, "versionId=");
    let changed = |from: &str, to: &str| Presigned { url: signed.url.replace(from, to), ..signed.clone() };
    let tries = [
        ("writing", Presigned { method: Method::PUT, ..signed.clone() }),
        ("deleting", Presigned { method: Method::DELETE, ..signed.clone() }),
        ("another object", changed(&path_of(&signed.url), &path_of(&theirs.url))),
        ("another version", changed(&version, &after(&theirs.url, "versionId="))),
        ("another disposition", changed("attachment", "inline")),
        ("another type", changed("image%2F", "text%2F")),
        (
            "a listing",
            changed(&path_of(&signed.url), &path_of(&signed.url)[..path_of(&signed.url).rfind('/').unwrap()]),
        ),
    ];
    for (name, request) in tries {
        let answer = request.send(world.site(), &[]).await;
        assert_eq!(answer.status, 403, "{name}: {}", String::from_utf8_lossy(&answer.body));
    }
    address.send(world.site(), &[]).await.stored();
}

// ---- Files -------------------------------------------------------------------------------------------------

/// A PDF with this as its attachment.
fn pdf_with(attached: &[u8]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
        2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
        3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n"
        .to_vec();
    pdf.extend(format!("5 0 obj\n<< /Type /EmbeddedFile /Length {} >>\nstream\n", attached.len()).bytes());
    pdf.extend(attached);
    pdf.extend(b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Size 6 >>\n%%EOF\n");
    pdf
}

/// Files that are held back, and why.
fn dangerous() -> Vec<(&'static str, TestFile, &'static str)> {
    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let malware = files::malware_signature().bytes;
    let zipped = files::zip_of("notes.zip", &[("note.txt", &malware)]);
    let nested = files::zip_of("more.zip", &[("inner.zip", &zipped.bytes)]);
    let letter: [(&str, &[u8]); 3] = [
        ("[Content_Types].xml", b"<Types xmlns='x'/>"),
        ("word/document.xml", b"<w:document xmlns:w='x'/>"),
        ("word/embeddings/object1.bin", &malware),
    ];
    let letter = TestFile::new("letter.docx", DOCX, files::zip_of("letter.docx", &letter).bytes);
    let pdf = TestFile::new("invoice.pdf", "application/pdf", pdf_with(&malware));
    let program = TestFile::new("scan.png", "image/png", b"#!/bin/sh\nrm -rf \"$HOME\"\n".to_vec());
    vec![
        ("malware", files::malware_signature(), "malware_signature"),
        ("malware in a zip", zipped, "malware_signature"),
        ("malware in a zip in a zip", nested, "malware_signature"),
        ("malware in a letter", letter, "malware_signature"),
        ("malware attached to a pdf", pdf, "malware_signature"),
        ("malware as a picture", files::malware_signature().named("xray.dcm"), "malware_signature"),
        ("a text as an x-ray", files::text_named_as_dicom(), "content_mismatch"),
        ("a script as a picture", program, ""),
        ("a zip bomb", files::zip_bomb(), "decompression_bomb"),
    ]
}

/// What is dangerous is held back with its reason, is handed to nobody, and shows no preview.
#[tokio::test]
async fn dangerous_files_are_held_back_with_their_reason() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    for (name, file, reason) in dangerous() {
        let record = amara.uploads(chart, &file).await;
        let read = amara.reads(chart, record).await;
        let state = read["status"].as_str().unwrap_or_default();
        assert!(matches!(state, "quarantined" | "rejected"), "{name}: {read}");
        let told = read["file"]["reason"].as_str().unwrap_or_default();
        assert!(told == reason || (reason.is_empty() && !told.is_empty()), "{name}: {told}");
        assert_eq!(read["file"]["has_preview"], false, "{name}");
        let path = format!("/charts/{chart}/records/{record}");
        for end in ["downloads", "previews"] {
            for body in [json!({}), json!({ "version": 1 })] {
                let request = amara.post(&format!("{path}/{end}")).json(&body);
                request.problem(409, "file_not_available").await;
            }
        }
    }
}

/// What a patient sends is held back as well: it can be declined, and not accepted.
#[tokio::test]
async fn a_dangerous_contribution_is_not_accepted() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let patient = amara.asks_for(chart, "X-ray of the left wrist").await.opened_at(world.site());
    for file in [files::malware_signature(), files::text_named_as_dicom()] {
        let receipt = patient.uploads(&file).await;
        let path = format!("/charts/{chart}/contributions/{}", receipt["reference"].as_str().unwrap());
        let waiting = amara.get("/contributions").expect(200).await;
        let row = &waiting["contributions"][0];
        let accept = json!({ "expected_revision": row["revision"] });
        let before = Snapshot::of(&world).await;
        amara.post(&format!("{path}/acceptance")).json(&accept).problem(409, "file_not_available").await;
        amara.post(&format!("{path}/downloads")).json(&json!({})).problem(409, "file_not_available").await;
        before.assert_unchanged(&Snapshot::of(&world).await);
        let decline = json!({ "expected_revision": row["revision"], "reason": "this is no x-ray" });
        amara.post(&format!("{path}/refusal")).json(&decline).expect(200).await;
    }
    assert_eq!(amara.get(&format!("/charts/{chart}/records")).expect(200).await["records"], json!([]));
}

/// The peak of this process' memory, in bytes; `None` where the system does not tell.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Two files that make a trusting reader take gigabytes: they are looked at within bounds.
#[tokio::test]
async fn hostile_x_rays_cost_nothing() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fixtures/pydicom/pydicom/data/test_files");
    for name in ["UN_sequence.dcm", "SC_rgb_jpeg.dcm"] {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| {
            unreachable!("`{}`: {error}; run `cargo xtask fixtures`", path.display())
        });
        let (since, before) = (Instant::now(), peak_bytes());
        let record = amara.uploads(chart, &TestFile::new(name, "application/dicom", bytes.clone())).await;
        let read = amara.reads(chart, record).await;
        assert_ne!(read["status"], "inspecting", "{name}");
        assert!(since.elapsed() < Duration::from_secs(20), "{name}: {:?}", since.elapsed());
        if let (Some(before), Some(after)) = (before, peak_bytes()) {
            let grown = after.saturating_sub(before);
            assert!(grown < 200 * 1024 * 1024, "{name}: {grown} bytes");
        }
        if read["status"] == "available" {
            assert_eq!(amara.downloads(chart, record).await, bytes, "{name}");
        }
    }
}

/// What comes is what was announced: its size and its digest.
#[tokio::test]
async fn a_file_that_is_not_what_was_announced_is_rejected() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let empty = TestFile::new("empty.txt", "text/plain", Vec::new());
    let body = json!({ "file_name": empty.name, "size_bytes": 0, "media_type": "text/plain" });
    amara.post(&format!("/charts/{chart}/uploads")).json(&body).problem(422, "invalid_size").await;

    let file = files::photo(24, 24);
    let lie = json!({ "sha256": files::sha256(b"something else") });
    let put = amara.starts_upload(chart, &file, lie).await.put().expect("one PUT");
    let refusal = put.send(world.site(), &file.bytes).await;
    assert!(refusal.status == 400 && String::from_utf8_lossy(&refusal.body).contains("BadDigest"));

    // In parts only the parts are checked on their way; the whole is, when it is there.
    let large = files::bulk(5, 17 * 1024 * 1024);
    let lie = json!({ "sha256": files::sha256(b"something else") });
    let record = amara.uploads_as(chart, &large, lie).await;
    let read = amara.reads(chart, record).await;
    assert_eq!((&read["status"], &read["file"]["reason"]), (&json!("rejected"), &json!("digest_mismatch")));
    let path = format!("/charts/{chart}/records/{record}/downloads");
    amara.post(&path).json(&json!({})).problem(409, "file_not_available").await;
}

// ---- Names -------------------------------------------------------------------------------------------------

/// A name as somebody sends it, and as it is kept.
fn names() -> Vec<(String, String)> {
    let long = format!("{}.txt", "n".repeat(300));
    let pairs = [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\System32\\hosts.txt", "hosts.txt"),
        ("/absolute/path/note.txt", "note.txt"),
        ("nul\u{0}byte.txt", "nulbyte.txt"),
        ("line\r\nSet-Cookie: a=b.txt", "lineSet-Cookie_ a=b.txt"),
        ("photo\u{202e}gpj.txt", "photogpj.txt"),
        ("CON.txt", "_CON.txt"),
        ("aux", "_aux"),
        (".htaccess", "htaccess"),
        ("quote\"semi;colon.txt", "quote_semi;colon.txt"),
        ("a<b>|c?*.txt", "a_b__c__.txt"),
        ("%2e%2e%2fescape.txt", "%2e%2e%2fescape.txt"),
        ("  spaces . ", "spaces"),
        ("", "file"),
        ("...", "file"),
        ("Röntgen 王 🦴.txt", "Röntgen 王 🦴.txt"),
        ("zero\u{200b}width\u{feff}.txt", "zerowidth.txt"),
    ];
    let mut names: Vec<(String, String)> = pairs.map(|(raw, safe)| (raw.to_owned(), safe.to_owned())).into();
    names.push((long, format!("{}.txt", "n".repeat(196))));
    names
}

/// A hostile name is made harmless before anybody sees it, to the last header.
#[tokio::test]
async fn a_hostile_name_is_harmless_wherever_it_comes_out() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    for (raw, safe) in names() {
        let file = files::letter("Dear colleague").named(&raw);
        let started = amara.starts_upload(chart, &file, json!({})).await;
        assert_eq!(started.answer["file_name"], json!(safe), "`{}`", raw.escape_debug());
        started.sends(&file.bytes).await;
        let record: RecordId = started.completes().await["record_id"].as_str().unwrap().parse().unwrap();
        world.idle().await;
        let read = amara.reads(chart, record).await;
        assert_eq!((&read["title"], &read["file"]["file_name"]), (&json!(safe), &json!(safe)));
        assert_eq!(read["status"], "available", "{read}");
        let (answer, signed) = amara.signs_download(chart, record).await;
        assert_eq!(answer["file_name"], json!(safe));
        let got = signed.send(world.site(), &[]).await.stored();
        let disposition = got.header("content-disposition").unwrap_or_default();
        assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        let encoded = disposition.split_once("filename*=UTF-8''").map(|(_, name)| name).unwrap_or_default();
        assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), safe, "{disposition}");
        assert_eq!(got.header("set-cookie"), None);
        assert_eq!(got.body, file.bytes);
    }
}

/// A page somebody has sent runs nowhere: it is saved, not shown.
#[tokio::test]
async fn what_could_run_in_a_browser_is_never_shown_in_place() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let page = b"<!doctype html><title>x</title><p>hello</p>".to_vec();
    let drawing =
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"1\" height=\"1\"/></svg>".to_vec();
    let claimed = [("a.html", "text/html", page), ("a.svg", "image/svg+xml", drawing)];
    for (name, media_type, bytes) in claimed {
        let record = amara.uploads(chart, &TestFile::new(name, media_type, bytes)).await;
        let path = format!("/charts/{chart}/records/{record}/downloads");
        let answer = amara.post(&path).json(&json!({ "inline": true })).send().await;
        let code = refused(name, &answer);
        assert!(matches!(code.as_str(), "not_viewable" | "file_not_available"), "{name}: {code}");
    }
}

// ---- Intake ------------------------------------------------------------------------------------------------

/// A link takes as many files and bytes as its maker allowed; what is given up is given back.
#[tokio::test]
async fn an_intake_link_takes_no_more_than_it_allows() {
    let world = World::start().await;
    let (amara, chart) = practitioner_with_chart(&world).await;
    let expires_at = world.site().now() + jiff::Span::new().hours(24);
    let ask = |files: u64, bytes: u64| json!({ "what": "Letters", "expires_at": expires_at, "limits": { "files": files, "bytes": bytes } });
    let links = format!("/charts/{chart}/intake-links");
    for wrong in [ask(0, 1), ask(1, 0), ask(101, 1), ask(1, u64::MAX), ask(1, 20 * 1024 * 1024 * 1024 + 1)] {
        amara.post(&links).json(&wrong).problem(422, "invalid_link").await;
    }
    for hours in [-1, 0, 61 * 24] {
        let mut wrong = ask(1, 1);
        wrong["expires_at"] = json!(world.site().now() + jiff::Span::new().hours(hours));
        amara.post(&links).json(&wrong).problem(422, "invalid_link").await;
    }
    let file = files::letter("Dear colleague");
    let patient = amara.asks_with(chart, ask(2, 2 * file.len())).await.opened_at(world.site());
    let body = |size: u64| json!({ "file_name": "a.txt", "size_bytes": size, "media_type": "text/plain" });
    let before = Snapshot::of(&world).await;
    patient.post("/intake/uploads").json(&body(2 * file.len() + 1)).problem(409, "link_exhausted").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
    patient.uploads(&file).await;
    patient.post("/intake/uploads").json(&body(file.len() + 1)).problem(409, "link_exhausted").await;
    let second = patient.starts_upload(&file, json!({})).await;
    for size in [1, file.len()] {
        patient.post("/intake/uploads").json(&body(size)).problem(409, "link_exhausted").await;
    }
    second.request(Method::DELETE, "").expect(204).await;
    second.request(Method::POST, "/completion").json(&json!({})).problem(409, "upload_over").await;
    patient.uploads(&file).await;
    patient.post("/intake/uploads").json(&body(1)).problem(409, "link_exhausted").await;
    assert_eq!(patient.sees_request().await["left"], json!({ "files": 0, "bytes": 0 }));
}

/// An upload nobody goes on with ends, and takes nothing any more.
#[tokio::test]
async fn an_upload_that_is_over_takes_nothing() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let (amara, chart, file) = (&north.amara, north.chart, files::photo(24, 24));
    let given_up = amara.starts_upload(chart, &file, json!({})).await;
    let put = given_up.put().expect("one PUT");
    given_up.request(Method::DELETE, "").expect(204).await;
    // The link still lives, and what it brings becomes nothing.
    put.send(world.site(), &file.bytes).await;
    world.idle().await;
    let records = Snapshot::of(&world).await.count("record");
    given_up.request(Method::POST, "/completion").json(&json!({})).problem(409, "upload_over").await;
    let parts = amara.starts_upload(chart, &file, large()).await;
    parts.request(Method::DELETE, "").expect(204).await;
    let signing = json!({ "parts": [{ "number": 1, "sha256": "ab".repeat(32) }] });
    parts.request(Method::POST, "/parts").json(&signing).problem(409, "upload_over").await;
    world.clock.advance(49);
    let late = north.upload.request(Method::POST, "/completion").json(&json!({}));
    late.problem(410, "upload_expired").await;
    north.upload.request(Method::POST, "/parts").json(&signing).problem(410, "upload_expired").await;
    assert_eq!(Snapshot::of(&world).await.count("record"), records);
}
