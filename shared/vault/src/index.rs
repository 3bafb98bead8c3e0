//! The blind index: keyed digests under which clients are found without their names standing in the table.

use domain::OrganizationId;
use ring::hmac;
use std::fmt::Write;

/// Turns prefixes into digests that mean nothing without the organization's key.
///
/// What it hides: the text. What it does not hide: that two clients share a prefix, which is the price of
/// finding them without opening every client.
#[derive(Clone, Debug)]
pub struct BlindIndex {
    key: hmac::Key,
    organization: OrganizationId,
}

/// Bytes of a digest: 128 bits keep two prefixes apart.
const DIGEST_BYTES: usize = 16;

impl BlindIndex {
    pub(crate) fn new(directory_key: &[u8; 32], organization: OrganizationId) -> Self {
        // Another key than the one that seals, derived from it (NIST SP 800-108 in its simplest form).
        let derive = hmac::Key::new(hmac::HMAC_SHA256, directory_key);
        let derived = hmac::sign(&derive, b"strongroom/1|blind-index");
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()), organization }
    }

    pub fn digest(&self, text: &str) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(self.organization.uuid().as_bytes());
        context.update(text.as_bytes());
        let tag = context.sign();
        let mut hex = String::with_capacity(DIGEST_BYTES * 2);
        for byte in tag.as_ref().iter().take(DIGEST_BYTES) {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}
