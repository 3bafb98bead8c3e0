//! A frame as people expect to see it: windowed, the right way round in light and colour, small.
//!
//! Samples are averaged down to the preview's size before anything else, so that the cost of rendering does not
//! depend on how the pixels are stored.

use super::facts::{DicomFacts, decimal, text};
use super::pixels::{Colour, Palette, Raster, is_inverse, middle_frame, padding};
use super::tag::{self, Tag};
use super::walk::DataSet;
use crate::examination::Preview;
use crate::limits::Limits;
use crate::picture;
use crate::source::Source;
use image::{DynamicImage, GrayImage, RgbImage};

/// At most this many samples in each direction are averaged into one of the preview's.
const TAPS: usize = 4;

/// The preview, if there are pixels and they can be decoded within the limits.
pub(crate) fn preview(
    source: &mut Source<'_>,
    set: &DataSet,
    facts: &DicomFacts,
    limits: &Limits,
) -> Option<Preview> {
    set.pixels.as_ref()?;
    picture::guarded(|| {
        let raster = middle_frame(source, set, facts, limits)?;
        let shrunk = Shrunk::of(&raster, limits.preview_edge);
        let image = match raster.colour {
            Colour::Grey => grey(&shrunk, &raster, set, facts)?,
            Colour::Palette => palette(&shrunk, set)?,
            Colour::Rgb => colour(&shrunk, &raster, |rgb| rgb)?,
            Colour::Ybr => colour(&shrunk, &raster, to_rgb)?,
        };
        picture::encode(&image, limits)
    })
}

/// The frame at the preview's size, all channels of a pixel together.
struct Shrunk {
    width: u32,
    height: u32,
    channels: usize,
    values: Vec<i32>,
}

impl Shrunk {
    fn of(raster: &Raster, edge: u32) -> Self {
        let longest = raster.width.max(raster.height);
        let edge = (edge as usize).clamp(1, 4096);
        let scaled = |size: usize| if longest <= edge { size } else { (size * edge / longest).max(1) };
        let (width, height) = (scaled(raster.width), scaled(raster.height));
        let channels = raster.channels.min(3);
        let mut values = Vec::with_capacity(width * height * channels);
        // An average of palette indexes would be another colour.
        let taps = if raster.colour == Colour::Palette { 1 } else { TAPS };
        for y in 0..height {
            let rows = span(y, height, raster.height, taps);
            for x in 0..width {
                let columns = span(x, width, raster.width, taps);
                values.extend((0..channels).map(|channel| average(raster, &rows, &columns, channel)));
            }
        }
        Self { width: width as u32, height: height as u32, channels, values }
    }

    /// The smallest and largest value that is not padding.
    fn extremes(&self, padding: Option<i32>) -> (i32, i32) {
        let seen = || self.values.iter().copied().filter(|value| Some(*value) != padding);
        (seen().min().unwrap_or(0), seen().max().unwrap_or(0))
    }
}

/// The source places that fall on one target place, evenly thinned to `taps`.
fn span(target: usize, targets: usize, sources: usize, taps: usize) -> Vec<usize> {
    let start = target * sources / targets;
    let end = ((target + 1) * sources / targets).max(start + 1);
    let step = (end - start).div_ceil(taps);
    (start..end).step_by(step).collect()
}

fn average(raster: &Raster, rows: &[usize], columns: &[usize], channel: usize) -> i32 {
    let each = rows.iter().flat_map(|y| columns.iter().map(|x| i64::from(raster.sample(*x, *y, channel))));
    let sum: i64 = each.sum();
    let count = (rows.len() * columns.len()).max(1) as i64;
    i32::try_from(sum / count).unwrap_or(0)
}

fn grey(shrunk: &Shrunk, raster: &Raster, set: &DataSet, facts: &DicomFacts) -> Option<DynamicImage> {
    let window = Window::of(set, shrunk, raster, padding(set, raster));
    let inverse = is_inverse(set, facts);
    let light = |value: &i32| if inverse { 255 - window.light(*value) } else { window.light(*value) };
    let pixels = shrunk.values.iter().step_by(shrunk.channels.max(1)).map(light).collect();
    GrayImage::from_raw(shrunk.width, shrunk.height, pixels).map(DynamicImage::ImageLuma8)
}

fn palette(shrunk: &Shrunk, set: &DataSet) -> Option<DynamicImage> {
    let red = Palette::of(set, tag::PALETTE_RED, tag::PALETTE_RED_DATA)?;
    let green = Palette::of(set, tag::PALETTE_GREEN, tag::PALETTE_GREEN_DATA)?;
    let blue = Palette::of(set, tag::PALETTE_BLUE, tag::PALETTE_BLUE_DATA)?;
    let pixels = shrunk.values.iter().flat_map(|value| [&red, &green, &blue].map(|part| part.colour(*value)));
    RgbImage::from_raw(shrunk.width, shrunk.height, pixels.collect()).map(DynamicImage::ImageRgb8)
}

fn colour(shrunk: &Shrunk, raster: &Raster, convert: fn([u8; 3]) -> [u8; 3]) -> Option<DynamicImage> {
    let scale = |value: &i32| {
        (if raster.bits > 8 { *value >> (raster.bits - 8) } else { *value }).clamp(0, 255) as u8
    };
    let (pixels, _) = shrunk.values.as_chunks::<3>();
    let bytes = pixels.iter().flat_map(|[a, b, c]| convert([scale(a), scale(b), scale(c)])).collect();
    RgbImage::from_raw(shrunk.width, shrunk.height, bytes).map(DynamicImage::ImageRgb8)
}

fn to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
        .map(|part| part.round().clamp(0.0, 255.0) as u8)
}

/// Which values become black and white (PS3.3 C.11.2.1.2).
struct Window {
    slope: f64,
    intercept: f64,
    center: f64,
    width: f64,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Linear,
    Exact,
    Sigmoid,
}

impl Window {
    /// The file's window; without one, or with one that shows nothing, the values that are there.
    fn of(set: &DataSet, shrunk: &Shrunk, raster: &Raster, padding: Option<i32>) -> Self {
        let number =
            |tag: Tag| set.values.get(&tag).or_else(|| set.nested.get(&tag)).and_then(|value| decimal(value));
        let slope = number(tag::SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0);
        let intercept = number(tag::INTERCEPT).unwrap_or(0.0);
        let shape = set.values.get(&tag::WINDOW_FUNCTION).or_else(|| set.nested.get(&tag::WINDOW_FUNCTION));
        let shape = match shape.map(|value| text(value)).as_deref() {
            Some("SIGMOID") => Shape::Sigmoid,
            Some("LINEAR_EXACT") => Shape::Exact,
            _ => Shape::Linear,
        };
        let (low, high) = shrunk.extremes(padding);
        let (low, high) = (f64::from(low) * slope + intercept, f64::from(high) * slope + intercept);
        let (low, high) = (low.min(high), low.max(high));
        if let (Some(center), Some(width)) = (number(tag::WINDOW_CENTER), number(tag::WINDOW_WIDTH)) {
            let shows = width >= 1.0 && center + width / 2.0 >= low && center - width / 2.0 <= high;
            if shows {
                return Self { slope, intercept, center, width, shape };
            }
        }
        let (low, high) = if raster.bits <= 8 && !raster.signed && raster.bits > 1 {
            (intercept, f64::from((1 << raster.bits) - 1) * slope + intercept)
        } else {
            (low, high)
        };
        Self {
            slope,
            intercept,
            center: f64::midpoint(low, high),
            width: (high - low).max(1e-9),
            shape: Shape::Exact,
        }
    }

    fn light(&self, value: i32) -> u8 {
        let value = f64::from(value) * self.slope + self.intercept;
        let part = match self.shape {
            Shape::Linear if self.width > 1.0 => (value - (self.center - 0.5)) / (self.width - 1.0) + 0.5,
            Shape::Linear => f64::from(u8::from(value > self.center - 0.5)),
            Shape::Exact => (value - self.center) / self.width + 0.5,
            Shape::Sigmoid => 1.0 / (1.0 + (-4.0 * (value - self.center) / self.width).exp()),
        };
        (part * 255.0).round().clamp(0.0, 255.0) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(center: f64, width: f64, shape: Shape) -> Window {
        Window { slope: 1.0, intercept: 0.0, center, width, shape }
    }

    #[test]
    fn the_linear_window_is_that_of_the_standard() {
        let window = window(2048.0, 4096.0, Shape::Linear);
        assert_eq!((window.light(0), window.light(4095)), (0, 255));
        assert_eq!(window.light(2048), 128);
        assert_eq!((window.light(-5000), window.light(9000)), (0, 255));
    }

    #[test]
    fn a_window_of_one_is_a_threshold() {
        let window = window(10.0, 1.0, Shape::Linear);
        assert_eq!((window.light(9), window.light(10)), (0, 255));
    }

    #[test]
    fn colours_come_back_from_luminance() {
        assert_eq!(to_rgb([76, 85, 255]), [254, 0, 0]);
        assert_eq!(to_rgb([128, 128, 128]), [128, 128, 128]);
    }

    #[test]
    fn every_place_of_a_frame_falls_into_the_preview() {
        assert_eq!(span(0, 2, 5, 4), [0, 1]);
        assert_eq!(span(1, 2, 5, 4), [2, 3, 4]);
        assert_eq!(span(0, 1, 100, 4), [0, 25, 50, 75]);
        assert_eq!(span(3, 10, 4, 4), [1]);
    }
}
