//! Checksums: what a client claims of its bytes, what the bytes really give,
//! and how the parts of a multipart upload make one checksum of the whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use http::HeaderMap;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{ChecksumAlgorithm, ChecksumType};
use s3s::{TrailingHeaders, s3_error};
use serde::{Deserialize, Serialize};

use super::error::{Result, S3Error};

/// A checksum that S3 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(super) fn wire(self) -> ChecksumAlgorithm {
        ChecksumAlgorithm::from_static(self.name())
    }

    pub(super) fn parse(name: &ChecksumAlgorithm) -> Result<Self> {
        let found =
            Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name.as_str()));
        found.ok_or_else(|| s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported.").into())
    }

    fn hasher(self) -> Hasher {
        match self {
            Self::Crc32 => Hasher::Crc32(Crc32::new()),
            Self::Crc32c => Hasher::Crc32c(Crc32c::new()),
            Self::Crc64Nvme => Hasher::Crc64Nvme(Crc64Nvme::new()),
            Self::Sha1 => Hasher::Sha1(Sha1::new()),
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }

    /// The CRC behind the name; a hash has none and cannot be made of its parts.
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// What a multipart upload's checksum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Of the parts' checksums.
    Composite,
    /// Of the object's bytes.
    FullObject,
}

impl Kind {
    pub(super) fn wire(self) -> ChecksumType {
        ChecksumType::from_static(match self {
            Self::Composite => ChecksumType::COMPOSITE,
            Self::FullObject => ChecksumType::FULL_OBJECT,
        })
    }

    /// The kind that a multipart upload asks for, or gets with its algorithm.
    pub(super) fn choose(algorithm: Algorithm, asked: Option<&ChecksumType>) -> Result<Self> {
        let kind = match asked.map(ChecksumType::as_str) {
            Some(ChecksumType::COMPOSITE) => Self::Composite,
            Some(ChecksumType::FULL_OBJECT) => Self::FullObject,
            Some(_) => {
                return Err(
                    s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid.").into()
                );
            }
            None if algorithm == Algorithm::Crc64Nvme => Self::FullObject,
            None => Self::Composite,
        };
        let possible = match kind {
            Self::Composite => algorithm != Algorithm::Crc64Nvme,
            Self::FullObject => algorithm.crc().is_some(),
        };
        if possible {
            return Ok(kind);
        }
        let (kind, name) = (kind.wire(), algorithm.name());
        let told =
            format!("The {} checksum type cannot be used with the {name} checksum algorithm.", kind.as_str());
        Err(s3_error!(InvalidRequest, "{told}").into())
    }
}

/// A checksum kept with an object or a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    pub algorithm: Algorithm,
    pub kind: Kind,
    /// As it stands on the wire: base64, and `-N` after a composite of N parts.
    pub value: String,
}

enum Hasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(hasher) => hasher.update(bytes),
            Self::Crc64Nvme(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc32(hasher) => hasher.finalize().to_vec(),
            Self::Crc32c(hasher) => hasher.finalize().to_vec(),
            Self::Crc64Nvme(hasher) => hasher.finalize().to_vec(),
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// Which digests to take of a stream of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The checksum to keep.
    pub kept: Algorithm,
    /// The checksum that the client sends, when that is another.
    pub claimed: Option<Algorithm>,
    pub md5: bool,
}

/// Every digest taken of one stream of bytes.
pub(super) struct Digests {
    checksums: Vec<(Algorithm, Hasher)>,
    md5: Option<Md5>,
}

/// What [`Digests`] came to.
#[derive(Debug, Clone)]
pub(super) struct Digested {
    /// The kept checksum first.
    checksums: Vec<Checksum>,
    pub md5: Option<[u8; 16]>,
}

impl Digests {
    pub(super) fn new(wanted: Wanted) -> Self {
        let claimed = wanted.claimed.filter(|claimed| *claimed != wanted.kept);
        let algorithms = std::iter::once(wanted.kept).chain(claimed);
        let checksums = algorithms.map(|algorithm| (algorithm, algorithm.hasher())).collect();
        Self { checksums, md5: wanted.md5.then(Md5::new) }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for (_, hasher) in &mut self.checksums {
            hasher.update(bytes);
        }
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    pub(super) fn finish(self) -> Digested {
        let finish = |(algorithm, hasher): (Algorithm, Hasher)| Checksum {
            algorithm,
            kind: Kind::FullObject,
            value: STANDARD.encode(hasher.finish()),
        };
        let checksums = self.checksums.into_iter().map(finish).collect();
        Digested { checksums, md5: self.md5.map(s3s::crypto::Checksum::finalize) }
    }
}

impl Digested {
    /// The checksum to keep.
    pub(super) fn kept(&self) -> Result<&Checksum> {
        self.checksums.first().ok_or_else(|| S3Error::Corrupt("no checksum was taken".into()))
    }

    /// The checksum to tell the client: its own, if it sent one.
    pub(super) fn told(&self) -> Result<&Checksum> {
        self.checksums.last().ok_or_else(|| S3Error::Corrupt("no checksum was taken".into()))
    }

    fn is(&self, algorithm: Algorithm, claimed: &str) -> bool {
        self.checksums.iter().any(|checksum| checksum.algorithm == algorithm && checksum.value == claimed)
    }
}

/// What a client claims of the bytes it sends.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims {
    /// The checksum named in a header.
    pub checksum: Option<(Algorithm, String)>,
    /// The checksum that follows the bytes.
    pub trailer: Option<Algorithm>,
    /// The algorithm the client asked for.
    pub asked: Option<Algorithm>,
    pub md5: Option<Vec<u8>>,
    pub len: Option<u64>,
}

impl Claims {
    /// Reads the claims from a request's headers and its operation's fields.
    pub(super) fn read(
        headers: &HeaderMap,
        checksums: Vec<(Algorithm, String)>,
        asked: Option<&ChecksumAlgorithm>,
        md5: Option<&str>,
        len: Option<i64>,
    ) -> Result<Self> {
        let trailer = declared_trailer(headers);
        if checksums.len() + usize::from(trailer.is_some()) > 1 {
            return Err(s3_error!(
                InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            )
            .into());
        }
        let checksum = checksums.into_iter().next();
        if let Some((algorithm, value)) = &checksum {
            check_form(*algorithm, value)?;
        }
        Ok(Self {
            checksum,
            trailer,
            asked: asked.map(Algorithm::parse).transpose()?,
            md5: md5.map(parse_md5).transpose()?,
            len: len.and_then(|len| u64::try_from(len).ok()),
        })
    }

    /// The algorithm the client named in whichever way.
    pub(super) fn named(&self) -> Option<Algorithm> {
        self.checksum.as_ref().map(|(algorithm, _)| *algorithm).or(self.trailer).or(self.asked)
    }

    /// Whether the client sends a checksum, before or after the bytes.
    pub(super) fn sent(&self) -> Option<Algorithm> {
        self.checksum.as_ref().map(|(algorithm, _)| *algorithm).or(self.trailer)
    }

    /// Holds what arrived against what was claimed.
    pub(super) fn verify(
        &self,
        found: &Digested,
        len: u64,
        trailers: Option<&TrailingHeaders>,
    ) -> Result<()> {
        if self.len.is_some_and(|claimed| claimed != len) {
            let told = "You did not provide the number of bytes specified by the Content-Length HTTP header";
            return Err(s3_error!(IncompleteBody, "{told}").into());
        }
        if let (Some(claimed), Some(md5)) = (&self.md5, &found.md5)
            && claimed != md5
        {
            return Err(bad_digest("Content-MD5"));
        }
        if let Some((algorithm, claimed)) = &self.checksum
            && !found.is(*algorithm, claimed)
        {
            return Err(bad_digest(algorithm.name()));
        }
        match self.trailer {
            Some(algorithm) => verify_trailer(algorithm, found, trailers),
            None => Ok(()),
        }
    }
}

fn verify_trailer(algorithm: Algorithm, found: &Digested, trailers: Option<&TrailingHeaders>) -> Result<()> {
    let name = algorithm.header();
    let read =
        |headers: &HeaderMap| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match trailers.and_then(|trailers| trailers.read(read)).flatten() {
        Some(claimed) if found.is(algorithm, claimed.trim()) => Ok(()),
        Some(_) => Err(bad_digest(algorithm.name())),
        None => {
            let told = "The request contained trailing data that was not well-formed or did not conform to our \
                        published schema.";
            Err(super::error::refusal_with_code(
                "MalformedTrailerError".into(),
                http::StatusCode::BAD_REQUEST,
                told.into(),
            )
            .into())
        }
    }
}

fn declared_trailer(headers: &HeaderMap) -> Option<Algorithm> {
    let declared = headers.get("x-amz-trailer")?.to_str().ok()?;
    let names = declared.split(',').map(str::trim);
    names.filter_map(|name| Algorithm::ALL.into_iter().find(|a| a.header().eq_ignore_ascii_case(name))).next()
}

fn check_form(algorithm: Algorithm, value: &str) -> Result<()> {
    let len = algorithm.hasher().finish().len();
    if STANDARD.decode(value).is_ok_and(|bytes| bytes.len() == len) {
        return Ok(());
    }
    Err(s3_error!(InvalidRequest, "Value for {} header is invalid.", algorithm.header()).into())
}

fn parse_md5(value: &str) -> Result<Vec<u8>> {
    match STANDARD.decode(value) {
        Ok(bytes) if bytes.len() == 16 => Ok(bytes),
        _ => Err(s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid.").into()),
    }
}

pub(super) fn bad_digest(name: &str) -> S3Error {
    s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum.").into()
}

/// The checksum of a whole object from those of its parts (value, length), in order.
pub(super) fn combine(algorithm: Algorithm, kind: Kind, parts: &[(String, u64)]) -> Result<Checksum> {
    let value = match (kind, algorithm.crc()) {
        (Kind::FullObject, Some(crc)) => full_object(crc, parts)?,
        _ => composite(algorithm, parts)?,
    };
    Ok(Checksum { algorithm, kind, value })
}

fn composite(algorithm: Algorithm, parts: &[(String, u64)]) -> Result<String> {
    let mut hasher = algorithm.hasher();
    for (value, _) in parts {
        hasher.update(&decode(value)?);
    }
    Ok(format!("{}-{}", STANDARD.encode(hasher.finish()), parts.len()))
}

fn full_object(crc: CrcAlgorithm, parts: &[(String, u64)]) -> Result<String> {
    let mut whole: Option<u64> = None;
    let mut width = 0;
    for (value, len) in parts {
        let bytes = decode(value)?;
        width = bytes.len();
        let part = bytes.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        whole = Some(whole.map_or(part, |before| crc_fast::checksum_combine(crc, before, part, *len)));
    }
    let bytes = whole.unwrap_or_default().to_be_bytes();
    let tail = bytes.get(bytes.len().saturating_sub(width)..).unwrap_or_default();
    Ok(STANDARD.encode(tail))
}

fn decode(value: &str) -> Result<Vec<u8>> {
    STANDARD.decode(value).map_err(|_| S3Error::Corrupt("a stored checksum is not base64".into()))
}

/// The ETag of a multipart object from its parts' (hexadecimal) ones.
pub(super) fn multipart_etag(parts: &[&str]) -> String {
    let mut md5 = Md5::new();
    for etag in parts {
        md5.update(&unhex(etag));
    }
    format!("{}-{}", hex(&md5.finalize()), parts.len())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The checksum fields that many operations' inputs have, as a list.
macro_rules! claimed_checksums {
    ($input:expr) => {{
        let mut found: Vec<($crate::aws::s3::digest::Algorithm, String)> = Vec::new();
        let mut add = |algorithm, value: &Option<String>| {
            found.extend(value.clone().map(|value| (algorithm, value)));
        };
        add($crate::aws::s3::digest::Algorithm::Crc32, &$input.checksum_crc32);
        add($crate::aws::s3::digest::Algorithm::Crc32c, &$input.checksum_crc32c);
        add($crate::aws::s3::digest::Algorithm::Crc64Nvme, &$input.checksum_crc64nvme);
        add($crate::aws::s3::digest::Algorithm::Sha1, &$input.checksum_sha1);
        add($crate::aws::s3::digest::Algorithm::Sha256, &$input.checksum_sha256);
        found
    }};
}

/// Puts a checksum into the field of an operation's output that is named after it.
macro_rules! tell_checksum {
    ($output:expr, $checksum:expr) => {{
        let checksum: &$crate::aws::s3::digest::Checksum = $checksum;
        let value = Some(checksum.value.clone());
        match checksum.algorithm {
            $crate::aws::s3::digest::Algorithm::Crc32 => $output.checksum_crc32 = value,
            $crate::aws::s3::digest::Algorithm::Crc32c => $output.checksum_crc32c = value,
            $crate::aws::s3::digest::Algorithm::Crc64Nvme => $output.checksum_crc64nvme = value,
            $crate::aws::s3::digest::Algorithm::Sha1 => $output.checksum_sha1 = value,
            $crate::aws::s3::digest::Algorithm::Sha256 => $output.checksum_sha256 = value,
        }
    }};
}

pub(super) use {claimed_checksums, tell_checksum};

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut digests = Digests::new(Wanted { kept: algorithm, claimed: None, md5: false });
        digests.update(bytes);
        digests.finish().kept().expect("a checksum").value.clone()
    }

    #[test]
    fn known_values() {
        assert_eq!(sum(Algorithm::Crc32, b"123456789"), "y/Q5Jg==");
        assert_eq!(sum(Algorithm::Crc32c, b"123456789"), "4waSgw==");
        assert_eq!(sum(Algorithm::Crc64Nvme, b"123456789"), "rosUhgp5mIg=");
        assert_eq!(sum(Algorithm::Sha1, b"abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
        assert_eq!(sum(Algorithm::Sha256, b"abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn a_full_object_checksum_is_that_of_the_whole_bytes() {
        let (head, tail) = (vec![1_u8; 70_000], vec![9_u8; 12_345]);
        let whole = [head.clone(), tail.clone()].concat();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts =
                [(sum(algorithm, &head), head.len() as u64), (sum(algorithm, &tail), tail.len() as u64)];
            let combined = combine(algorithm, Kind::FullObject, &parts).expect("combined");
            assert_eq!(combined.value, sum(algorithm, &whole), "{algorithm:?}");
        }
    }

    #[test]
    fn a_composite_checksum_is_that_of_the_parts_checksums() {
        let parts = [(sum(Algorithm::Sha256, b"one"), 3), (sum(Algorithm::Sha256, b"two"), 3)];
        let joined = [STANDARD.decode(&parts[0].0).unwrap(), STANDARD.decode(&parts[1].0).unwrap()].concat();
        let combined = combine(Algorithm::Sha256, Kind::Composite, &parts).expect("combined");
        assert_eq!(combined.value, format!("{}-2", sum(Algorithm::Sha256, &joined)));
    }

    #[test]
    fn kinds_fit_their_algorithms() {
        let full = ChecksumType::from_static(ChecksumType::FULL_OBJECT);
        let composite = ChecksumType::from_static(ChecksumType::COMPOSITE);
        assert_eq!(Kind::choose(Algorithm::Crc32, None).expect("fits"), Kind::Composite);
        assert_eq!(Kind::choose(Algorithm::Crc64Nvme, None).expect("fits"), Kind::FullObject);
        assert_eq!(Kind::choose(Algorithm::Crc32c, Some(&full)).expect("fits"), Kind::FullObject);
        assert!(Kind::choose(Algorithm::Sha256, Some(&full)).is_err());
        assert!(Kind::choose(Algorithm::Crc64Nvme, Some(&composite)).is_err());
    }

    #[test]
    fn the_etag_of_parts_is_the_one_aws_gives() {
        // Two parts of `a` and `b`: md5(md5(a) || md5(b)), as documented.
        let parts = ["0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f"];
        let joined = [unhex(parts[0]), unhex(parts[1])].concat();
        assert_eq!(multipart_etag(&parts), format!("{}-2", hex(&Md5::checksum(&joined))));
    }

    #[test]
    fn claims_must_be_well_formed_and_single() {
        let headers = HeaderMap::new();
        let ok = ("y/Q5Jg==".to_owned(), Algorithm::Crc32);
        let one = vec![(ok.1, ok.0.clone())];
        assert!(Claims::read(&headers, one.clone(), None, None, None).is_ok());
        let two = vec![(ok.1, ok.0), (Algorithm::Sha1, "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=".into())];
        assert!(Claims::read(&headers, two, None, None, None).is_err());
        assert!(Claims::read(&headers, vec![(Algorithm::Crc32, "AAA=".into())], None, None, None).is_err());
        assert!(Claims::read(&headers, one, None, Some("not md5"), None).is_err());
    }
}
