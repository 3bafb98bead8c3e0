//! The filters streams are packed with, as far as they can hide something or hold objects.

use super::object::Object;
use crate::scan::{Inflated, inflate_zlib};

/// A stream packed more often than this is packed to deceive.
const MAX_FILTERS: usize = 8;

/// The filters of a stream, in the order they are undone.
pub(crate) fn names(dictionary: &Object) -> Vec<String> {
    match dictionary.get("Filter").or_else(|| dictionary.get("F")) {
        Some(Object::Name(name)) => vec![name.clone()],
        Some(Object::Array(items)) => items
            .iter()
            .filter_map(|item| if let Object::Name(name) = item { Some(name.clone()) } else { None })
            .take(MAX_FILTERS)
            .collect(),
        _ => Vec::new(),
    }
}

/// Unpacks a stream up to a limit, as far as its filters are known.
pub(crate) fn decode(dictionary: &Object, packed: &[u8], limit: u64) -> Inflated {
    let mut out = Inflated { bytes: Vec::new(), is_cut: false };
    let mut first = true;
    for (at, name) in names(dictionary).iter().enumerate() {
        let input = if first { packed } else { &out.bytes };
        let next = match name.as_str() {
            "FlateDecode" | "Fl" => {
                let inflated = inflate_zlib(input, limit);
                Inflated {
                    bytes: unpredict(inflated.bytes, parameters(dictionary, at)),
                    is_cut: inflated.is_cut,
                }
            }
            "ASCIIHexDecode" | "AHx" => whole(hex(input)),
            "ASCII85Decode" | "A85" => whole(base85(input)),
            "RunLengthDecode" | "RL" => run_length(input, limit),
            "LZWDecode" | "LZW" => lzw(input, limit),
            _ => break,
        };
        out = Inflated { is_cut: out.is_cut || next.is_cut, ..next };
        first = false;
    }
    if first { whole(packed.to_vec()) } else { out }
}

fn whole(bytes: Vec<u8>) -> Inflated {
    Inflated { bytes, is_cut: false }
}

fn parameters(dictionary: &Object, at: usize) -> Option<&Object> {
    match dictionary.get("DecodeParms").or_else(|| dictionary.get("DP"))? {
        Object::Array(items) => items.get(at),
        single => Some(single),
    }
}

/// Undoes the PNG predictors.
fn unpredict(bytes: Vec<u8>, parameters: Option<&Object>) -> Vec<u8> {
    let number =
        |key, otherwise| parameters.and_then(|p| p.get(key)).and_then(Object::as_count).unwrap_or(otherwise);
    if number("Predictor", 1) < 10 {
        return bytes;
    }
    let bits = number("Colors", 1).min(32) * number("BitsPerComponent", 8).min(16);
    let Ok(row_bytes) = usize::try_from((bits * number("Columns", 1).min(1 << 24)).div_ceil(8)) else {
        return bytes;
    };
    let step = usize::try_from(bits.div_ceil(8)).unwrap_or(1).max(1);
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for row in bytes.chunks(row_bytes + 1) {
        let Some((kind, row)) = row.split_first() else { break };
        let start = out.len();
        for (at, byte) in row.iter().enumerate() {
            let left = at.checked_sub(step).and_then(|at| out.get(start + at)).copied().unwrap_or(0);
            let above = (start + at).checked_sub(row_bytes).and_then(|at| out.get(at)).copied().unwrap_or(0);
            let corner = (start + at).checked_sub(row_bytes + step).filter(|_| at >= step);
            let corner = corner.and_then(|at| out.get(at)).copied().unwrap_or(0);
            out.push(byte.wrapping_add(predicted(*kind, left, above, corner)));
        }
    }
    out
}

fn predicted(kind: u8, left: u8, above: u8, corner: u8) -> u8 {
    match kind {
        1 => left,
        2 => above,
        3 => left.midpoint(above),
        4 => {
            let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
            let (pa, pb, pc) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
            if pa <= pb && pa <= pc {
                left
            } else if pb <= pc {
                above
            } else {
                corner
            }
        }
        _ => 0,
    }
}

fn hex(input: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = input
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |value, digit| value << 4 | digit) << (4 * (2 - pair.len())))
        .collect()
}

fn base85(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut group = Vec::with_capacity(5);
    for byte in input.iter().copied().take_while(|byte| *byte != b'~') {
        match byte {
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => continue,
        }
        if group.len() == 5 {
            flush85(&mut group, &mut out);
        }
    }
    if group.len() > 1 {
        flush85(&mut group, &mut out);
    }
    out
}

fn flush85(group: &mut Vec<u8>, out: &mut Vec<u8>) {
    let kept = group.len() - 1;
    group.resize(5, 84);
    let value =
        group.iter().fold(0u32, |value, digit| value.wrapping_mul(85).wrapping_add(u32::from(*digit)));
    out.extend(value.to_be_bytes().iter().take(kept));
    group.clear();
}

fn run_length(mut input: &[u8], limit: u64) -> Inflated {
    let mut bytes = Vec::new();
    while let Some((&control, rest)) = input.split_first() {
        if bytes.len() as u64 >= limit {
            return Inflated { bytes, is_cut: true };
        }
        input = rest;
        match control {
            0..=127 => {
                let (literal, rest) = input.split_at((usize::from(control) + 1).min(input.len()));
                bytes.extend_from_slice(literal);
                input = rest;
            }
            128 => break,
            129..=255 => {
                let Some((&byte, rest)) = input.split_first() else { break };
                bytes.resize(bytes.len() + 257 - usize::from(control), byte);
                input = rest;
            }
        }
    }
    whole(bytes)
}

/// LZW as PDF has it: codes of nine to twelve bits, widened one code early.
fn lzw(input: &[u8], limit: u64) -> Inflated {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut bytes: Vec<u8> = Vec::new();
    // Every code after the fixed ones stands for a stretch of what was already put out.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    let (mut held, mut count, mut width) = (0u32, 0u32, 9u32);
    for byte in input {
        held = held << 8 | u32::from(*byte);
        count += 8;
        if count < width {
            continue;
        }
        count -= width;
        let code = (held >> count & ((1 << width) - 1)) as usize;
        if code == END || bytes.len() as u64 > limit {
            break;
        }
        if code == CLEAR {
            table.clear();
            (last, width) = (None, 9);
            continue;
        }
        let start = bytes.len();
        if code < CLEAR {
            bytes.push(code as u8);
        } else {
            let known = table.get(code - 258).copied();
            // The code about to be defined is the last one with its own first byte after it.
            let Some((from, len)) = known.or(last.map(|(from, len)| (from, len + 1))) else { break };
            for at in from..from + len {
                let Some(copied) = bytes.get(at).copied() else { break };
                bytes.push(copied);
            }
        }
        if let Some((from, len)) = last
            && table.len() < 4096 - 258
        {
            table.push((from, len + 1));
        }
        last = Some((start, bytes.len() - start));
        width = match table.len() + 258 + 1 {
            0..=511 => 9,
            512..=1023 => 10,
            1024..=2047 => 11,
            _ => 12,
        };
    }
    let is_cut = bytes.len() as u64 > limit;
    Inflated { bytes, is_cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_filters() {
        assert_eq!(hex(b"48 65 6C6c 6F7>"), b"Hellop");
        assert_eq!(base85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(base85(b"z~>"), [0; 4]);
    }

    #[test]
    fn runs_end_at_the_limit() {
        assert_eq!(run_length(&[2, 1, 2, 3, 254, 9, 128, 7], 100).bytes, [1, 2, 3, 9, 9, 9]);
        assert!(run_length(&[129; 1000], 500).is_cut);
    }

    #[test]
    fn the_lzw_example_of_the_specification() {
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(lzw(&packed, 100).bytes, [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
    }

    #[test]
    fn predictors_are_undone() {
        let parameters = Object::Dictionary(
            [("Predictor", 12.0), ("Columns", 2.0)]
                .map(|(key, value)| (key.to_owned(), Object::Number(value)))
                .into(),
        );
        assert_eq!(unpredict(vec![2, 1, 2, 2, 1, 1], Some(&parameters)), [1, 2, 2, 3]);
    }
}
