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
pub const CLIENT_CHARTS: usize = 30;
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
/// Seconds the address of a file works. Who loses access has lost it at the next request all the same (R057).
pub const DOWNLOAD_SECONDS: u64 = 2 * 60;
/// Seconds that object storage takes the request which such an address leads on to: time for a slow line to connect.
pub const FOLLOWED_SECONDS: u64 = 5;
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
/// Members and teams a chart is shared with, and times it changes hands: both stand in the chart's own item.
pub const CHART_GRANTS: usize = 50;
pub const CHART_PASSAGES: usize = 20;
/// Roles of its own that an organization has: they stand in the organization, which every request reads.
pub const ORGANIZATION_ROLES: usize = 20;
/// Members who are looked at for who has a role, and charts of one member that their reach counts.
pub const MEMBERS_LOOKED_AT: usize = 10_000;
pub const REACH_CHARTS: usize = 1_000;
/// Pages of sessions, and of spaces, of one member that their reach counts.
pub const REACH_PAGES: u32 = 10;
/// Teams of one member.
pub const MEMBER_TEAMS: usize = 30;
/// Members of one team: all of them are told in the transaction that shares a chart with it.
pub const TEAM_MEMBERS: usize = 90;
/// Charts of one page of a member's own list that are looked at, and members who are asked for whether they can
/// read, before the caller goes on with the next page.
pub const CHART_CANDIDATES: usize = 400;
pub const READER_CANDIDATES: usize = 500;
/// Clients whom one person stands for.
pub const MEMBER_CLIENTS: usize = 20;
/// People who stand for one client: a permission on which all of them stand is withdrawn in one transaction.
pub const CLIENT_PROXIES: usize = 40;
/// Members and teams of one client's circle of care.
pub const CIRCLE_MEMBERS: usize = 30;
/// Charts, and shares in all of them, that stand on one permission: one transaction withdraws it with all of them.
pub const CONSENT_CHARTS: usize = 8;
pub const CONSENT_GRANTS: usize = 40;
/// Days a notice is kept.
pub const NOTICE_DAYS: i64 = 90;
/// Hours for which the table's stream brings an e-mail that cannot be sent again and again, and lets nothing that follows
/// it pass. After that it is left to the work of a day. The stream itself keeps what it tells for 24 hours.
pub const MESSAGE_STREAM_HOURS: i64 = 12;
/// Members of a collaborative space, all of whom can come in one transaction with a notice each, and items it
/// holds.
pub const SPACE_MEMBERS: usize = 48;
pub const SPACE_ITEMS: u32 = 10_000;
/// Charts one item of a space may be promoted into.
pub const SPACE_PROMOTIONS: usize = 60;
/// Days an item stays in a collaborative space, after which it is destroyed: it is no record, and no schedule of records is
/// its schedule (P-24, X-6).
pub const SPACE_DAYS: i64 = 365;
/// Participants of one facilitated session who take part, and all it ever had; its facilitators.
pub const FACILITATION_PARTICIPANTS: usize = 16;
pub const FACILITATION_PARTICIPANTS_EVER: usize = 32;
pub const FACILITATORS: usize = 8;
/// Sessions of one client that are looked at for how far the client is on the whole.
pub const FACILITATIONS_LOOKED_AT: usize = 1_000;
/// Preparation sessions, and reviews of the forms, of one participant.
pub const FACILITATION_PREPARATIONS: usize = 10;
pub const FACILITATION_REVIEWS: usize = 20;
/// Fields of a form of a facilitated session, and characters of an answer to one.
pub const FORM_FIELDS: usize = 60;
pub const FORM_ANSWER_CHARS: usize = 4_000;
/// Charts of one practitioner that are offered by one call: each is a transaction of its own.
pub const CASELOAD_OFFERS: usize = 25;
/// Things one legal hold names, and its custodians: both stand in the hold's own item.
pub const HOLD_ITEMS: usize = 500;
pub const HOLD_CUSTODIANS: usize = 50;
/// Holds of one organization that stand at the same time: every destruction asks all of them.
pub const HOLDS: usize = 200;
/// Days after which a hold has to be reaffirmed, at the latest.
pub const HOLD_REAFFIRM_DAYS: i32 = 366;
/// Reaffirmations that a hold itself remembers.
pub const HOLD_REAFFIRMATIONS: usize = 50;
/// Records of one disposition.
pub const DISPOSITION_ITEMS: usize = 500;
/// Records that one transaction lists in a disposition, or sets free: at most three items each, and a transaction has 100.
pub const DISPOSITION_STEP: usize = 32;
/// People who are told that a disposition waits for approval.
pub const DISPOSITION_APPROVERS: usize = 30;
/// Charts that one page of an outlook, a rehearsal or a preview of a schedule appraises.
pub const APPRAISED_CHARTS: u32 = 25;
/// Days before records may be destroyed on which their owner and the records managers are told (R150).
pub const RETENTION_NOTICE_DAYS: [i32; 2] = [90, 30];
/// Days after a chart was opened, or a record filed whose end is not in sight, on which the sweep looks at it; and
/// after a look, the most until the next one.
pub const RETENTION_FIRST_REVIEW_DAYS: i32 = 30;
pub const RETENTION_REVIEW_DAYS: i32 = 365;
/// Records of one chart that the worklist of those of which too little is known names; the others it counts.
pub const RETENTION_UNKNOWN_NAMED: usize = 20;
/// Records managers who are told what the sweep has found; where there are none, administrators.
pub const RETENTION_MANAGERS: usize = 20;
/// Days before a legal hold has to be reaffirmed on which its issuer and the records managers are told.
pub const HOLD_REMINDER_DAYS: i32 = 14;
/// Places of one organization that a change of one around them, a list with counts or an import looks at.
pub const LOCATIONS_LOOKED_AT: usize = 5_000;
/// Pages of an inventory that are looked at for a folder that is overdue, before the caller goes on.
pub const OVERDUE_PAGES: u32 = 10;
/// Folders that a count of them by place looks at.
pub const FOLDERS_COUNTED: usize = 50_000;
/// Labels of one call.
pub const LABELS: usize = 90;
/// Folders of one stock-taking, barcodes of a batch, batches, folders that closing one reports missing, and lines of
/// its report.
pub const STOCKTAKE_FOLDERS: usize = 10_000;
pub const STOCKTAKE_BARCODES: usize = 200;
pub const STOCKTAKE_BATCHES: u32 = 5_000;
pub const STOCKTAKE_MARKED: usize = 500;
pub const STOCKTAKE_LINES: usize = 12_000;
/// Rows of one call of an import, and rows of a whole list that are checked against each other.
pub const IMPORT_ROWS: usize = 1_000;
pub const IMPORT_FILE_ROWS: usize = 100_000;
/// Days for which it is known what the parts of a list said, so that the next ones are checked against them.
pub const IMPORT_DAYS: i64 = 2;
/// Members who are told of an incident.
pub const INCIDENT_READERS: usize = 30;
/// Places in which one organization serves clients, and rules of its own: both stand in the organization's item.
pub const RETENTION_JURISDICTIONS: usize = 20;
pub const RETENTION_POLICIES: usize = 30;
/// Days for which an escrow opens a chart at most, and escrows of one chart that wait or are open: they stand in the
/// chart's own item. Administrators who are told that one waits.
pub const ESCROW_DAYS: u8 = 30;
pub const CHART_ESCROWS: usize = 4;
pub const ESCROW_APPROVERS: usize = 30;
/// Rows of an inbox that one transaction puts into another one.
pub const INBOX_STEP: usize = 90;
/// Spaces that one suspension leaves to nobody and that the administrator is told of: one transaction has 100 items.
pub const DESERTED_SPACES: usize = 90;
