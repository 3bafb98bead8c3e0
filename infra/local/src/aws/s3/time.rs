//! Moments, as the store keeps them (milliseconds) and as the wire names them.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use s3s::dto::{self, TimestampFormat};
use s3s::s3_error;

use super::error::Result;

/// For the wire.
pub(super) fn wire(at: Timestamp) -> dto::Timestamp {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
    dto::Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
}

/// From the wire.
pub(super) fn parse(at: &dto::Timestamp) -> Result<Timestamp> {
    let mut text = Vec::new();
    let written = at.format(TimestampFormat::DateTime, &mut text).ok();
    let parsed = written.and_then(|()| std::str::from_utf8(&text).ok()?.parse().ok());
    parsed.ok_or_else(|| s3_error!(InvalidArgument, "The date is out of range.").into())
}

/// As an HTTP header names it.
pub(super) fn http_date(at: Timestamp) -> String {
    let mut text = Vec::new();
    match wire(at).format(TimestampFormat::HttpDate, &mut text) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// From the database.
pub(super) fn stored(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// HTTP headers name seconds: comparisons with them must not see the rest.
pub(super) fn whole_seconds(at: Timestamp) -> i64 {
    at.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_wire() {
        let at: Timestamp = "2026-03-04T05:06:07.089Z".parse().expect("a moment");
        assert_eq!(parse(&wire(at)).expect("parsed"), at);
        assert_eq!(http_date(at), "Wed, 04 Mar 2026 05:06:07 GMT");
        assert_eq!(stored(at.as_millisecond()), at);
    }
}
