//! The second factor: time-based one-time passwords (RFC 6238) of six digits and thirty seconds.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

use super::accounts::Factor;

const STEP_SECONDS: i64 = 30;
/// A phone's clock may be one step off.
const DRIFT_STEPS: i64 = 1;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step a typed code is good for, unless that one or a later one was spent.
pub fn accept(factor: &Factor, typed: &str, now: i64) -> Option<i64> {
    let digits: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let code: u32 = digits.parse().ok()?;
    let current = now.div_euclid(STEP_SECONDS);
    let steps = current - DRIFT_STEPS..=current + DRIFT_STEPS;
    steps.into_iter().find(|step| *step > factor.last_step && code_at(&factor.secret, *step) == Some(code))
}

/// The code of a step (RFC 4226, section 5.3). HMAC-SHA-1, as authenticator apps know nothing else for sure.
fn code_at(secret: &[u8], step: i64) -> Option<u32> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref().last()? & 0x0f);
    let bytes: [u8; 4] = tag.as_ref().get(offset..offset + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
}

/// The secret as people type it into an authenticator: base32 in groups of four.
pub fn readable(secret: &[u8]) -> String {
    let letters = base32(secret);
    letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// The address that opens an authenticator on the same device.
pub fn address(secret: &[u8], username: &str) -> String {
    let name = utf8_percent_encode(username, NON_ALPHANUMERIC);
    format!("otpauth://totp/Strongroom:{name}?secret={}&issuer=Strongroom", base32(secret))
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push_letter(&mut text, buffer >> bits);
            buffer &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        push_letter(&mut text, buffer << (5 - bits));
    }
    text
}

fn push_letter(text: &mut String, value: u32) {
    let letter = BASE32.get((value & 31) as usize).copied().unwrap_or_default();
    text.push(char::from(letter));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn factor(last_step: i64) -> Factor {
        Factor { secret: SECRET.to_vec(), last_step }
    }

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn the_published_codes_come_out() {
        for (time, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code_at(SECRET, time / 30), Some(code), "{time}");
        }
    }

    #[test]
    fn a_code_works_one_step_around_and_once() {
        assert_eq!(accept(&factor(0), "287082", 59), Some(1));
        assert_eq!(accept(&factor(0), " 287 082 ", 89), Some(1));
        assert_eq!(accept(&factor(0), "287082", 90), None);
        assert_eq!(accept(&factor(1), "287082", 59), None);
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for typed in ["", "28708", "2870820", "+28708", "２８７０８２", "287o82"] {
            assert_eq!(accept(&factor(0), typed, 59), None, "{typed}");
        }
    }

    /// RFC 4648, section 10, without padding.
    #[test]
    fn base32_is_as_published() {
        for (text, encoded) in [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(text.as_bytes()), encoded);
        }
        assert_eq!(readable(b"foobar"), "MZXW 6YTB OI");
    }
}
