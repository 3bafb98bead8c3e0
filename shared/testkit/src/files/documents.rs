//! Documents: a letter as text, and a scan as office machines make it.

use super::{TestFile, pictures};
use lopdf::{
    Document, Object, Stream,
    content::{Content, Operation},
    dictionary,
};

/// A letter as plain text.
pub fn letter(text: &str) -> TestFile {
    TestFile::new("referral.txt", "text/plain", text.as_bytes().to_vec())
}

/// A scanned PDF: each page is one JPEG and nothing else.
pub fn scan(pages: u32) -> TestFile {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let jpeg = pictures::jpeg(400, 560);
    let kids: Vec<Object> = (0..pages).map(|_| page(&mut document, tree, &jpeg).into()).collect();
    let count = Object::Integer(i64::from(pages));
    document.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes it");
    TestFile::new("discharge-summary.pdf", "application/pdf", bytes)
}

fn page(document: &mut Document, tree: lopdf::ObjectId, jpeg: &[u8]) -> lopdf::ObjectId {
    let picture = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 400, "Height" => 560,
        "ColorSpace" => "DeviceRGB", "BitsPerComponent" => 8, "Filter" => "DCTDecode",
    };
    let picture = document.add_object(Stream::new(picture, jpeg.to_vec()).with_compression(false));
    let matrix = [595, 0, 0, 842, 0, 0].map(Object::Integer).to_vec();
    let operations = vec![
        Operation::new("q", vec![]),
        Operation::new("cm", matrix),
        Operation::new("Do", vec!["Scan".into()]),
        Operation::new("Q", vec![]),
    ];
    let drawing = Content { operations }.encode().expect("plain operations");
    let drawing = document.add_object(Stream::new(dictionary! {}, drawing));
    document.add_object(dictionary! {
        "Type" => "Page", "Parent" => tree, "Contents" => drawing,
        "MediaBox" => [0, 0, 595, 842].map(Object::Integer).to_vec(),
        "Resources" => dictionary! { "XObject" => dictionary! { "Scan" => picture } },
    })
}
