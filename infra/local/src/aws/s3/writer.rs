//! Taking an upload in: bytes are digested, sealed and written as they come,
//! in batches on the blocking pool, so that memory stays bounded and neither
//! the network nor the disk waits for the other.

use std::fs::File;
use std::io::Write as _;

use bytes::Bytes;
use futures_util::StreamExt as _;
use s3s::dto::StreamingBlob;
use s3s::{StdError, TrailingHeaders, s3_error};
use uuid::Uuid;

use super::blobs::Unfinished;
use super::digest::{Algorithm, Claims, Digested, Digests, Wanted};
use super::error::{Result, S3Error, refusal_with_code};
use super::model::{Protection, Segment};
use super::seal::{CHUNK_LEN, Cipher, KEY_LEN, SEALED_CHUNK_LEN};
use super::store::Store;
use crate::aws::ambient;

/// Bytes that go to the blocking pool at once; an upload holds two such batches at most.
const BATCH_LEN: usize = 1024 * 1024;
/// The longest body of one request.
const MAX_BODY_LEN: u64 = 5 * 1024 * 1024 * 1024;

/// How an upload is to be taken in.
pub(super) struct Order {
    pub protection: Protection,
    pub claims: Claims,
    pub trailers: Option<TrailingHeaders>,
    /// The checksum to keep.
    pub algorithm: Algorithm,
}

/// A sealed blob, durable, but named by nothing yet: it vanishes with `unfinished`.
pub(super) struct Written {
    pub segment: Segment,
    pub digested: Digested,
    pub key_arn: String,
    pub unfinished: Unfinished,
}

impl Written {
    /// The ETag of these bytes: their MD5, or under KMS a random value that tells nothing of them.
    pub(super) fn etag(&self) -> Result<String> {
        match self.digested.md5 {
            Some(md5) => Ok(super::digest::hex(&md5)),
            None => random_etag(),
        }
    }
}

pub(super) fn random_etag() -> Result<String> {
    Ok(super::digest::hex(&ambient::random::<16>()?))
}

/// Seals a stream of bytes into a blob.
pub(super) struct Sink {
    file: File,
    unfinished: Unfinished,
    cipher: Cipher,
    digests: Digests,
    blob: Uuid,
    wrapped: Vec<u8>,
    key_arn: String,
    /// Content that may be the last chunk, and so cannot be sealed yet.
    pending: Vec<u8>,
    sealed: Vec<u8>,
    index: u64,
    len: u64,
    keep_md5: bool,
}

impl Sink {
    /// Begins a blob under a fresh data key. Blocks.
    pub(super) fn begin(store: &Store, protection: &Protection, wanted: Wanted) -> Result<Self> {
        let key = store.kms().generate_data_key(&protection.key_arn, &protection.context, KEY_LEN)?;
        let blob = ambient::new_id()?;
        let cipher = Cipher::new(&key.plaintext, blob)?;
        let (file, unfinished) = store.blobs().create(blob)?;
        Ok(Self {
            file,
            unfinished,
            cipher,
            // An object under KMS must not have a fingerprint of its bytes for an ETag.
            digests: Digests::new(Wanted { md5: wanted.md5 || !protection.kms, ..wanted }),
            blob,
            wrapped: key.ciphertext,
            key_arn: key.key_arn,
            pending: Vec::with_capacity(CHUNK_LEN),
            sealed: Vec::new(),
            index: 0,
            len: 0,
            keep_md5: !protection.kms,
        })
    }

    /// Takes content in. Blocks.
    pub(super) fn write(&mut self, mut content: &[u8]) -> Result<()> {
        self.digests.update(content);
        self.len = self.len.saturating_add(content.len() as u64);
        while !content.is_empty() {
            if self.pending.len() == CHUNK_LEN {
                self.seal_pending(false)?;
            }
            let room = CHUNK_LEN - self.pending.len();
            let (head, rest) = content.split_at(room.min(content.len()));
            self.pending.extend_from_slice(head);
            content = rest;
        }
        self.flush()
    }

    fn seal_pending(&mut self, last: bool) -> Result<()> {
        self.sealed.reserve(SEALED_CHUNK_LEN);
        self.cipher.seal(self.index, last, &self.pending, &mut self.sealed)?;
        self.index = self.index.saturating_add(1);
        self.pending.clear();
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.sealed)?;
        self.sealed.clear();
        Ok(())
    }

    /// Ends the blob: when the digests pass `verify`, it is made durable. Blocks.
    pub(super) fn finish(mut self, verify: impl FnOnce(&Digested, u64) -> Result<()>) -> Result<Written> {
        self.seal_pending(true)?;
        self.flush()?;
        let mut digested = self.digests.finish();
        verify(&digested, self.len)?;
        if !self.keep_md5 {
            digested.md5 = None;
        }
        self.unfinished.sync(&self.file)?;
        Ok(Written {
            segment: Segment { part: None, blob: self.blob, len: self.len, wrapped: self.wrapped },
            digested,
            key_arn: self.key_arn,
            unfinished: self.unfinished,
        })
    }
}

#[derive(Default)]
struct Batch {
    chunks: Vec<Bytes>,
    len: usize,
}

impl Batch {
    fn push(&mut self, chunk: Bytes) {
        self.len = self.len.saturating_add(chunk.len());
        self.chunks.push(chunk);
    }

    fn write_to(self, sink: &mut Sink) -> Result<()> {
        self.chunks.iter().try_for_each(|chunk| sink.write(chunk))
    }
}

impl Store {
    /// Takes a request's body in; refused bytes leave nothing behind.
    pub(super) async fn receive(&self, body: Option<StreamingBlob>, order: Order) -> Result<Written> {
        let Order { protection, claims, trailers, algorithm } = order;
        let wanted = Wanted { kept: algorithm, claimed: claims.sent(), md5: claims.md5.is_some() };
        let store = self.clone();
        let begin = move || Sink::begin(&store, &protection, wanted);
        let mut working = tokio::task::spawn_blocking(begin);
        let mut batch = Batch::default();
        let mut received: u64 = 0;
        let mut body = body;
        while let Some(chunk) = next_chunk(&mut body).await? {
            received = received.saturating_add(chunk.len() as u64);
            if received > MAX_BODY_LEN {
                let told = "Your proposed upload exceeds the maximum allowed size";
                return Err(s3_error!(EntityTooLarge, "{told}").into());
            }
            batch.push(chunk);
            if batch.len >= BATCH_LEN {
                // The former batch was written while this one came in.
                let mut sink = working.await??;
                let full = std::mem::take(&mut batch);
                working = tokio::task::spawn_blocking(move || full.write_to(&mut sink).map(|()| sink));
            }
        }
        let mut sink = working.await??;
        let finish = move || {
            batch.write_to(&mut sink)?;
            sink.finish(|digested, len| claims.verify(digested, len, trailers.as_ref()))
        };
        tokio::task::spawn_blocking(finish).await?
    }
}

async fn next_chunk(body: &mut Option<StreamingBlob>) -> Result<Option<Bytes>> {
    match body {
        Some(body) => body.next().await.transpose().map_err(|error| refused_body(&error)),
        None => Ok(None),
    }
}

/// Why a body could not be read. The protocol crate keeps the types of its
/// stream errors to itself, so their names in the text must do.
fn refused_body(error: &StdError) -> S3Error {
    let text = error.to_string();
    let refusal = if text.contains("Sha256Mismatch") {
        let told = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        let code = "XAmzContentSHA256Mismatch".to_owned();
        refusal_with_code(code, http::StatusCode::BAD_REQUEST, told.to_owned())
    } else if text.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match.")
    } else if text.contains("AwsChunkedStreamError") && !text.contains("Incomplete") {
        s3_error!(InvalidRequest, "The request body is not well-formed aws-chunked content.")
    } else {
        s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        )
    };
    refusal.into()
}
