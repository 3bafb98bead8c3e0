//! Still pictures: their size, what EXIF gives away, and an upright preview. Limits are set before decoding begins.

use crate::boxes;
use crate::examination::{ImageFacts, Preview, Warning, WarningCode};
use crate::limits::Limits;
use crate::sniff::Raster;
use crate::source::{Source, contains, has};
use crate::tiff;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, RgbImage,
};
use std::io::{BufReader, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

const PREVIEW_QUALITY: u8 = 85;
const MAX_SCANS: usize = 100;
/// How much of the front is searched for metadata that is not where it should be.
const METADATA_BYTES: u64 = 1 << 20;

pub(crate) struct Reading {
    pub facts: ImageFacts,
    pub preview: Option<Preview>,
    pub warnings: Vec<Warning>,
}

/// Reads size and metadata and makes a preview where the format is decoded here.
pub(crate) fn read(source: &mut Source<'_>, raster: Raster, limits: &Limits) -> Reading {
    let mut facts = ImageFacts { format: name(raster).to_owned(), pages: Some(1), ..ImageFacts::default() };
    let mut warnings = privacy(source, raster);
    let preview = match raster {
        Raster::Heic | Raster::Avif => {
            from_boxes(source, limits, &mut facts);
            None
        }
        Raster::Jpeg2000 => {
            from_boxes(source, limits, &mut facts);
            jpeg2000(source, limits, &mut facts)
        }
        _ => decoded(source, raster, limits, &mut facts),
    };
    if raster == Raster::Tiff
        && let Some(found) = tiff::walk(source)
    {
        facts.width = found.width.or(facts.width);
        facts.height = found.height.or(facts.height);
        facts.orientation = found.orientation.or(facts.orientation);
        facts.pages = Some(found.pages);
    }
    if preview.is_none() {
        warnings.push(WarningCode::NoPreview.into());
    }
    if facts.width.is_none() {
        warnings.push(WarningCode::Damaged.into());
    }
    Reading { facts, preview, warnings }
}

fn name(raster: Raster) -> &'static str {
    match raster {
        Raster::Jpeg => "jpeg",
        Raster::Png => "png",
        Raster::Gif => "gif",
        Raster::Bmp => "bmp",
        Raster::Tiff => "tiff",
        Raster::Webp => "webp",
        Raster::Heic => "heic",
        Raster::Avif => "avif",
        Raster::Jpeg2000 => "jpeg2000",
    }
}

fn from_boxes(source: &mut Source<'_>, limits: &Limits, facts: &mut ImageFacts) {
    let found = boxes::walk(source, limits).image;
    facts.width = found.width;
    facts.height = found.height;
    facts.orientation = found.orientation;
}

fn decoded(
    source: &mut Source<'_>,
    raster: Raster,
    limits: &Limits,
    facts: &mut ImageFacts,
) -> Option<Preview> {
    let format = match raster {
        Raster::Jpeg => ImageFormat::Jpeg,
        Raster::Png => ImageFormat::Png,
        Raster::Gif => ImageFormat::Gif,
        Raster::Bmp => ImageFormat::Bmp,
        Raster::Tiff => ImageFormat::Tiff,
        Raster::Webp => ImageFormat::WebP,
        Raster::Heic | Raster::Avif | Raster::Jpeg2000 => return None,
    };
    if raster == Raster::Jpeg && has_endless_scans(source, limits) {
        return None;
    }
    guarded(|| {
        let mut reader = ImageReader::with_format(BufReader::new(&mut *source), format);
        reader.limits(decoder_limits(limits));
        let mut decoder = reader.into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        facts.width = Some(width);
        facts.height = Some(height);
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        facts.orientation = (raster != Raster::Png || orientation != Orientation::NoTransforms)
            .then(|| orientation.to_exif());
        if !fits(u64::from(width) * u64::from(height), decoder.total_bytes(), limits) {
            return None;
        }
        let image = DynamicImage::from_decoder(decoder).ok()?;
        let mut small = shrink(&image, limits);
        drop(image);
        small.apply_orientation(orientation);
        encode(&small, limits)
    })
}

/// A progressive JPEG refines its picture in about ten scans; thousands of them only cost time.
fn has_endless_scans(source: &mut Source<'_>, limits: &Limits) -> bool {
    let bytes = source.part(0, limits.layer_bytes());
    memchr::memmem::find_iter(&bytes, &[0xff, 0xda]).nth(MAX_SCANS).is_some()
}

/// Formats that hold the picture compressed need it twice: once unpacked, once decoded.
fn fits(pixels: u64, bytes: u64, limits: &Limits) -> bool {
    pixels > 0 && pixels <= limits.pixels && bytes <= limits.memory_bytes
}

fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut out = image::Limits::default();
    // No side can be longer than all pixels in a row.
    let side = u32::try_from(limits.pixels).unwrap_or(u32::MAX);
    out.max_image_width = Some(side);
    out.max_image_height = Some(side);
    out.max_alloc = Some(limits.memory_bytes);
    out
}

fn jpeg2000(source: &mut Source<'_>, limits: &Limits, facts: &mut ImageFacts) -> Option<Preview> {
    let bytes = source.part(0, limits.layer_bytes());
    if let Some(at) = memchr::memmem::find(&bytes, &[0xff, 0x4f, 0xff, 0x51])
        && facts.width.is_none()
    {
        let size = |offset| crate::source::be32(&bytes, at + offset);
        facts.width = size(8).zip(size(16)).and_then(|(end, start)| end.checked_sub(start));
        facts.height = size(12).zip(size(20)).and_then(|(end, start)| end.checked_sub(start));
    }
    let pixels = u64::from(facts.width?) * u64::from(facts.height?);
    if pixels > limits.pixels {
        return None;
    }
    from_jpeg2000(&bytes, limits)
}

/// Decodes JPEG 2000 at about the preview's size.
pub(crate) fn from_jpeg2000(bytes: &[u8], limits: &Limits) -> Option<Preview> {
    guarded(|| {
        let settings = hayro_jpeg2000::DecodeSettings {
            target_resolution: Some((limits.preview_edge, limits.preview_edge)),
            ..hayro_jpeg2000::DecodeSettings::default()
        };
        let image = hayro_jpeg2000::Image::new(bytes, &settings).ok()?;
        let channels = u64::from(image.color_space().num_channels()) + u64::from(image.has_alpha());
        if u64::from(image.width()) * u64::from(image.height()) * channels * 16 > limits.memory_bytes {
            return None;
        }
        let (width, height, alpha) = (image.width(), image.height(), image.has_alpha());
        let colours = image.color_space().num_channels();
        let mut context = hayro_jpeg2000::DecoderContext::default();
        let data = image.decode(&mut context).ok()?.data_u8();
        let decoded = match (colours, alpha) {
            (1, false) => image::GrayImage::from_raw(width, height, data).map(DynamicImage::ImageLuma8),
            (1, true) => image::GrayAlphaImage::from_raw(width, height, data).map(DynamicImage::ImageLumaA8),
            (3, false) => RgbImage::from_raw(width, height, data).map(DynamicImage::ImageRgb8),
            (3, true) => image::RgbaImage::from_raw(width, height, data).map(DynamicImage::ImageRgba8),
            _ => None,
        }?;
        encode(&decoded, limits)
    })
}

/// A preview of a JPEG that lies in memory, as scanned PDFs hold it.
pub(crate) fn from_jpeg(bytes: &[u8], limits: &Limits) -> Option<DynamicImage> {
    guarded(|| {
        let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
        reader.limits(decoder_limits(limits));
        let decoder = reader.into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        if !fits(u64::from(width) * u64::from(height), decoder.total_bytes(), limits) {
            return None;
        }
        Some(shrink(&DynamicImage::from_decoder(decoder).ok()?, limits))
    })
}

fn shrink(image: &DynamicImage, limits: &Limits) -> DynamicImage {
    let edge = limits.preview_edge.max(1);
    if image.width() <= edge && image.height() <= edge { image.clone() } else { image.thumbnail(edge, edge) }
}

/// Encodes a preview, made small if it is not; what shows through shows white, as on a page.
pub(crate) fn encode(image: &DynamicImage, limits: &Limits) -> Option<Preview> {
    let small = shrink(image, limits);
    let (width, height) = (small.width(), small.height());
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, PREVIEW_QUALITY);
    match small {
        DynamicImage::ImageLuma8(grey) => {
            encoder.write_image(&grey, width, height, ExtendedColorType::L8).ok()?
        }
        other => encoder.write_image(&on_white(&other), width, height, ExtendedColorType::Rgb8).ok()?,
    }
    Some(Preview { bytes, media_type: "image/jpeg", width, height })
}

fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let rgba = image.to_rgba8();
    let blend = |part: u8, alpha: u8| {
        let mixed = (u32::from(part) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let image::Rgba([r, g, b, a]) = *rgba.get_pixel(x, y);
        image::Rgb([blend(r, a), blend(g, a), blend(b, a)])
    })
}

/// Decoders are other people's code reading hostile bytes: should one panic, the file merely has no preview.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(decode)).ok().flatten()
}

/// What the metadata gives away about people.
fn privacy(source: &mut Source<'_>, raster: Raster) -> Vec<Warning> {
    let front = source.part(0, METADATA_BYTES);
    let found = if raster == Raster::Tiff { tiff::walk(source) } else { exif(&front) };
    let found = found.unwrap_or_default();
    let location = found.location || contains(&front, b"GPSLatitude");
    let named = found.personal
        || [
            &b"<dc:creator"[..],
            b"photoshop:AuthorsPosition",
            b"aux:OwnerName",
            b"tEXtAuthor\0",
            b"iTXtAuthor\0",
        ]
        .iter()
        .any(|mark| contains(&front, mark));
    let mut warnings = Vec::new();
    if location {
        warnings.push(WarningCode::CarriesLocation.into());
    }
    if named {
        warnings.push(WarningCode::CarriesPersonalName.into());
    }
    warnings
}

/// EXIF is a small TIFF behind a mark of its own: in JPEG and HEIC behind `Exif`, in PNG and WebP in a chunk.
fn exif(front: &[u8]) -> Option<tiff::Directories> {
    let marks: [&[u8]; 3] = [b"Exif\0\0", b"eXIf", b"EXIF"];
    marks.iter().find_map(|mark| {
        let at = memchr::memmem::find(front, mark)? + mark.len();
        let start = (at..at + 16).find(|at| has(front, *at, b"II*\0") || has(front, *at, b"MM\0*"))?;
        tiff::walk(&mut Source::new(&mut Cursor::new(front.get(start..)?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_turns_white() {
        let image = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(2, 2, image::Rgba([0, 0, 0, 0])));
        assert_eq!(on_white(&image).get_pixel(0, 0).0, [255, 255, 255]);
    }

    #[test]
    fn a_panic_in_a_decoder_is_no_preview() {
        assert_eq!(guarded(|| -> Option<u8> { panic!("a decoder gave up") }), None);
    }
}
