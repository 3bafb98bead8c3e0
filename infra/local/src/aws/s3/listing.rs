//! Listings, in the order of the keys' bytes: objects, versions, uploads.
//!
//! Keys that share a beginning up to the delimiter are told as one common
//! prefix, and skipped together, however many they are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, params};
use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ETag, EncodingType, Initiator, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload, Object, ObjectStorageClass,
    ObjectVersion, ObjectVersionStorageClass, Owner,
};
use s3s::{S3Request, s3_error};

use super::buckets;
use super::error::Result;
use super::model::{Version, count_for_wire, size_for_wire};
use super::multipart::Plan;
use super::store::Store;
use super::{time, versions};

const MAX_LISTED: i32 = 1000;
/// Rows fetched at once.
const FETCH: i64 = 256;
/// What S3 leaves as it is in an encoded key.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// What is listed, and how it is gathered.
#[derive(Debug, Clone, Default)]
struct Query {
    prefix: String,
    delimiter: Option<String>,
    max: usize,
}

impl Query {
    fn new(prefix: Option<&String>, delimiter: Option<&String>, max: Option<i32>) -> Result<Self> {
        let max = max.unwrap_or(MAX_LISTED);
        let max = usize::try_from(max).map_err(|_| {
            s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647")
        })?;
        Ok(Self {
            prefix: prefix.cloned().unwrap_or_default(),
            delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()).cloned(),
            max: max.min(usize::try_from(MAX_LISTED).unwrap_or_default()),
        })
    }

    /// The common prefix that `key` is told under.
    fn group<'a>(&self, key: &'a str) -> Option<&'a str> {
        let rest = key.strip_prefix(self.prefix.as_str())?;
        let delimiter = self.delimiter.as_deref()?;
        let end = self.prefix.len() + rest.find(delimiter)? + delimiter.len();
        key.get(..end)
    }

    /// Where a listing goes on after `marker`: a marker that is a common prefix stands for all its keys.
    fn after(&self, marker: &str) -> Vec<u8> {
        if self.group(marker) == Some(marker) { successor(marker) } else { following(marker) }
    }

    fn start(&self, marker: Option<&str>) -> Vec<u8> {
        marker.map_or_else(Vec::new, |marker| self.after(marker)).max(self.prefix.clone().into_bytes())
    }
}

/// The first possible key after `key`.
fn following(key: &str) -> Vec<u8> {
    let mut bytes = key.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// The first possible key that does not begin with `prefix`. Text never holds the byte 255.
fn successor(prefix: &str) -> Vec<u8> {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = last.saturating_add(1);
    }
    bytes
}

/// An entry that a listing is made of.
trait Entry {
    fn key(&self) -> &str;
}

/// One page of a listing.
struct Page<T> {
    entries: Vec<T>,
    prefixes: Vec<String>,
    /// The last thing told, when there is more: a key or a common prefix.
    next: Option<String>,
}

/// Gathers a page from `fetch`, which gives entries in order from a key on, or
/// after an entry that it gave before.
fn gather<T: Entry>(
    query: &Query,
    start: Vec<u8>,
    mut fetch: impl FnMut(&[u8], Option<&T>) -> Result<Vec<T>>,
) -> Result<Page<T>> {
    let mut page = Page { entries: Vec::new(), prefixes: Vec::new(), next: None };
    let (mut from, mut last_told) = (start, None::<String>);
    'fetching: loop {
        let goes_on_after = page.entries.last().filter(|_| from.is_empty() && last_told.is_some());
        let fetched = fetch(&from, goes_on_after)?;
        if fetched.is_empty() {
            return Ok(page);
        }
        from.clear();
        for entry in fetched {
            if !entry.key().starts_with(&query.prefix) {
                return Ok(page);
            }
            let group = query.group(entry.key()).map(str::to_owned);
            if page.entries.len() + page.prefixes.len() == query.max {
                page.next = if query.max == 0 { None } else { last_told };
                return Ok(page);
            }
            if let Some(group) = group {
                from = successor(&group);
                last_told = Some(group.clone());
                page.prefixes.push(group);
                continue 'fetching;
            }
            last_told = Some(entry.key().to_owned());
            page.entries.push(entry);
        }
    }
}

impl Entry for Version {
    fn key(&self) -> &str {
        &self.key
    }
}

fn fetch_versions(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Version>> {
    let query = format!("SELECT {} FROM versions WHERE {sql} LIMIT {FETCH}", versions::COLUMNS);
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(values)?;
    let mut fetched = Vec::new();
    while let Some(row) = rows.next()? {
        fetched.push(versions::read(row)?);
    }
    Ok(fetched)
}

fn list_objects(
    connection: &Connection,
    bucket: i64,
    query: &Query,
    start: Vec<u8>,
) -> Result<Page<Version>> {
    let sql = "bucket = ?1 AND key >= ?2 AND latest = 1 AND marker = 0 ORDER BY key";
    gather(query, start, |from, after: Option<&Version>| {
        let from = after.map_or_else(|| from.to_vec(), |after| following(&after.key));
        fetch_versions(connection, sql, params![bucket, from])
    })
}

fn encode(encoding: Option<&EncodingType>, text: String) -> String {
    match encoding {
        Some(encoding) if encoding.as_str() == EncodingType::URL => {
            utf8_percent_encode(&text, ENCODED).to_string()
        }
        _ => text,
    }
}

fn told_prefixes(prefixes: Vec<String>, encoding: Option<&EncodingType>) -> Option<Vec<CommonPrefix>> {
    let told = prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(encode(encoding, prefix)) });
    (told.len() > 0).then(|| told.collect())
}

fn told_object(version: Version, encoding: Option<&EncodingType>, owner: Option<&Owner>) -> Object {
    let checksum = version.about.checksum.as_ref();
    Object {
        checksum_algorithm: checksum.map(|checksum| vec![checksum.algorithm.wire()]),
        checksum_type: checksum.map(|checksum| checksum.kind.wire()),
        e_tag: Some(ETag::Strong(version.etag)),
        key: Some(encode(encoding, version.key)),
        last_modified: Some(time::wire(version.modified)),
        owner: owner.cloned(),
        size: size_for_wire(version.size),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Object::default()
    }
}

fn told_version(version: Version, encoding: Option<&EncodingType>, owner: &Owner) -> ObjectVersion {
    let checksum = version.about.checksum.as_ref();
    ObjectVersion {
        checksum_algorithm: checksum.map(|checksum| vec![checksum.algorithm.wire()]),
        checksum_type: checksum.map(|checksum| checksum.kind.wire()),
        e_tag: Some(ETag::Strong(version.etag)),
        is_latest: Some(version.latest),
        key: Some(encode(encoding, version.key)),
        last_modified: Some(time::wire(version.modified)),
        owner: Some(owner.clone()),
        size: size_for_wire(version.size),
        storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
        version_id: Some(version.version_id),
        ..ObjectVersion::default()
    }
}

fn told_marker(version: Version, encoding: Option<&EncodingType>, owner: &Owner) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(version.latest),
        key: Some(encode(encoding, version.key)),
        last_modified: Some(time::wire(version.modified)),
        owner: Some(owner.clone()),
        version_id: Some(version.version_id),
    }
}

fn parse_token(token: &str) -> Result<String> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect").into())
}

pub(super) fn initiator(owner: &Owner) -> Initiator {
    Initiator { display_name: None, id: owner.id.clone() }
}

impl Store {
    pub(super) async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> Result<ListObjectsV2Output> {
        let input = request.input;
        let query = Query::new(input.prefix.as_ref(), input.delimiter.as_ref(), input.max_keys)?;
        let marker = match &input.continuation_token {
            Some(token) => Some(parse_token(token)?),
            None => input.start_after.clone(),
        };
        let owner = input.fetch_owner.unwrap_or_default().then(|| self.owner());
        let (name, max) = (input.bucket.clone(), query.max);
        let page = self
            .look(move |connection| {
                let bucket = buckets::find(connection, &name)?;
                let start = query.start(marker.as_deref());
                list_objects(connection, bucket.id, &query, start)
            })
            .await?;
        let encoding = input.encoding_type.as_ref();
        let key_count = count_for_wire(page.entries.len() + page.prefixes.len());
        let entries = page.entries.into_iter();
        let contents: Vec<_> =
            entries.map(|version| told_object(version, encoding, owner.as_ref())).collect();
        Ok(ListObjectsV2Output {
            common_prefixes: told_prefixes(page.prefixes, encoding),
            contents: Some(contents).filter(|contents| !contents.is_empty()),
            continuation_token: input.continuation_token,
            delimiter: input.delimiter.map(|text| encode(encoding, text)),
            is_truncated: Some(page.next.is_some()),
            key_count,
            max_keys: count_for_wire(max),
            name: Some(input.bucket),
            next_continuation_token: page.next.map(|next| URL_SAFE_NO_PAD.encode(next)),
            prefix: Some(encode(encoding, input.prefix.unwrap_or_default())),
            start_after: input.start_after.map(|text| encode(encoding, text)),
            encoding_type: input.encoding_type,
            ..ListObjectsV2Output::default()
        })
    }

    pub(super) async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> Result<ListObjectsOutput> {
        let input = request.input;
        let query = Query::new(input.prefix.as_ref(), input.delimiter.as_ref(), input.max_keys)?;
        let (name, max, marker) = (input.bucket.clone(), query.max, input.marker.clone());
        let page = self
            .look(move |connection| {
                let bucket = buckets::find(connection, &name)?;
                let start = query.start(marker.as_deref());
                list_objects(connection, bucket.id, &query, start)
            })
            .await?;
        let (encoding, owner) = (input.encoding_type.as_ref(), self.owner());
        let entries = page.entries.into_iter();
        let contents: Vec<_> = entries.map(|version| told_object(version, encoding, Some(&owner))).collect();
        Ok(ListObjectsOutput {
            common_prefixes: told_prefixes(page.prefixes, encoding),
            contents: Some(contents).filter(|contents| !contents.is_empty()),
            is_truncated: Some(page.next.is_some()),
            // Without a delimiter, the last key of the page serves.
            next_marker: page.next.filter(|_| input.delimiter.is_some()).map(|next| encode(encoding, next)),
            marker: Some(encode(encoding, input.marker.unwrap_or_default())),
            max_keys: count_for_wire(max),
            name: Some(input.bucket),
            prefix: Some(encode(encoding, input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encode(encoding, text)),
            encoding_type: input.encoding_type,
            ..ListObjectsOutput::default()
        })
    }

    pub(super) async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> Result<ListObjectVersionsOutput> {
        let input = request.input;
        let query = Query::new(input.prefix.as_ref(), input.delimiter.as_ref(), input.max_keys)?;
        let marker = (input.key_marker.clone(), input.version_id_marker.clone());
        if marker.0.is_none() && marker.1.as_ref().is_some_and(|id| !id.is_empty()) {
            let told = "A version-id marker cannot be specified without a key marker.";
            return Err(s3_error!(InvalidArgument, "{told}").into());
        }
        let (name, max) = (input.bucket.clone(), query.max);
        let page = self
            .look(move |connection| {
                let bucket = buckets::find(connection, &name)?;
                list_versions(connection, bucket.id, &query, marker.0.as_deref(), marker.1.as_deref())
            })
            .await?;
        let (encoding, owner) = (input.encoding_type.as_ref(), self.owner());
        // A page that ends with a common prefix has no version to go on after.
        let last_version = page.entries.last().filter(|last| page.next.as_deref() == Some(&last.key));
        let next_version_id_marker = last_version.map(|version| version.version_id.clone());
        let (markers, kept): (Vec<_>, Vec<_>) = page.entries.into_iter().partition(|version| version.marker);
        let kept: Vec<_> = kept.into_iter().map(|version| told_version(version, encoding, &owner)).collect();
        let markers: Vec<_> =
            markers.into_iter().map(|version| told_marker(version, encoding, &owner)).collect();
        Ok(ListObjectVersionsOutput {
            common_prefixes: told_prefixes(page.prefixes, encoding),
            versions: Some(kept).filter(|kept| !kept.is_empty()),
            delete_markers: Some(markers).filter(|markers| !markers.is_empty()),
            is_truncated: Some(page.next.is_some()),
            next_key_marker: page.next.map(|next| encode(encoding, next)),
            next_version_id_marker,
            key_marker: Some(encode(encoding, input.key_marker.unwrap_or_default())),
            version_id_marker: input.version_id_marker,
            max_keys: count_for_wire(max),
            name: Some(input.bucket),
            prefix: Some(encode(encoding, input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encode(encoding, text)),
            encoding_type: input.encoding_type,
            ..ListObjectVersionsOutput::default()
        })
    }

    pub(super) async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Result<ListMultipartUploadsOutput> {
        let input = request.input;
        let query = Query::new(input.prefix.as_ref(), input.delimiter.as_ref(), input.max_uploads)?;
        let marker = (input.key_marker.clone(), input.upload_id_marker.clone());
        let (name, max) = (input.bucket.clone(), query.max);
        let page = self
            .look(move |connection| {
                let bucket = buckets::find(connection, &name)?;
                list_uploads(connection, bucket.id, &query, marker.0.as_deref(), marker.1.as_deref())
            })
            .await?;
        let (encoding, owner) = (input.encoding_type.as_ref(), self.owner());
        let last_upload = page.entries.last().filter(|last| page.next.as_deref() == Some(&last.key));
        let next_upload_id_marker = last_upload.map(|upload| upload.id.clone());
        let uploads: Vec<_> = page.entries.into_iter().map(|upload| upload.told(encoding, &owner)).collect();
        Ok(ListMultipartUploadsOutput {
            common_prefixes: told_prefixes(page.prefixes, encoding),
            uploads: Some(uploads).filter(|uploads| !uploads.is_empty()),
            is_truncated: Some(page.next.is_some()),
            next_key_marker: page.next.map(|next| encode(encoding, next)),
            next_upload_id_marker,
            bucket: Some(input.bucket),
            key_marker: Some(encode(encoding, input.key_marker.unwrap_or_default())),
            upload_id_marker: input.upload_id_marker,
            max_uploads: count_for_wire(max),
            prefix: Some(encode(encoding, input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encode(encoding, text)),
            encoding_type: input.encoding_type,
            ..ListMultipartUploadsOutput::default()
        })
    }
}

/// Versions by key, of each key the newest first.
fn list_versions(
    connection: &Connection,
    bucket: i64,
    query: &Query,
    key_marker: Option<&str>,
    version_marker: Option<&str>,
) -> Result<Page<Version>> {
    let from_sql = "bucket = ?1 AND key >= ?2 ORDER BY key, seq DESC";
    let after_sql = "bucket = ?1 AND (key > ?2 OR (key = ?2 AND seq < ?3)) ORDER BY key, seq DESC";
    let named = key_marker.zip(version_marker.filter(|id| !id.is_empty()));
    let mut resume = match named {
        Some((key, version_id)) => versions::by_id(connection, bucket, key, version_id)?,
        None => None,
    };
    gather(query, query.start(key_marker), |from, after: Option<&Version>| {
        let resumed = resume.take();
        match after.or(resumed.as_ref()) {
            Some(after) => {
                fetch_versions(connection, after_sql, params![bucket, after.key.as_bytes(), after.seq])
            }
            None => fetch_versions(connection, from_sql, params![bucket, from]),
        }
    })
}

/// An upload in a listing.
struct Listed {
    key: String,
    id: String,
    initiated: jiff::Timestamp,
    plan: Plan,
}

impl Entry for Listed {
    fn key(&self) -> &str {
        &self.key
    }
}

impl Listed {
    fn told(self, encoding: Option<&EncodingType>, owner: &Owner) -> MultipartUpload {
        MultipartUpload {
            checksum_algorithm: self.plan.declared.then(|| self.plan.algorithm.wire()),
            checksum_type: self.plan.declared.then(|| self.plan.kind.wire()),
            initiated: Some(time::wire(self.initiated)),
            initiator: Some(initiator(owner)),
            key: Some(encode(encoding, self.key)),
            owner: Some(owner.clone()),
            upload_id: Some(self.id),
            ..MultipartUpload::default()
        }
    }
}

/// Uploads by key, then by id.
fn list_uploads(
    connection: &Connection,
    bucket: i64,
    query: &Query,
    key_marker: Option<&str>,
    id_marker: Option<&str>,
) -> Result<Page<Listed>> {
    let sql = "SELECT key, id, initiated, body FROM uploads
               WHERE bucket = ?1 AND (key > ?2 OR (key = ?2 AND id > ?3)) ORDER BY key, id LIMIT ?4";
    let mut resume = key_marker.zip(id_marker.filter(|id| !id.is_empty()));
    gather(query, query.start(key_marker), |from, after: Option<&Listed>| {
        let resumed = resume.take();
        let (key, id) = match (after, resumed) {
            (Some(after), _) => (after.key.as_bytes(), after.id.as_str()),
            (None, Some((key, id))) => (key.as_bytes(), id),
            (None, None) => (from, ""),
        };
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![bucket, key, id, FETCH])?;
        let mut fetched = Vec::new();
        while let Some(row) = rows.next()? {
            fetched.push(Listed {
                key: versions::key_text(row.get(0)?)?,
                id: row.get(1)?,
                initiated: time::stored(row.get(2)?),
                plan: serde_json::from_str(&row.get::<_, String>(3)?)?,
            });
        }
        Ok(fetched)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Name(&'static str);

    impl Entry for Name {
        fn key(&self) -> &str {
            self.0
        }
    }

    fn list(
        keys: &[&'static str],
        prefix: &str,
        delimiter: &str,
        max: usize,
        marker: Option<&str>,
    ) -> (Vec<String>, Vec<String>, Option<String>) {
        let delimiter = Some(delimiter.to_owned()).filter(|delimiter| !delimiter.is_empty());
        let query = Query { prefix: prefix.to_owned(), delimiter, max };
        // Two at a time, so that pages cross fetches.
        let page = gather(&query, query.start(marker), |from, after: Option<&Name>| {
            let from = after.map_or_else(|| from.to_vec(), |after| following(after.0));
            Ok(keys
                .iter()
                .filter(|key| key.as_bytes() >= from.as_slice())
                .take(2)
                .map(|key| Name(key))
                .collect())
        })
        .expect("a page");
        (page.entries.iter().map(|entry| entry.0.to_owned()).collect(), page.prefixes, page.next)
    }

    const KEYS: [&str; 6] = ["a", "b/1", "b/2", "b/3", "c", "d/1"];

    #[test]
    fn everything_in_order() {
        assert_eq!(list(&KEYS, "", "", 10, None).0, KEYS);
        assert_eq!(list(&KEYS, "b/", "", 10, None).0, ["b/1", "b/2", "b/3"]);
        assert_eq!(list(&KEYS, "x", "", 10, None).0, [""; 0]);
    }

    #[test]
    fn common_prefixes_stand_for_their_keys() {
        let (keys, prefixes, next) = list(&KEYS, "", "/", 10, None);
        assert_eq!(
            (keys, prefixes, next),
            (vec!["a".into(), "c".into()], vec!["b/".into(), "d/".into()], None)
        );
    }

    #[test]
    fn pages_join_without_loss_or_repetition() {
        for delimiter in ["", "/"] {
            let (whole_keys, whole_prefixes, _) = list(&KEYS, "", delimiter, 10, None);
            for max in 1..=6 {
                let (mut keys, mut prefixes, mut marker) = (Vec::new(), Vec::new(), None::<String>);
                loop {
                    let page = list(&KEYS, "", delimiter, max, marker.as_deref());
                    assert!(page.0.len() + page.1.len() <= max);
                    keys.extend(page.0);
                    prefixes.extend(page.1);
                    marker = page.2;
                    if marker.is_none() {
                        break;
                    }
                }
                assert_eq!((&keys, &prefixes), (&whole_keys, &whole_prefixes), "{delimiter:?} {max}");
            }
        }
    }

    #[test]
    fn nothing_asked_is_nothing_told() {
        assert_eq!(list(&KEYS, "", "", 0, None), (vec![], vec![], None));
    }

    #[test]
    fn encoded_keys_keep_their_slashes() {
        let url = EncodingType::from_static(EncodingType::URL);
        assert_eq!(encode(Some(&url), "a b/ü\u{1}".to_owned()), "a%20b/%C3%BC%01");
    }
}
