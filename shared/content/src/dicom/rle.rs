//! RLE, the run-length coding DICOM defines itself (PS3.5 annex G): up to fifteen byte planes per frame.

use crate::source::le32;

const HEADER_BYTES: usize = 64;

/// The planes of one frame, most significant byte of each sample first; a plane that ends early is padded.
pub(crate) fn decode(frame: &[u8], planes: usize, plane_bytes: usize) -> Option<Vec<Vec<u8>>> {
    let count = le32(frame, 0)? as usize;
    if count != planes || count > 15 {
        return None;
    }
    let starts = (0..count)
        .map(|at| le32(frame, 4 + 4 * at).map(|start| start as usize))
        .collect::<Option<Vec<_>>>()?;
    let ends = starts.iter().skip(1).copied().chain([frame.len()]);
    let segment = |(start, end): (&usize, usize)| {
        let packed = frame.get((*start).max(HEADER_BYTES)..end)?;
        Some(unpack(packed, plane_bytes))
    };
    starts.iter().zip(ends).map(segment).collect()
}

/// PackBits, as in TIFF.
fn unpack(mut packed: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    while out.len() < size {
        let Some((&control, rest)) = packed.split_first() else { break };
        packed = rest;
        match control {
            0..=127 => {
                let count = (usize::from(control) + 1).min(packed.len());
                let (literal, rest) = packed.split_at(count);
                out.extend_from_slice(literal);
                packed = rest;
            }
            128 => {}
            129..=255 => {
                let Some((&byte, rest)) = packed.split_first() else { break };
                out.resize(out.len() + 257 - usize::from(control), byte);
                packed = rest;
            }
        }
    }
    out.resize(size, 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals() {
        assert_eq!(unpack(&[0xfe, 0xaa, 2, 1, 2, 3, 0x80], 7), [0xaa, 0xaa, 0xaa, 1, 2, 3, 0]);
        assert_eq!(unpack(&[0x81], 2), [0, 0]);
    }

    #[test]
    fn a_frame_must_have_the_planes_it_should() {
        let mut frame = vec![0; 64];
        frame[0] = 1;
        frame[4] = 64;
        frame.extend([1, 7, 8]);
        assert_eq!(decode(&frame, 1, 2), Some(vec![vec![7, 8]]));
        assert_eq!(decode(&frame, 2, 2), None);
        assert_eq!(decode(&[], 1, 2), None);
    }
}
