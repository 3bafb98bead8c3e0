//! Real files of others, which `cargo xtask fixtures` brings to `target/fixtures`: every one of them has to come out
//! as what it is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "makers of test files fail by panicking, as tests do"
)]

mod common;

use common::{plain, reason, warns};
use content::{Class, DicomFacts, Examination, Facts, ReasonCode, Verdict, WarningCode};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const IN_CHILD: &str = "CONTENT_TEST_IN_CHILD";

fn fixtures(package: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fixtures").join(package);
    assert!(root.is_dir(), "the real files are not here: run `cargo xtask fixtures`");
    root
}

fn files(root: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn examined(path: &Path) -> Examination {
    let start = Instant::now();
    let seen = plain(&std::fs::read(path).unwrap());
    assert!(start.elapsed() < Duration::from_secs(20), "{} took {:?}", path.display(), start.elapsed());
    assert_ne!(reason(&seen), Some(ReasonCode::NotExamined), "{}", path.display());
    seen
}

fn dicom_set() -> Vec<(String, Examination)> {
    let root = fixtures("pydicom").join("pydicom/data");
    let mut found = Vec::new();
    for folder in ["test_files", "charset_files", "palettes"] {
        files(&root.join(folder), &mut found);
    }
    let other = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("README")
            || [".txt", ".json", ".dump", ".icc", ".gz", ".md"].iter().any(|end| name.ends_with(end))
    };
    found.retain(|path| !other(path));
    found.sort();
    found
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), examined(&path)))
        .collect()
}

fn facts(seen: &Examination) -> &DicomFacts {
    let Facts::Dicom(facts) = &seen.facts else { panic!("no DICOM facts") };
    facts
}

#[test]
fn every_dicom_file_is_read_and_nearly_every_image_shown() {
    // A stray byte before its first element leaves nothing that any reader could hold on to.
    const NO_DICOM: &[&str] = &["no_meta.dcm"];
    // Lossy JPEG of twelve bits, pixel data of two bytes, and a codestream without its picture.
    const NO_PICTURE: &[&str] = &[
        "JPEG-lossy.dcm",
        "JPGExtended.dcm",
        "JPEG2000-embedded-sequence-delimiter.dcm",
        "meta_missing_tsyntax.dcm",
        "nested_priv_SQ.dcm",
    ];
    let all = dicom_set();
    assert!(all.len() >= 190, "only {} files", all.len());
    for (name, seen) in &all {
        if NO_DICOM.contains(&name.as_str()) {
            assert_eq!(seen.class, Class::Other, "{name}");
            continue;
        }
        assert_eq!((seen.class, &seen.verdict), (Class::Dicom, &Verdict::Clean), "{name}");
        let without = warns(seen, WarningCode::NoPreview);
        assert_eq!(without, NO_PICTURE.contains(&name.as_str()), "{name}: {:?}", seen.warnings);
        let has_pixels = facts(seen).frames.is_some();
        assert_eq!(seen.preview.is_some(), has_pixels && !without, "{name}");
    }
}

#[test]
fn names_are_readable_in_every_character_set() {
    let all: BTreeMap<String, Examination> = dicom_set().into_iter().collect();
    for (file, name) in [
        ("chrArab.dcm", "قباني^لنزار"),
        ("chrFren.dcm", "Buc^Jérôme"),
        ("chrGerm.dcm", "Äneas^Rüdiger"),
        ("chrGreek.dcm", "Διονυσιος"),
        ("chrHbrw.dcm", "שרון^דבורה"),
        ("chrRuss.dcm", "Люкceмбypг"),
        ("chrX1.dcm", "Wang^XiaoDong / 王^小東"),
        ("chrX2.dcm", "Wang^XiaoDong / 王^小东"),
        ("chrH31.dcm", "Yamada^Tarou / 山田^太郎 / やまだ^たろう"),
        ("chrH32.dcm", "ﾔﾏﾀﾞ^ﾀﾛｳ / 山田^太郎 / やまだ^たろう"),
        ("chrI2.dcm", "Hong^Gildong / 洪^吉洞 / 홍^길동"),
        ("chrKoreanMulti.dcm", "김희중"),
        ("chrJapMulti.dcm", "やまだ^たろう"),
        ("chrJapMultiExplicitIR6.dcm", "やまだ^たろう"),
        ("chrFrenMulti.dcm", "Buc^Jérôme"),
    ] {
        let read = facts(&all[file]).patient.name.clone().unwrap_or_default();
        assert_eq!(read.groups().collect::<Vec<_>>().join(" / "), name, "{file}");
    }
}

#[test]
fn colours_of_every_coding_are_those_of_the_test_picture() {
    let all: BTreeMap<String, Examination> = dicom_set().into_iter().collect();
    // Ten stripes; the first is red and the last but five green.
    for name in [
        "SC_rgb_dcmtk_+eb+cr.dcm",
        "SC_rgb_dcmtk_+eb+cy+n1.dcm",
        "SC_rgb_dcmtk_+eb+cy+np.dcm",
        "SC_rgb_dcmtk_+eb+cy+s2.dcm",
        "SC_rgb_dcmtk_+eb+cy+s4.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_jls_lossy_sample.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "SC_rgb_jpeg_lossy_gdcm.dcm",
        "SC_rgb_rle.dcm",
        "SC_rgb_rle_16bit.dcm",
        "SC_rgb_rle_32bit.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ] {
        let preview = all[name].preview.as_ref().unwrap_or_else(|| panic!("{name} has no preview"));
        let image = image::load_from_memory(&preview.bytes).unwrap().to_rgb8();
        let at = |stripe: u32| image.get_pixel(image.width() / 2, image.height() * (2 * stripe + 1) / 20).0;
        assert!(common::is_near(at(0), [255, 0, 0]), "{name}: {:?}", at(0));
        assert!(common::is_near(at(2), [0, 255, 0]), "{name}: {:?}", at(2));
        assert!(common::is_near(at(4), [0, 0, 255]), "{name}: {:?}", at(4));
        assert!(common::is_near(at(9), [255, 255, 255]), "{name}: {:?}", at(9));
    }
}

#[test]
fn all_codings_of_the_same_slice_look_the_same() {
    let all: BTreeMap<String, Examination> = dicom_set().into_iter().collect();
    let grey =
        |name: &str| image::load_from_memory(&all[name].preview.as_ref().unwrap().bytes).unwrap().to_luma8();
    let plain = grey("MR_small.dcm");
    for name in [
        "MR_small_RLE.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_expb.dcm",
        "MR_small_implicit.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_padded.dcm",
    ] {
        assert_eq!(grey(name).as_raw(), plain.as_raw(), "{name}");
    }
}

#[test]
fn the_files_that_cost_gigabytes_cost_nothing() {
    if std::env::var_os(IN_CHILD).is_some() {
        let root = fixtures("pydicom").join("pydicom/data/test_files");
        for name in ["UN_sequence.dcm", "SC_rgb_jpeg.dcm"] {
            let start = Instant::now();
            let seen = examined(&root.join(name));
            assert_eq!(seen.class, Class::Dicom);
            assert!(facts(&seen).transfer_syntax.is_some());
            assert!(start.elapsed() < Duration::from_secs(1), "{name} took {:?}", start.elapsed());
        }
        return;
    }
    fixtures("pydicom");
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 400000 && exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["the_files_that_cost_gigabytes_cost_nothing", "--exact", "--nocapture"])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn one_file_of_every_type_is_what_its_name_says() {
    let root = fixtures("filetype").join("tests/fixtures");
    let office = "application/vnd.openxmlformats-officedocument";
    let odf = "application/vnd.oasis.opendocument";
    for (name, class, media_type, previewed) in [
        ("sample.jpg", Class::Image, "image/jpeg", true),
        ("sample.png", Class::Image, "image/png", true),
        ("sample.gif", Class::Image, "image/gif", true),
        ("sample.tif", Class::Image, "image/tiff", true),
        ("sample.heic", Class::Image, "image/heic", false),
        ("sample.avif", Class::Image, "image/avif", false),
        ("sample.jpx", Class::Image, "image/jp2", true),
        ("sample.mp4", Class::Video, "video/mp4", false),
        ("sample.mov", Class::Video, "video/quicktime", false),
        ("sample.m4a", Class::Audio, "audio/mp4", false),
        ("sample.doc", Class::Document, "application/msword", false),
        ("sample_1.doc", Class::Document, "application/msword", false),
        ("sample.xls", Class::Document, "application/vnd.ms-excel", false),
        ("sample.ppt", Class::Document, "application/vnd.ms-powerpoint", false),
        ("sample.docx", Class::Document, &format!("{office}.wordprocessingml.document"), false),
        ("sample_1.docx", Class::Document, &format!("{office}.wordprocessingml.document"), false),
        ("sample.xlsx", Class::Document, &format!("{office}.spreadsheetml.sheet"), false),
        ("sample.pptx", Class::Document, &format!("{office}.presentationml.presentation"), false),
        ("sample.odt", Class::Document, &format!("{odf}.text"), false),
        ("sample.ods", Class::Document, &format!("{odf}.spreadsheet"), false),
        ("sample.odp", Class::Document, &format!("{odf}.presentation"), false),
        ("sample.zip", Class::Other, "application/zip", false),
        ("sample.tar", Class::Other, "application/x-tar", false),
        ("sample.zst", Class::Other, "application/zstd", false),
    ] {
        let seen = examined(&root.join(name));
        assert_eq!((seen.class, seen.media_type.as_str()), (class, media_type), "{name}");
        assert_eq!(seen.verdict, Verdict::Clean, "{name}");
        assert_eq!(seen.preview.is_some(), previewed, "{name}");
        if let Facts::Media(facts) = &seen.facts {
            assert!(facts.duration_ms.is_some_and(|ms| ms > 500), "{name}");
        }
    }
}

#[test]
fn pdf_pages_are_those_another_library_counts() {
    let mut found = Vec::new();
    files(&fixtures("pypdf").join("resources"), &mut found);
    found.retain(|path| path.extension().is_some_and(|extension| extension == "pdf"));
    assert!(found.len() > 60, "only {} files", found.len());
    let mut compared = 0;
    for path in &found {
        let seen = examined(path);
        let Facts::Pdf(facts) = &seen.facts else { panic!("{} is no PDF", path.display()) };
        assert_ne!(reason(&seen), Some(ReasonCode::DecompressionBomb), "{}", path.display());
        let Ok(document) = lopdf::Document::load(path) else { continue };
        if !facts.encrypted {
            assert_eq!(facts.pages.unwrap_or(0) as usize, document.get_pages().len(), "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 40, "only {compared} were compared");
}
