//! The certificate as a sheet of A4 that a clinic can file: everything the signed head says, every record, and how to
//! check it; the signed JSON is embedded (R155).
//!
//! It is made from the certificate alone, with the fonts every reader has, so that the same certificate gives the same
//! bytes: the file itself is signed, too.

use crate::layout::{Face, Page, Paper};
use domain::disposition::{Ground, Method};
use evidence::certificate::{Document, Head, Leaf};
use jiff::Timestamp;
use pdf_writer::{Content, Date, Finish, Name, Pdf, Rect, Ref, Str, TextStr, types::AssociationKind};
use std::fmt::Display;

/// The embedded file.
const ATTACHMENT: &str = "certificate-of-destruction.json";

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const FILE_SPEC: Ref = Ref::new(4);
const FILE: Ref = Ref::new(5);
/// Three fonts, and behind them two objects for each page.
const FIRST_FONT: i32 = 6;
const FIRST_PAGE: i32 = 9;

const A4: Rect = Rect { x1: 0.0, y1: 0.0, x2: crate::layout::WIDTH, y2: crate::layout::HEIGHT };

/// The certificate as a file.
pub(crate) fn pdf(document: &Document) -> Vec<u8> {
    let footer = format!("Certificate of destruction {}", document.head.disposition_id);
    let pages = written(document).pages(&footer);
    let mut pdf = Pdf::new();
    pdf.set_file_id((document.signed.sha256.bytes().to_vec(), document.signed.sha256.bytes().to_vec()));
    catalog(&mut pdf, document);
    attachment(&mut pdf, &document.to_json());
    for (number, face) in (FIRST_FONT..).zip(Face::ALL) {
        let mut font = pdf.type1_font(Ref::new(number));
        font.base_font(Name(face.base_font())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let ids: Vec<(Ref, Ref)> = (FIRST_PAGE..)
        .step_by(2)
        .take(pages.len())
        .map(|id| (Ref::new(id), Ref::new(id.saturating_add(1))))
        .collect();
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for ((page_id, content_id), page) in ids.iter().zip(&pages) {
        write_page(&mut pdf, *page_id, *content_id, page);
    }
    pdf.finish()
}

fn catalog(pdf: &mut Pdf, document: &Document) {
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).lang(TextStr("en"));
    catalog.names().embedded_files().names().insert(Str(ATTACHMENT.as_bytes()), FILE_SPEC);
    catalog.insert(Name(b"AF")).array().item(FILE_SPEC);
    catalog.finish();
    let head = &document.head;
    let title = format!("Certificate of destruction {}", head.disposition_id);
    let mut info = pdf.document_info(INFO);
    info.title(TextStr(&title)).author(TextStr(&head.organization)).producer(TextStr(&head.software));
    info.creation_date(date(head.certified_at));
}

fn date(at: Timestamp) -> Date {
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    Date::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn attachment(pdf: &mut Pdf, json: &[u8]) {
    let mut spec = pdf.file_spec(FILE_SPEC);
    spec.path(Str(ATTACHMENT.as_bytes()))
        .unic_file(TextStr(ATTACHMENT))
        .description(TextStr("The signed certificate, for checking"))
        .association_kind(AssociationKind::Source)
        .embedded_file_with_unicode(FILE);
    spec.finish();
    let mut file = pdf.embedded_file(FILE, json);
    file.subtype(Name(b"application/json"));
    file.params().size(i32::try_from(json.len()).unwrap_or(i32::MAX));
}

fn write_page(pdf: &mut Pdf, page_id: Ref, content_id: Ref, page: &Page) {
    let mut written = pdf.page(page_id);
    written.media_box(A4).parent(PAGES).contents(content_id);
    let mut resources = written.resources();
    let mut fonts = resources.fonts();
    for (number, face) in (FIRST_FONT..).zip(Face::ALL) {
        fonts.pair(Name(face.name()), Ref::new(number));
    }
    fonts.finish();
    resources.finish();
    written.finish();
    let mut content = Content::new();
    content.set_line_width(0.5);
    for line in &page.lines {
        content.move_to(line.from, line.y).line_to(line.to, line.y).stroke();
    }
    for text in &page.texts {
        content.begin_text().set_font(Name(text.face.name()), text.size).next_line(text.x, text.y);
        content.show(Str(&text.bytes)).end_text();
    }
    pdf.stream(content_id, &content.finish());
}

// ---- What it says ----------------------------------------------------------------------------------------------

fn written(document: &Document) -> Paper {
    let (head, mut paper) = (&document.head, Paper::new());
    paper.title("Certificate of Destruction");
    paper.subtitle(&head.organization);
    paper.paragraph(&head.statement);
    facts(&mut paper, head);
    people(&mut paper, head);
    totals(&mut paper, head);
    paper.heading("How it was done");
    for said in [&head.sanitisation, &head.verification, &head.backups] {
        if !said.is_empty() {
            paper.paragraph(said);
        }
    }
    records(&mut paper, document);
    signature(&mut paper, document);
    paper
}

fn facts(paper: &mut Paper, head: &Head) {
    paper.heading("The batch");
    paper.fact("Certificate and batch", &head.disposition_id.to_string());
    paper.fact("Organization", &format!("{} ({})", head.organization, head.organization_id));
    paper.fact("Ground", ground(head.ground));
    paper.fact("Schedule of retention", &format!("version {} when it was proposed", head.schedule_version));
    let rules =
        head.destroyed.rules.iter().map(|rule| format!("{} (version {})", rule.rule_id, rule.version));
    paper.fact("Rules applied", &joined(rules));
    paper.fact("Certified", &moment(head.certified_at));
    paper.fact("Made by", &head.software);
    paper.fact("To be kept", "permanently");
}

const fn ground(ground: Ground) -> &'static str {
    match ground {
        Ground::RetentionEnded => "the time for which law and policy ask for the records has ended",
        Ground::Digitised => "the paper has a scan that a person has compared with it",
    }
}

fn people(paper: &mut Paper, head: &Head) {
    let named = |member: domain::MemberId| match head.people.get(&member) {
        Some(person) => {
            let roles = person.roles.iter().map(|role| role.name().replace('_', " "));
            format!("{}, {} ({member})", person.name, joined(roles))
        }
        None => member.to_string(),
    };
    paper.heading("Who decided");
    paper.fact("Proposed", &format!("{}, {}", named(head.proposed_by), moment(head.proposed_at)));
    for approval in &head.approvals {
        paper.fact("Approved", &format!("{}, {}", named(approval.by), moment(approval.at)));
    }
    for notice in &head.notices_given {
        let (duty, by) = (spoken(notice.duty.name()), spoken(notice.by.name()));
        paper.fact("Notice given", &format!("{duty}, on {}, by {by}", notice.on));
    }
    paper.fact("Executed", &named(head.executed_by));
    let acted: Vec<_> = head.approvals.iter().map(|approval| approval.by).collect();
    let others = head.people.keys().filter(|member| {
        **member != head.proposed_by && **member != head.executed_by && !acted.contains(member)
    });
    for member in others {
        paper.fact("Destroyed or saw paper", &named(*member));
    }
}

fn totals(paper: &mut Paper, head: &Head) {
    let all = &head.destroyed;
    paper.heading("What was destroyed");
    paper.fact("Records", &all.records.to_string());
    if let (Some(from), Some(to)) = (all.from, all.to) {
        paper.fact("Inclusive dates", &format!("{from} to {to}"));
    }
    paper.fact(
        "Classes",
        &joined(all.classes.iter().map(|(class, count)| format!("{} {count}", class.name()))),
    );
    paper
        .fact("Methods", &joined(all.methods.iter().map(|(one, count)| format!("{} {count}", method(*one)))));
    paper.fact(
        "Keys and objects",
        &format!("keys: {}, objects in all their versions: {}", all.keys, all.objects),
    );
    paper.fact("Left to others", &format!("{} objects that other records have as well", all.kept));
    paper.fact("On paper", &all.paper.to_string());
    if let (Some(first), Some(last)) = (all.first_at, all.last_at) {
        paper.fact("Unreadable since", &format!("{} to {}", moment(first), moment(last)));
    }
    if let Some(at) = all.verified_at {
        paper.fact("Verified", &moment(at));
    }
    if let Some(day) = all.last_eligible_on {
        paper.fact("Eligible since", &format!("{day} at the latest, each as its own line says"));
    }
    let kept = head.holds.kept_by_holds;
    let holds = "asked anew with each destruction: no hold covered any destroyed record";
    paper.fact("Legal holds", &format!("{holds}; {kept} kept by a hold"));
    let left_out = joined(head.left_out.iter().map(|(reason, count)| format!("{} {count}", spoken(reason))));
    paper.fact("Left out", if left_out.is_empty() { "none" } else { &left_out });
}

fn records(paper: &mut Paper, document: &Document) {
    paper.heading("The records");
    paper.columns(&["Record", "Class", "Inclusive dates", "Method"]);
    for leaf in &document.records {
        let dates = if leaf.from == leaf.to {
            leaf.from.to_string()
        } else {
            format!("{} to {}", leaf.from, leaf.to)
        };
        paper.row(&leaf.record_id.to_string(), &[leaf.class.name(), &dates, &method(leaf.method)]);
        paper.note(&format!("SHA-256 {}", leaf.content_sha256));
        paper.note(&origin(leaf));
        if leaf.kept > 0 {
            paper.note(&format!("{} objects left to another record that has them as well", leaf.kept));
        }
        if let Some(seen) = &leaf.paper {
            let by = seen.contractor.as_ref().map(|company| format!(", by {company}")).unwrap_or_default();
            paper.note(&format!(
                "paper: on {}{by}; told by {}, seen by {}",
                seen.on, seen.destroyed_by, seen.witness
            ));
        }
        paper.rule();
    }
}

fn origin(leaf: &Leaf) -> String {
    let schedule = leaf.schedule_version.map(|version| format!(" of schedule version {version}"));
    format!(
        "{}, eligible on {} by {} ({}){}, unreadable since {}",
        leaf.record_type.name(),
        leaf.eligible_on,
        leaf.rule_id,
        leaf.rule_version,
        schedule.unwrap_or_default(),
        moment(leaf.unreadable_since)
    )
}

fn signature(paper: &mut Paper, document: &Document) {
    let signed = &document.signed;
    paper.heading("Signature");
    paper.code("Root over the records", &document.head.destroyed.root.to_string());
    paper.code("SHA-256 of the signed text", &signed.sha256.to_string());
    paper.code("Signature", &signed.signature);
    paper.code("Key", &signed.key_id);
    paper.code("Fingerprint of the key", &signed.key_sha256.to_string());
    paper.paragraph(&format!(
        "ECDSA over the curve P-256 with SHA-256. The signed text, the public key and all records are in the embedded \
         file {ATTACHMENT}: `cargo xtask verify` checks it without any connection. Compare the fingerprint with the \
         one the organization has published."
    ));
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn method(method: Method) -> String {
    spoken(method.name())
}

fn spoken(code: &str) -> String {
    code.replace('_', " ")
}

fn joined(parts: impl Iterator<Item = impl Display>) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a file without what is looked for should stop its test"
)]
mod tests {
    use super::*;
    use domain::{
        DispositionId, MemberId, OrganizationId, RecordId,
        disposition::{Approval, NoticeGiven, NoticeMeans, PaperDestroyed},
        member::Role,
        record::RecordType,
        retention::{NoticeDuty, RecordClass},
    };
    use evidence::certificate::{FORM, HoldCheck, Person, Signed, Totals};
    use evidence::merkle::Digest;
    use jiff::civil::date;
    use std::collections::{BTreeMap, BTreeSet};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn member(id: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(id))
    }

    fn leaf(number: u128) -> Leaf {
        let seen = PaperDestroyed {
            destroyed_by: member(1),
            witness: member(4),
            on: date(2026, 3, 1),
            contractor: "Destruction Québec".to_owned().try_into().ok(),
        };
        let is_paper = number.is_multiple_of(3);
        Leaf {
            record_id: RecordId::new(Uuid::from_u128(0x0199_a000_0000_7000_8000_0000_0000_0000 + number)),
            record_type: if is_paper { RecordType::Physical } else { RecordType::Electronic },
            class: RecordClass::HealthRecord,
            from: date(2005, 3, 1),
            to: date(2006, 3, 1),
            content_sha256: format!("{number:064x}"),
            method: if is_paper { Method::Shredding } else { Method::ObjectDeletion },
            unreadable_since: NOW,
            verified_at: NOW,
            keys: 1,
            objects: 2,
            kept: if number == 1 { 2 } else { 0 },
            eligible_on: date(2020, 1, 1),
            rule_id: "MD-ALL".parse().unwrap(),
            rule_version: "2026-01".into(),
            schedule_version: (!is_paper).then_some(7),
            holds_revision: 4,
            paper: is_paper.then_some(seen),
            salt: format!("{number:064x}"),
        }
    }

    fn document(records: u128) -> Document {
        let records: Vec<Leaf> = (0..records).map(leaf).collect();
        let destroyed = Totals::of(&records);
        let person = |name: &str| Person { name: name.into(), roles: BTreeSet::from([Role::RecordsManager]) };
        let head = Head {
            form: FORM.into(),
            disposition_id: DispositionId::new(Uuid::from_u128(0x0199_a000_0000_7000_8000_0000_0000_0023)),
            organization_id: OrganizationId::new(Uuid::from_u128(0x0199_a000_0000_7000_8000_0000_0000_0001)),
            organization: "Clinique du Nord, Montréal".into(),
            statement: "The records were destroyed in the normal course of business. ".repeat(3),
            ground: Ground::RetentionEnded,
            holds: HoldCheck {
                result: "no_hold_on_any_destroyed_record".into(),
                first_at: destroyed.first_at,
                last_at: destroyed.last_at,
                kept_by_holds: 2,
            },
            destroyed,
            left_out: BTreeMap::from([("held".into(), 2), ("not_eligible".into(), 1)]),
            schedule_version: 3,
            proposed_by: member(1),
            proposed_at: NOW,
            approvals: vec![Approval { by: member(2), at: NOW }, Approval { by: member(3), at: NOW }],
            notices_given: vec![NoticeGiven {
                duty: NoticeDuty::Client30Days,
                on: date(2026, 1, 15),
                by: NoticeMeans::Mail,
            }],
            executed_by: member(1),
            certified_at: NOW,
            people: [(1, "Rita Roy"), (2, "Adam Novak"), (3, "Nora Lind"), (4, "Sam Weiss")]
                .map(|(id, name)| (member(id), person(name)))
                .into(),
            sanitisation: "Deletion, said at some length. ".repeat(8),
            verification: "Looked for, and not found. ".repeat(4),
            backups: "Unreadable in every backup at once. ".repeat(4),
            software: "strongroom 0.1.0".into(),
        };
        let text = head.text();
        let signed = Signed {
            disposition_id: head.disposition_id,
            sha256: Digest::of(text.as_bytes()),
            text,
            signature: "MEUCIQDx".repeat(12),
            key_id: "arn:aws:kms:ca-central-1:000000000000:key/0199a000-0000-7000-8000-000000000099".into(),
            public_key_pem: String::new(),
            key_sha256: Digest::of(b"key"),
        };
        Document { signed, head, records }
    }

    fn texts(file: &lopdf::Document) -> String {
        let pages: Vec<u32> = file.get_pages().into_keys().collect();
        file.extract_text(&pages).unwrap()
    }

    #[test]
    fn the_same_certificate_is_the_same_file() {
        assert_eq!(pdf(&document(40)), pdf(&document(40)));
        assert_ne!(pdf(&document(40)), pdf(&document(41)));
    }

    #[test]
    fn a_reader_finds_the_records_the_signature_and_the_embedded_certificate() {
        let document = document(100);
        let bytes = pdf(&document);
        let file = lopdf::Document::load_mem(&bytes).unwrap();
        assert!(file.get_pages().len() > 4);
        let text = texts(&file);
        for leaf in &document.records {
            assert!(text.contains(&leaf.record_id.to_string()), "{} in {text}", leaf.record_id);
        }
        let said = [
            "Certificate of Destruction",
            "Rita Roy",
            "client 30 days",
            "seen by",
            "shredding",
            "MD-ALL",
            "page 1 of",
            "of schedule version 7",
            "2 objects left to another record",
        ];
        for part in said {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains(&document.signed.key_sha256.to_string()));
        let embedded = file.objects.values().filter_map(|object| object.as_stream().ok()).find(|stream| {
            stream
                .dict
                .get(b"Type")
                .and_then(lopdf::Object::as_name)
                .is_ok_and(|name| name == b"EmbeddedFile")
        });
        assert_eq!(embedded.unwrap().content, document.to_json());
    }

    #[test]
    fn an_empty_certificate_and_the_largest_are_sheets_too() {
        for records in [0, 1, 500] {
            let bytes = pdf(&document(records));
            assert!(lopdf::Document::load_mem(&bytes).is_ok(), "{records}");
            assert!(bytes.len() < 2 * 1024 * 1024, "{records} records: {} bytes", bytes.len());
        }
    }
}
