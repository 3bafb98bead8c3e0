//! Giving content out: chunks are read and opened on the blocking pool, one
//! stretch ahead of the network, and only those that the range touches.

use std::collections::VecDeque;
use std::fs::File;
use std::future::Future as _;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::pin::Pin as Pinned;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::JoinHandle;

use super::blobs::Pin;
use super::error::{Result, S3Error};
use super::model::{Protection, Segment};
use super::seal::{Cipher, Layout};
use super::store::Store;

/// Chunks opened per trip to the blocking pool.
const STRETCH_CHUNKS: u64 = 8;

/// A part of a segment that is to be read.
struct Piece {
    segment: Segment,
    /// Content bytes of the segment.
    range: Range<u64>,
}

/// Reads a range of an object's content. Every call blocks.
pub(super) struct Reader {
    store: Store,
    protection: Protection,
    pieces: VecDeque<Piece>,
    open: Option<OpenPiece>,
    /// Keeps the blobs while they are read.
    _pin: Pin,
}

struct OpenPiece {
    file: File,
    cipher: Cipher,
    layout: Layout,
    range: Range<u64>,
}

impl Reader {
    /// A reader of `range` of the content that `segments` make up.
    pub(super) fn new(
        store: Store,
        protection: Protection,
        segments: Vec<Segment>,
        range: &Range<u64>,
        pin: Pin,
    ) -> Self {
        let mut pieces = VecDeque::new();
        let mut start: u64 = 0;
        for segment in segments {
            let end = start.saturating_add(segment.len);
            let wanted = range.start.max(start)..range.end.min(end);
            if wanted.start < wanted.end {
                pieces.push_back(Piece { range: wanted.start - start..wanted.end - start, segment });
            } else if segment.len == 0 && pieces.is_empty() {
                // An empty object is still opened, so that a key out of use shows.
                pieces.push_back(Piece { range: 0..0, segment });
            }
            start = end;
        }
        Self { store, protection, pieces, open: None, _pin: pin }
    }

    /// The next stretch of content; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(open) = &mut self.open
                && open.range.start < open.range.end
            {
                return open.next().map(Some);
            }
            let Some(piece) = self.pieces.pop_front() else { return Ok(None) };
            self.open = Some(self.open_piece(piece)?);
        }
    }

    fn open_piece(&self, piece: Piece) -> Result<OpenPiece> {
        let Piece { segment, range } = piece;
        let key = self.store.kms().decrypt(&segment.wrapped, &self.protection.context)?;
        let cipher = Cipher::new(&key.plaintext, segment.blob)?;
        let file = self.store.blobs().open_blob(segment.blob)?;
        let layout = Layout::new(segment.len);
        if file.metadata()?.len() != layout.sealed_len() {
            return Err(S3Error::Corrupt(format!("blob {} does not have its length", segment.blob)));
        }
        Ok(OpenPiece { file, cipher, layout, range })
    }
}

impl OpenPiece {
    fn next(&mut self) -> Result<Bytes> {
        let first = Layout::chunk_at(self.range.start);
        let last = Layout::chunk_at(self.range.end.saturating_sub(1)).min(first + STRETCH_CHUNKS - 1);
        let (on_disk, end) = (self.layout.sealed(first).start, self.layout.sealed(last).end);
        let mut sealed = vec![0; usize::try_from(end - on_disk).unwrap_or_default()];
        self.file.seek(SeekFrom::Start(on_disk))?;
        self.file.read_exact(&mut sealed)?;

        let mut content = Vec::with_capacity(sealed.len());
        let mut rest = sealed.as_mut_slice();
        for index in first..=last {
            let len = usize::try_from(self.layout.sealed(index).end - self.layout.sealed(index).start);
            let (chunk, after) = rest.split_at_mut(len.unwrap_or_default());
            content.extend_from_slice(self.cipher.open(index, index == self.layout.last_chunk(), chunk)?);
            rest = after;
        }
        let held = self.layout.content(first).start..self.layout.content(last).end;
        let wanted = self.range.start..self.range.end.min(held.end);
        self.range.start = wanted.end;
        let within = |offset: u64| usize::try_from(offset - held.start).unwrap_or_default();
        Ok(Bytes::from(content).slice(within(wanted.start)..within(wanted.end)))
    }
}

type Reading = JoinHandle<(Reader, Result<Option<Bytes>>)>;

/// A reader as the body of a response.
pub(super) struct Content {
    ready: Option<Bytes>,
    reading: Option<Reading>,
    remaining: u64,
}

impl Content {
    /// Starts reading `len` bytes; what is wrong with the first stretch is told here, before any response.
    pub(super) async fn start(mut reader: Reader, len: u64) -> Result<Self> {
        let opening = tokio::task::spawn_blocking(move || {
            let first = reader.next();
            (reader, first)
        });
        let (reader, first) = opening.await?;
        let ready = first?;
        let reading = ready.is_some().then(|| read_on(reader));
        Ok(Self { ready, reading, remaining: len })
    }

    fn give(&mut self, stretch: Bytes) -> Poll<Option<std::result::Result<Bytes, StdError>>> {
        self.remaining = self.remaining.saturating_sub(stretch.len() as u64);
        Poll::Ready(Some(Ok(stretch)))
    }
}

fn read_on(mut reader: Reader) -> Reading {
    tokio::task::spawn_blocking(move || {
        let next = reader.next();
        (reader, next)
    })
}

impl Stream for Content {
    type Item = std::result::Result<Bytes, StdError>;

    fn poll_next(mut self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(stretch) = self.ready.take() {
            return self.give(stretch);
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let outcome = ready!(Pinned::new(reading).poll(cx));
        self.reading = None;
        match outcome {
            Ok((reader, Ok(Some(stretch)))) => {
                self.reading = Some(read_on(reader));
                self.give(stretch)
            }
            Ok((_, Ok(None))) => Poll::Ready(None),
            Ok((_, Err(error))) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an object could not be read to its end"
                );
                Poll::Ready(Some(Err(Box::new(error))))
            }
            Err(stopped) => Poll::Ready(Some(Err(Box::new(stopped)))),
        }
    }
}

impl ByteStream for Content {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(usize::try_from(self.remaining).unwrap_or(usize::MAX))
    }
}
