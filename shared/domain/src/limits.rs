//! Every limit of the product, in one place, with its unit in its name.

/// Bytes of a request's body that an operation reads.
pub const BODY_BYTES: usize = 256 * 1024;
/// Characters of a name, title or label.
pub const NAME_CHARS: usize = 200;
/// Characters of a reason or message.
pub const REASON_CHARS: usize = 2_000;
/// Characters of one section of a note.
pub const NOTE_SECTION_CHARS: usize = 20_000;
/// Sections of one note.
pub const NOTE_SECTIONS: usize = 24;
/// Characters of a whole note; a version is one item of the table, which holds 400 KB.
pub const NOTE_CHARS: usize = 60_000;
/// Names, other names and phones of one client that can be searched.
pub const CLIENT_OTHER_NAMES: usize = 8;
pub const CLIENT_PHONES: usize = 4;
/// Words of all names of one client; each is indexed, and one transaction writes them all.
pub const CLIENT_NAME_WORDS: usize = 16;
/// Charts of one client: all of them change with the client's status, in one transaction.
pub const CLIENT_CHARTS: usize = 40;
/// Clients under one prefix that are compared with a new one for being the same person.
pub const DUPLICATE_CANDIDATES: u32 = 1_000;
/// Items on one page of a list, and the default.
pub const PAGE_ITEMS: u32 = 100;
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// Candidates of one search that are looked at before the caller is asked to type more.
pub const SEARCH_CANDIDATES: usize = 200;
/// Items of one DynamoDB transaction (AWS service quota).
pub const TRANSACTION_ITEMS: usize = 100;
/// Bytes of one file: S3's largest object is larger, a clinic's file is not.
pub const FILE_BYTES: u64 = 50 * 1024 * 1024 * 1024;
/// Bytes of a file that is sent in one PUT; larger ones are sent in parts.
pub const SINGLE_PUT_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of a part: S3's least is 5 MiB, and a file has at most 10,000 parts.
pub const PART_BYTES_LEAST: u64 = 8 * 1024 * 1024;
pub const PARTS: u32 = 10_000;
/// Parts that are signed by one call.
pub const PARTS_SIGNED: usize = 100;
/// Seconds a presigned URL works.
pub const PRESIGNED_SECONDS: u64 = 10 * 60;
/// Seconds a presigned download works: who loses access has lost it this long after, at the latest (R057).
pub const DOWNLOAD_SECONDS: u64 = 2 * 60;
/// Hours an unfinished upload can be resumed, after which it is cleaned up.
pub const UPLOAD_HOURS: i64 = 48;
/// Hours an idempotency key is remembered.
pub const IDEMPOTENCY_HOURS: i64 = 24;
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS: usize = 128;
/// Days an intake link may live, files and bytes it may take.
pub const INTAKE_DAYS: i64 = 60;
pub const INTAKE_FILES: u32 = 100;
pub const INTAKE_BYTES: u64 = 20 * 1024 * 1024 * 1024;
/// Days after its end in which whoever holds an intake link is still known, and may ask for another one.
pub const INTAKE_RENEWAL_DAYS: i64 = 30;
/// Rows a record's own permissions may have.
pub const RECORD_PERMISSIONS: usize = 50;
/// Levels of a location: site, room, cabinet, shelf, box, folder.
pub const LOCATION_LEVELS: usize = 6;
/// Days a folder may be checked out.
pub const CHECK_OUT_DAYS: i32 = 366;
