//! JPEG-LS (ITU-T T.87), lossless and near-lossless, as DICOM uses it: one to four components of up to 16 bits in
//! any interleaving. No Rust library reads it without C++ beneath.

use crate::source::{be16, has};

/// Run lengths grow by this order table (T.87, A.7.1.2).
const ORDER: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const CONTEXTS: usize = 367;
const RUN_CONTEXT: usize = 365;

/// A decoded picture: one plane of samples per component.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Planes {
    pub width: usize,
    pub height: usize,
    pub bits: u32,
    pub planes: Vec<Vec<u16>>,
}

/// Decodes a picture of at most `max_samples` samples; what is cut off stays zero.
pub(crate) fn decode(bytes: &[u8], max_samples: u64) -> Option<Planes> {
    if !has(bytes, 0, &[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    let mut out: Option<Planes> = None;
    let mut presets = None;
    let mut done = 0;
    while let Some(marker) = be16(bytes, at) {
        if marker == 0xffd9 {
            break;
        }
        let len = usize::from(be16(bytes, at + 2)?);
        let body = bytes.get(at + 4..at + 2 + len)?;
        at += 2 + len;
        match marker {
            0xfff7 => out = Some(frame(body, max_samples)?),
            0xfff8 if body.first() == Some(&1) => presets = Some(body.to_vec()),
            0xffda => {
                let picture = out.as_mut()?;
                let scan = Scan::parse(body, picture.bits, presets.as_deref())?;
                let used = decode_scan(bytes.get(at..)?, &scan, picture, done)?;
                done += scan.components;
                at += used;
                if done >= picture.planes.len() {
                    break;
                }
            }
            0xffc0..=0xffc3 | 0xffdd => return None,
            _ => {}
        }
    }
    out.filter(|_| done > 0)
}

fn frame(body: &[u8], max_samples: u64) -> Option<Planes> {
    let bits = u32::from(*body.first()?);
    let (height, width) = (usize::from(be16(body, 1)?), usize::from(be16(body, 3)?));
    let components = usize::from(*body.get(5)?);
    let samples = (width * height) as u64 * components as u64;
    if !(2..=16).contains(&bits) || !(1..=4).contains(&components) || samples == 0 || samples > max_samples {
        return None;
    }
    Some(Planes { width, height, bits, planes: vec![vec![0; width * height]; components] })
}

/// The parameters of one scan.
struct Scan {
    components: usize,
    interleave: u8,
    near: i32,
    max: i32,
    thresholds: [i32; 3],
    reset: i32,
}

impl Scan {
    fn parse(body: &[u8], bits: u32, presets: Option<&[u8]>) -> Option<Self> {
        let components = usize::from(*body.first()?);
        let near = i32::from(*body.get(1 + 2 * components)?);
        let interleave = *body.get(2 + 2 * components)?;
        if !(1..=4).contains(&components) || interleave > 2 || (interleave == 0 && components != 1) {
            return None;
        }
        let preset =
            |at: usize| presets.and_then(|p| be16(p, 1 + 2 * at)).map(i32::from).filter(|value| *value > 0);
        let max = preset(0).unwrap_or((1 << bits) - 1).min((1 << bits) - 1);
        if near > (max / 2).min(255) {
            return None;
        }
        let defaults = default_thresholds(max, near);
        let threshold = |at: usize| preset(at + 1).or_else(|| defaults.get(at).copied()).unwrap_or(max);
        let thresholds = [threshold(0), threshold(1), threshold(2)];
        Some(Self {
            components,
            interleave,
            near,
            max,
            thresholds,
            reset: preset(4).unwrap_or(64).clamp(3, 4096),
        })
    }
}

fn default_thresholds(max: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, low: i32| if value > max || value < low { low } else { value };
    let (a, b, c) = if max >= 128 {
        let factor = (max.min(4095) + 128) / 256;
        (factor + 2 + 3 * near, factor * 4 + 3 + 5 * near, factor * 17 + 4 + 7 * near)
    } else {
        let factor = 256 / (max + 1);
        ((3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4))
    };
    let first = clamp(a, near + 1);
    let second = clamp(b, first);
    [first, second, clamp(c, second)]
}

/// Decodes one scan into the planes from `first` on; gives the bytes used.
fn decode_scan(data: &[u8], scan: &Scan, picture: &mut Planes, first: usize) -> Option<usize> {
    let width = picture.width;
    let mut coder = Coder::new(data, scan);
    // One sample more on either side: the neighbours of the first and the last.
    let mut lines =
        vec![Line { above: vec![0; width + 2], here: vec![0; width + 2], run: 0 }; scan.components];
    for row in 0..picture.height {
        for line in &mut lines {
            line.begin();
        }
        let complete = if scan.interleave == 2 {
            coder.samples(&mut lines, width)
        } else {
            coder.lines(&mut lines, width)
        };
        for (line, plane) in lines.iter().zip(picture.planes.iter_mut().skip(first)) {
            let target = plane.get_mut(row * width..(row + 1) * width)?;
            for (to, from) in target.iter_mut().zip(line.here.iter().skip(1)) {
                *to = u16::try_from(*from).unwrap_or(0);
            }
        }
        complete?;
        for line in &mut lines {
            std::mem::swap(&mut line.above, &mut line.here);
        }
    }
    Some(coder.bits.used())
}

#[derive(Clone)]
struct Line {
    above: Vec<i32>,
    here: Vec<i32>,
    run: usize,
}

impl Line {
    /// The edges repeat their neighbours.
    fn begin(&mut self) {
        let last = self.above.len() - 1;
        let (start, end) = (at(&self.above, 1), at(&self.above, last - 1));
        set(&mut self.above, last, end);
        set(&mut self.here, 0, start);
    }

    fn neighbours(&self, x: usize) -> Neighbours {
        Neighbours {
            left: at(&self.here, x),
            above: at(&self.above, x + 1),
            corner: at(&self.above, x),
            ahead: at(&self.above, x + 2),
        }
    }
}

#[derive(Clone, Copy)]
struct Neighbours {
    left: i32,
    above: i32,
    corner: i32,
    ahead: i32,
}

fn at(values: &[i32], index: usize) -> i32 {
    values.get(index).copied().unwrap_or(0)
}

fn set(values: &mut [i32], index: usize, value: i32) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}

/// The adaptive state of a context.
#[derive(Clone, Copy)]
struct Context {
    sum: i32,
    bias: i32,
    correction: i32,
    count: i32,
    negative: i32,
}

struct Coder<'a> {
    scan: &'a Scan,
    bits: Bits<'a>,
    contexts: Vec<Context>,
    range: i32,
    quantized_bits: u32,
    limit: u32,
    step: i32,
}

impl<'a> Coder<'a> {
    fn new(data: &'a [u8], scan: &'a Scan) -> Self {
        let step = 2 * scan.near + 1;
        let range = if scan.near == 0 { scan.max + 1 } else { (scan.max + 2 * scan.near) / step + 1 };
        let log = |value: i32| u32::try_from(value - 1).map_or(0, |v| u32::BITS - v.leading_zeros());
        let bits = log(scan.max + 1).max(2);
        let fresh =
            Context { sum: ((range + 32) / 64).max(2), bias: 0, correction: 0, count: 1, negative: 0 };
        Self {
            scan,
            bits: Bits { data, at: 0, held: 0, count: 0, after_ff: false },
            contexts: vec![fresh; CONTEXTS],
            range,
            quantized_bits: log(range),
            limit: 2 * (bits + bits.max(8)),
            step,
        }
    }

    /// Whole lines, one component after the other.
    fn lines(&mut self, lines: &mut [Line], width: usize) -> Option<()> {
        for line in lines {
            let mut x = 0;
            while x < width {
                let near = line.neighbours(x);
                let gradients = self.gradients(near);
                if gradients == [0; 3] {
                    x = self.run(std::slice::from_mut(line), x, width)?;
                } else {
                    let sample = self.regular(near, gradients)?;
                    set(&mut line.here, x + 1, sample);
                    x += 1;
                }
            }
        }
        Some(())
    }

    /// All components of a pixel together; a run needs all of them to be flat.
    fn samples(&mut self, lines: &mut [Line], width: usize) -> Option<()> {
        let mut x = 0;
        while x < width {
            let flat = lines.iter().all(|line| self.gradients(line.neighbours(x)) == [0; 3]);
            if flat {
                x = self.run(lines, x, width)?;
                continue;
            }
            for line in lines.iter_mut() {
                let near = line.neighbours(x);
                let sample = self.regular(near, self.gradients(near))?;
                set(&mut line.here, x + 1, sample);
            }
            x += 1;
        }
        Some(())
    }

    fn gradients(&self, n: Neighbours) -> [i32; 3] {
        [n.ahead - n.above, n.above - n.corner, n.corner - n.left].map(|difference| self.quantize(difference))
    }

    fn quantize(&self, difference: i32) -> i32 {
        let size = difference.abs();
        let [first, second, third] = self.scan.thresholds;
        let step = if size <= self.scan.near {
            0
        } else if size < first {
            1
        } else if size < second {
            2
        } else if size < third {
            3
        } else {
            4
        };
        step * difference.signum()
    }

    fn regular(&mut self, n: Neighbours, gradients: [i32; 3]) -> Option<i32> {
        let [a, b, c] = gradients;
        let number = 81 * a + 9 * b + c;
        let sign = if number < 0 { -1 } else { 1 };
        let index = number.unsigned_abs() as usize;
        let context = *self.contexts.get(index)?;
        let predicted = (predict(n) + sign * context.correction).clamp(0, self.scan.max);
        let order = golomb_order(context.count, context.sum);
        let coded = self.golomb(order, self.limit)?;
        let turned = self.scan.near == 0 && order == 0 && 2 * context.bias <= -context.count;
        let error = unmap(coded, turned);
        let updated = update(context, error, self.step, self.scan.reset);
        *self.contexts.get_mut(index)? = updated;
        Some(self.reconstruct(predicted, sign * error))
    }

    fn reconstruct(&self, predicted: i32, error: i32) -> i32 {
        let mut value = predicted + error * self.step;
        if value < -self.scan.near {
            value += self.range * self.step;
        } else if value > self.scan.max + self.scan.near {
            value -= self.range * self.step;
        }
        value.clamp(0, self.scan.max)
    }

    /// A run of the left sample, and the sample that interrupts it; gives where to go on.
    fn run(&mut self, lines: &mut [Line], start: usize, width: usize) -> Option<usize> {
        let mut x = start;
        let mut index = lines.first()?.run;
        while self.bits.take(1)? == 1 {
            let length = 1usize << order_of(index);
            let fits = length.min(width - x);
            fill(lines, x, fits);
            x += fits;
            if fits == length {
                index = (index + 1).min(31);
            }
            if x == width {
                lines.first_mut()?.run = index;
                return Some(x);
            }
        }
        let rest = self.bits.take(order_of(index))? as usize;
        if rest >= width - x {
            return None;
        }
        fill(lines, x, rest);
        x += rest;
        let together = lines.len() > 1;
        for line in lines.iter_mut() {
            let near = line.neighbours(x);
            let sample = self.interruption(near, index, together)?;
            set(&mut line.here, x + 1, sample);
        }
        lines.first_mut()?.run = index.saturating_sub(1);
        Some(x + 1)
    }

    fn interruption(&mut self, n: Neighbours, run: usize, together: bool) -> Option<i32> {
        let same = !together && (n.left - n.above).abs() <= self.scan.near;
        let kind = i32::from(same);
        let index = RUN_CONTEXT + usize::from(same);
        let mut context = *self.contexts.get(index)?;
        let order = golomb_order(context.count, context.sum + if same { context.count >> 1 } else { 0 });
        let coded = self.golomb(order, self.limit - order_of(run) - 1)?;
        let odd = (coded + kind) & 1;
        let size = (coded + kind + odd) / 2;
        let negative = (order != 0 || 2 * context.negative >= context.count) == (odd == 1);
        let error = if negative { -size } else { size };
        context.negative += i32::from(error < 0);
        context.sum += (coded + 1 - kind) >> 1;
        if context.count == self.scan.reset {
            context.sum >>= 1;
            context.count >>= 1;
            context.negative >>= 1;
        }
        context.count += 1;
        *self.contexts.get_mut(index)? = context;
        let predicted = if same { n.left } else { n.above };
        let sign = if !same && n.left > n.above { -1 } else { 1 };
        Some(self.reconstruct(predicted, sign * error))
    }

    fn golomb(&mut self, order: u32, limit: u32) -> Option<i32> {
        let escape = limit - self.quantized_bits - 1;
        let mut zeros = 0;
        while self.bits.take(1)? == 0 {
            zeros += 1;
            if zeros > limit {
                return None;
            }
        }
        let value = if zeros < escape {
            zeros << order | self.bits.take(order)?
        } else {
            self.bits.take(self.quantized_bits)? + 1
        };
        // Errors are bounded by the range; larger ones come from noise and would overflow the sums.
        i32::try_from(value).ok().filter(|value| *value <= 4 * self.range)
    }
}

fn fill(lines: &mut [Line], x: usize, count: usize) {
    for line in lines {
        let value = at(&line.here, x);
        if let Some(places) = line.here.get_mut(x + 1..x + 1 + count) {
            places.fill(value);
        }
    }
}

fn order_of(index: usize) -> u32 {
    ORDER.get(index).copied().unwrap_or(15)
}

/// The median edge detector.
fn predict(n: Neighbours) -> i32 {
    let (low, high) = (n.left.min(n.above), n.left.max(n.above));
    if n.corner >= high {
        low
    } else if n.corner <= low {
        high
    } else {
        n.left + n.above - n.corner
    }
}

fn golomb_order(count: i32, sum: i32) -> u32 {
    (0..24).find(|order| i64::from(count) << order >= i64::from(sum)).unwrap_or(24)
}

fn unmap(coded: i32, turned: bool) -> i32 {
    match (turned, coded & 1 == 0) {
        (false, true) => coded / 2,
        (false, false) => -(coded + 1) / 2,
        (true, true) => -(coded / 2) - 1,
        (true, false) => (coded - 1) / 2,
    }
}

fn update(mut context: Context, error: i32, step: i32, reset: i32) -> Context {
    context.bias += error * step;
    context.sum += error.abs();
    if context.count == reset {
        context.sum >>= 1;
        context.bias = if context.bias >= 0 { context.bias >> 1 } else { -((1 - context.bias) >> 1) };
        context.count >>= 1;
    }
    context.count += 1;
    if context.bias <= -context.count {
        context.bias = (context.bias + context.count).max(1 - context.count);
        context.correction = (context.correction - 1).max(-128);
    } else if context.bias > 0 {
        context.bias = (context.bias - context.count).min(0);
        context.correction = (context.correction + 1).min(127);
    }
    context
}

/// Bits of the coded data: after a byte of ones comes one of seven bits.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    after_ff: bool,
}

impl Bits<'_> {
    fn take(&mut self, wanted: u32) -> Option<u32> {
        while self.count < wanted {
            let byte = *self.data.get(self.at)?;
            if self.after_ff && byte & 0x80 != 0 {
                return None;
            }
            let width = if self.after_ff { 7 } else { 8 };
            self.held = self.held << width | u64::from(byte);
            self.count += width;
            self.after_ff = byte == 0xff;
            self.at += 1;
        }
        self.count -= wanted;
        let value = self.held >> self.count & ((1u64 << wanted) - 1);
        u32::try_from(value).ok()
    }

    /// Where the next marker begins.
    fn used(&self) -> usize {
        let rest = self.data.get(self.at.saturating_sub(1)..).unwrap_or_default();
        let marker = rest.windows(2).position(|pair| matches!(pair, [0xff, next] if next & 0x80 != 0));
        self.at.saturating_sub(1) + marker.unwrap_or(rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of T.87, annex H.3: a 4 by 4 picture of 8 bits.
    #[test]
    fn the_example_of_the_standard_decodes() {
        let bytes = [
            0xff, 0xd8, 0xff, 0xf7, 0x00, 0x0b, 0x08, 0x00, 0x04, 0x00, 0x04, 0x01, 0x01, 0x11, 0x00, 0xff,
            0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x6c, 0x80, 0x20, 0x8e,
            0x01, 0xc0, 0x00, 0x00, 0x57, 0x40, 0x00, 0x00, 0x6e, 0xe6, 0x00, 0x00, 0x01, 0xbc, 0x18, 0x00,
            0x00, 0x05, 0xd8, 0x00, 0x00, 0x91, 0x60, 0xff, 0xd9,
        ];
        let picture = decode(&bytes, 1000).unwrap();
        let expected = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
        assert_eq!(picture.planes, [expected.to_vec()]);
    }

    #[test]
    fn a_picture_over_the_limit_or_cut_short_is_refused() {
        let frame = [0xff, 0xd8, 0xff, 0xf7, 0, 0x0b, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0];
        assert_eq!(decode(&frame, 1 << 20), None);
        assert_eq!(decode(&[0xff, 0xd8], 10), None);
    }
}
