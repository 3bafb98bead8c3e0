//! Lifecycle rules: what is given up, expires or is removed with time.
//!
//! As in S3, days are counted from an object's last change (or from when a
//! newer version took its place, or an upload began), and what is due goes at
//! the midnight (UTC) that follows.

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rusqlite::{Connection, params};
use s3s::dto::{BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, Tag};
use s3s::s3_error;

use super::buckets::{self, Setting};
use super::caller::Caller;
use super::error::{Result, S3Error};
use super::locks;
use super::model::{Bucket, Version};
use super::multipart;
use super::notices::Herald;
use super::objects::Deleter;
use super::store::{Effects, Store};
use super::{time, versions};

const MAX_RULES: usize = 1000;
/// Rows looked at per transaction.
const BATCH: i64 = 512;
const REASON: &str = "Lifecycle Expiration";

/// What a run of the lifecycle rules did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LifecycleReport {
    /// Unfinished multipart uploads given up.
    pub uploads_aborted: usize,
    /// Objects that expired: removed, or hidden behind a delete marker.
    pub objects_expired: usize,
    /// Noncurrent versions removed.
    pub versions_removed: usize,
    /// Delete markers removed that hid nothing any more.
    pub markers_removed: usize,
}

/// Refuses rules that could never be carried out.
pub(super) fn check(configuration: &BucketLifecycleConfiguration) -> Result<()> {
    let malformed = || {
        let told =
            "The XML you provided was not well-formed or did not validate against our published schema";
        S3Error::from(s3_error!(MalformedXML, "{told}"))
    };
    if configuration.rules.is_empty() || configuration.rules.len() > MAX_RULES {
        return Err(malformed());
    }
    for rule in &configuration.rules {
        let does_something = rule.expiration.is_some()
            || rule.noncurrent_version_expiration.is_some()
            || rule.abort_incomplete_multipart_upload.is_some()
            || rule.transitions.is_some()
            || rule.noncurrent_version_transitions.is_some();
        if !does_something || (rule.filter.is_none() && rule.prefix.is_none()) {
            return Err(malformed());
        }
        let uploads = rule.abort_incomplete_multipart_upload.as_ref();
        let noncurrent = rule.noncurrent_version_expiration.as_ref();
        let days = [
            rule.expiration.as_ref().and_then(|expiration| expiration.days),
            noncurrent.and_then(|expiration| expiration.noncurrent_days),
            uploads.and_then(|abort| abort.days_after_initiation),
        ];
        if days.into_iter().flatten().any(|days| days <= 0) {
            let told = "'Days' for the action must be a positive integer";
            return Err(s3_error!(InvalidArgument, "{told}").into());
        }
        if uploads.is_some() && !Filter::of(rule).is_prefix_only() {
            let told = "AbortIncompleteMultipartUpload cannot be specified with Tags or object sizes.";
            return Err(s3_error!(InvalidRequest, "{told}").into());
        }
    }
    Ok(())
}

/// Which objects a rule is for.
struct Filter<'a> {
    prefix: &'a str,
    tags: Vec<&'a Tag>,
    larger_than: Option<i64>,
    smaller_than: Option<i64>,
}

impl<'a> Filter<'a> {
    fn of(rule: &'a LifecycleRule) -> Self {
        let filter = rule.filter.as_ref();
        let and = filter.and_then(|filter| filter.and.as_ref());
        let prefixes = [
            rule.prefix.as_deref(),
            filter.and_then(|filter| filter.prefix.as_deref()),
            and.and_then(|and| and.prefix.as_deref()),
        ];
        let one = filter.and_then(|filter| filter.tag.as_ref()).into_iter();
        let several = and.and_then(|and| and.tags.as_ref()).into_iter().flatten();
        Self {
            prefix: prefixes.into_iter().flatten().next().unwrap_or_default(),
            tags: one.chain(several).collect(),
            larger_than: filter
                .and_then(|filter| filter.object_size_greater_than)
                .or(and.and_then(|and| and.object_size_greater_than)),
            smaller_than: filter
                .and_then(|filter| filter.object_size_less_than)
                .or(and.and_then(|and| and.object_size_less_than)),
        }
    }

    fn is_prefix_only(&self) -> bool {
        self.tags.is_empty() && self.larger_than.is_none() && self.smaller_than.is_none()
    }

    fn matches(&self, version: &Version) -> bool {
        let size = i64::try_from(version.size).unwrap_or(i64::MAX);
        let has = |tag: &&Tag| {
            let (key, value) = (tag.key.as_deref(), tag.value.as_deref());
            version.tags.iter().any(|(k, v)| key == Some(k) && value == Some(v))
        };
        version.key.starts_with(self.prefix)
            && self.tags.iter().all(has)
            && self.larger_than.is_none_or(|limit| size > limit)
            && self.smaller_than.is_none_or(|limit| size < limit)
    }
}

/// Whether what began at `since` is due after `days`, at the midnight that follows.
fn is_due(since: Timestamp, days: i32, now: Timestamp) -> bool {
    let ripe = since.checked_add(SignedDuration::from_hours(24 * i64::from(days)));
    ripe.ok().and_then(next_midnight).is_some_and(|at| at <= now)
}

fn next_midnight(at: Timestamp) -> Option<Timestamp> {
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).start_of_day().ok()?;
    let next = if day.timestamp() == at { day } else { day.checked_add(1.day()).ok()? };
    Some(next.timestamp())
}

impl Store {
    /// Carries out every bucket's rules as of `now`.
    pub(super) async fn run_lifecycle(&self, now: Timestamp) -> Result<LifecycleReport> {
        let rules = self
            .look(|connection| {
                let mut rules = Vec::new();
                for bucket in buckets::all(connection)? {
                    let configuration: Option<BucketLifecycleConfiguration> =
                        buckets::setting(connection, bucket.id, Setting::Lifecycle)?;
                    let enabled = configuration.into_iter().flat_map(|configuration| configuration.rules);
                    let enabled = enabled.filter(|rule| rule.status.as_str() == ExpirationStatus::ENABLED);
                    rules.extend(enabled.map(|rule| (bucket.clone(), rule)));
                }
                Ok(rules)
            })
            .await?;
        let mut report = LifecycleReport::default();
        for (bucket, rule) in rules {
            self.run_rule(&bucket, &rule, now, &mut report).await?;
        }
        Ok(report)
    }

    async fn run_rule(
        &self,
        bucket: &Bucket,
        rule: &LifecycleRule,
        now: Timestamp,
        report: &mut LifecycleReport,
    ) -> Result<()> {
        let abort = rule.abort_incomplete_multipart_upload.as_ref();
        if let Some(days) = abort.and_then(|abort| abort.days_after_initiation) {
            report.uploads_aborted += self.abort_uploads(bucket.id, rule.clone(), days, now).await?;
        }
        let mut after = 0;
        loop {
            let run = Run { rule: rule.clone(), herald: Herald::new(self, Caller::service(), now) };
            let name = bucket.name.clone();
            let (last, done) =
                self.commit(move |connection, effects| run.batch(connection, effects, &name, after)).await?;
            report.objects_expired += done.objects_expired;
            report.versions_removed += done.versions_removed;
            report.markers_removed += done.markers_removed;
            match last {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    async fn abort_uploads(
        &self,
        bucket: i64,
        rule: LifecycleRule,
        days: i32,
        now: Timestamp,
    ) -> Result<usize> {
        self.commit(move |connection, effects| {
            let filter = Filter::of(&rule);
            let query = "SELECT id, key, initiated FROM uploads WHERE bucket = ?1";
            let mut statement = connection.prepare_cached(query)?;
            let mut rows = statement.query([bucket])?;
            let mut due: Vec<String> = Vec::new();
            while let Some(row) = rows.next()? {
                let key = versions::key_text(row.get(1)?)?;
                if key.starts_with(filter.prefix) && is_due(time::stored(row.get(2)?), days, now) {
                    due.push(row.get(0)?);
                }
            }
            for id in &due {
                effects.doomed.extend(multipart::forget(connection, id)?);
            }
            Ok(due.len())
        })
        .await
    }
}

/// One rule being carried out on one bucket.
struct Run {
    rule: LifecycleRule,
    herald: Herald,
}

impl Run {
    /// Looks at the versions after `after`; returns where to go on, if anywhere.
    fn batch(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &str,
        after: i64,
    ) -> Result<(Option<i64>, LifecycleReport)> {
        let bucket = buckets::find(connection, bucket)?;
        let query = format!(
            "SELECT {} FROM versions WHERE bucket = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            versions::COLUMNS
        );
        let mut batch = Vec::new();
        {
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query(params![bucket.id, after, BATCH])?;
            while let Some(row) = rows.next()? {
                batch.push(versions::read(row)?);
            }
        }
        let mut report = LifecycleReport::default();
        let filter = Filter::of(&self.rule);
        for version in batch.iter().filter(|version| filter.matches(version)) {
            self.look_at(connection, effects, &bucket, version, &mut report)?;
        }
        Ok((batch.last().map(|version| version.seq), report))
    }

    fn look_at(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &Bucket,
        version: &Version,
        report: &mut LifecycleReport,
    ) -> Result<()> {
        let now = self.herald.now();
        if !version.latest {
            if self.noncurrent_is_due(connection, bucket, version)?
                && locks::may_delete(version, false, now).is_ok()
            {
                self.delete(connection, effects, bucket, version, true)?;
                report.versions_removed += 1;
            }
        } else if version.marker {
            if self.marker_is_due(version) && versions::is_alone(connection, bucket.id, version)? {
                self.delete(connection, effects, bucket, version, true)?;
                report.markers_removed += 1;
            }
        } else if self.object_is_due(version)? {
            self.delete(connection, effects, bucket, version, false)?;
            report.objects_expired += 1;
        }
        Ok(())
    }

    fn object_is_due(&self, version: &Version) -> Result<bool> {
        let Some(expiration) = &self.rule.expiration else { return Ok(false) };
        let now = self.herald.now();
        let by_date = expiration.date.as_ref().map(time::parse).transpose()?.is_some_and(|date| date <= now);
        Ok(by_date || expiration.days.is_some_and(|days| is_due(version.modified, days, now)))
    }

    /// A marker that hides nothing goes when the rule says so, or with age.
    fn marker_is_due(&self, version: &Version) -> bool {
        let Some(expiration) = &self.rule.expiration else { return false };
        expiration.expired_object_delete_marker.unwrap_or_default()
            || expiration.days.is_some_and(|days| is_due(version.modified, days, self.herald.now()))
    }

    fn noncurrent_is_due(&self, connection: &Connection, bucket: &Bucket, version: &Version) -> Result<bool> {
        let Some(expiration) = &self.rule.noncurrent_version_expiration else { return Ok(false) };
        let (Some(days), Some(since)) = (expiration.noncurrent_days, version.superseded) else {
            return Ok(false);
        };
        if !is_due(since, days, self.herald.now()) {
            return Ok(false);
        }
        let query =
            "SELECT count(*) FROM versions WHERE bucket = ?1 AND key = ?2 AND seq > ?3 AND latest = 0";
        let mut statement = connection.prepare_cached(query)?;
        let values = params![bucket.id, version.key.as_bytes(), version.seq];
        let newer: i32 = statement.query_row(values, |row| row.get(0))?;
        Ok(newer >= expiration.newer_noncurrent_versions.unwrap_or_default())
    }

    fn delete(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &Bucket,
        version: &Version,
        for_good: bool,
    ) -> Result<()> {
        let deleter = Deleter { bypass: false, herald: self.herald.clone(), reason: REASON };
        let version_id = for_good.then_some(version.version_id.as_str());
        deleter.delete(connection, effects, bucket, &version.key, version_id)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn what_is_due_goes_at_midnight() {
        let since = at("2026-01-15T10:30:00Z");
        assert!(!is_due(since, 3, at("2026-01-18T23:59:59Z")));
        assert!(is_due(since, 3, at("2026-01-19T00:00:00Z")));
        assert!(is_due(at("2026-01-15T00:00:00Z"), 1, at("2026-01-16T00:00:00Z")));
    }
}
