//! The page tree, and the picture a scanned page consists of.

use super::document::Document;
use super::filter;
use super::object::Object;
use crate::examination::Preview;
use crate::limits::Limits;
use crate::picture;
use image::{DynamicImage, GrayImage, RgbImage};
use std::collections::{BTreeMap, BTreeSet};

const MAX_NODES: usize = 50_000;

/// What walking the page tree gave.
pub(crate) struct Pages {
    pub count: Option<u32>,
    /// The first page, with what it inherits.
    pub first: Option<Object>,
}

/// Walks the tree; where it is broken the declared count is taken.
pub(crate) fn pages(document: &Document<'_>) -> Pages {
    let tree = document.root.as_ref().and_then(|root| root.get("Pages"));
    let declared = tree.and_then(|tree| document.resolve(tree)).and_then(|tree| document.get(&tree, "Count"));
    let declared = declared.and_then(|count| count.as_count()).and_then(|count| u32::try_from(count).ok());
    let mut walk = Walk { document, seen: BTreeSet::new(), leaves: 0, first: None };
    if let Some(tree) = tree {
        walk.node(tree, &BTreeMap::new(), 0);
    }
    let walked = (walk.leaves > 0 && walk.seen.len() < MAX_NODES).then_some(walk.leaves);
    Pages { count: walked.or(declared.filter(|count| *count > 0)), first: walk.first }
}

struct Walk<'d, 'b> {
    document: &'d Document<'b>,
    seen: BTreeSet<u32>,
    leaves: u32,
    first: Option<Object>,
}

impl Walk<'_, '_> {
    fn node(&mut self, node: &Object, inherited: &BTreeMap<String, Object>, depth: u32) {
        if let Object::Reference(number) = node
            && (self.seen.len() >= MAX_NODES || !self.seen.insert(*number))
        {
            return;
        }
        let Some(object) = self.document.resolve(node).filter(|_| depth < 64) else { return };
        let mut passed_on = inherited.clone();
        for key in ["Resources", "Rotate", "MediaBox"] {
            if let Some(own) = object.get(key) {
                passed_on.insert(key.to_owned(), own.clone());
            }
        }
        let Some(Object::Array(kids)) = self.document.get(&object, "Kids") else {
            self.leaves += 1;
            self.first.get_or_insert(Object::Dictionary(passed_on));
            return;
        };
        for kid in &kids {
            self.node(kid, &passed_on, depth + 1);
        }
    }
}

/// A page that is one picture.
pub(crate) struct Scanned {
    image: u32,
    turns: u8,
}

/// The picture of a page that has no text of its own, or only invisible text over a picture as large as itself.
pub(crate) fn scanned(document: &Document<'_>, page: &Object, limits: &Limits) -> Option<Scanned> {
    let resources = document.get(page, "Resources")?;
    let Object::Dictionary(objects) = document.get(&resources, "XObject")? else { return None };
    let mut best: Option<(u64, u64, u32)> = None;
    for value in objects.values().take(64) {
        let Object::Reference(number) = value else { continue };
        let Some((dictionary, _)) = document.stream(*number) else { continue };
        if dictionary.name("Subtype") != Some("Image") {
            continue;
        }
        let side = |key| document.get(&dictionary, key).and_then(|value| value.as_count()).unwrap_or(0);
        let (width, height) = (side("Width"), side("Height"));
        if best.is_none_or(|(w, h, _)| width.saturating_mul(height) > w.saturating_mul(h)) {
            best = Some((width, height, *number));
        }
    }
    let (width, height, image) = best?;
    let area = width.saturating_mul(height);
    let has_text = document.get(&resources, "Font").is_some();
    // A page of a report may carry a figure; a scan with recognised text carries a picture in the page's shape.
    let is_page = if has_text {
        area >= 500_000 && has_shape_of(document, page, width, height)
    } else {
        area >= 40_000
    };
    if !is_page || area > limits.pixels.saturating_mul(16) {
        return None;
    }
    let degrees = match document.get(page, "Rotate") {
        Some(Object::Number(number)) => number as i64,
        _ => 0,
    };
    let turns = u8::try_from(degrees.rem_euclid(360) / 90).unwrap_or(0);
    Some(Scanned { image, turns })
}

/// Whether sides relate as the page's do, give or take a margin of the scanner.
fn has_shape_of(document: &Document<'_>, page: &Object, width: u64, height: u64) -> bool {
    let Some(Object::Array(corners)) = document.get(page, "MediaBox") else { return false };
    let numbers: Vec<f64> =
        corners.iter().filter_map(|c| if let Object::Number(n) = c { Some(*n) } else { None }).collect();
    let [left, bottom, right, top] = numbers.as_slice() else { return false };
    let page_shape = (right - left) / (top - bottom);
    let shape = width as f64 / height.max(1) as f64;
    (page_shape / shape - 1.0).abs() < 0.04
}

/// Decodes the picture within the limits.
pub(crate) fn preview(document: &Document<'_>, scan: &Scanned, limits: &Limits) -> Option<Preview> {
    let (dictionary, packed) = document.stream(scan.image)?;
    let filters = filter::names(&dictionary);
    let image = match filters.last().map(String::as_str) {
        Some("DCTDecode") => {
            // Pictures are sometimes packed once more around the JPEG.
            let unpacked = if filters.len() > 1 {
                filter::decode(&dictionary, packed, limits.layer_bytes()).bytes
            } else {
                packed.to_vec()
            };
            picture::from_jpeg(&unpacked, limits)?
        }
        Some("JPXDecode") if scan.turns == 0 => return picture::from_jpeg2000(packed, limits),
        Some("FlateDecode" | "LZWDecode" | "RunLengthDecode" | "ASCII85Decode" | "ASCIIHexDecode") | None => {
            plain(document, &dictionary, packed, limits)?
        }
        _ => return None,
    };
    let upright = match scan.turns {
        1 => image.rotate90(),
        2 => image.rotate180(),
        3 => image.rotate270(),
        _ => image,
    };
    picture::guarded(|| picture::encode(&upright, limits))
}

/// Samples without further coding: grey of one or eight bits, or colour.
fn plain(
    document: &Document<'_>,
    dictionary: &Object,
    packed: &[u8],
    limits: &Limits,
) -> Option<DynamicImage> {
    let side = |key| {
        document.get(dictionary, key).and_then(|value| value.as_count()).and_then(|v| u32::try_from(v).ok())
    };
    let (width, height) = (side("Width")?, side("Height")?);
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        return None;
    }
    let bits = side("BitsPerComponent").unwrap_or(1);
    let channels = channels(document, dictionary)?;
    let row_bytes = (u64::from(width) * u64::from(bits) * channels).div_ceil(8);
    let size = row_bytes.checked_mul(u64::from(height)).filter(|size| *size <= limits.memory_bytes / 4)?;
    // Predictors add a byte to every row.
    let mut bytes = filter::decode(dictionary, packed, size + u64::from(height)).bytes;
    bytes.resize(usize::try_from(size).ok()?, 0xff);
    match (channels, bits) {
        (1, 8) => GrayImage::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8),
        (3, 8) => RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
        (1, 1) if pixels <= limits.memory_bytes / 4 => {
            let row_bytes = usize::try_from(row_bytes).ok()?;
            let bit = |row: &[u8], x: usize| row.get(x / 8).map_or(0, |byte| (byte >> (7 - x % 8) & 1) * 255);
            let grey = bytes
                .chunks(row_bytes)
                .flat_map(|row| (0..width as usize).map(move |x| bit(row, x)))
                .collect();
            GrayImage::from_raw(width, height, grey).map(DynamicImage::ImageLuma8)
        }
        _ => None,
    }
}

fn channels(document: &Document<'_>, dictionary: &Object) -> Option<u64> {
    match document.get(dictionary, "ColorSpace") {
        Some(Object::Name(name)) => match name.as_str() {
            "DeviceGray" | "CalGray" | "G" => Some(1),
            "DeviceRGB" | "CalRGB" | "RGB" => Some(3),
            _ => None,
        },
        Some(Object::Array(parts)) => match parts.first() {
            Some(Object::Name(name)) if name == "ICCBased" => {
                let Object::Reference(profile) = parts.get(1)? else { return None };
                let (profile, _) = document.stream(*profile)?;
                profile.get("N").and_then(Object::as_count).filter(|n| matches!(n, 1 | 3))
            }
            Some(Object::Name(name)) if name == "CalGray" => Some(1),
            Some(Object::Name(name)) if name == "CalRGB" => Some(3),
            _ => None,
        },
        // Masks have no colour space.
        _ => Some(1),
    }
}
