//! Certificates of destruction as whoever gets one checks them: made, proved, and changed in every way (R155).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a certificate without what is looked for should stop its test"
)]

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    ChartId, ClientId, DispositionId, MemberId, OrganizationId, RecordId, Sealed, WrappedKey,
    chart::Section,
    disposition::{
        Contractor, Disposition, DispositionItem, DispositionState, Eligibility, Ground, ItemState, Method,
        PaperDestroyed,
    },
    member::{Email, Member, MemberStatus, Role},
    organization::{Organization, Policy, Vocabulary},
    record::RecordType,
    retention::RecordClass,
    text::Line,
};
use evidence::{
    certificate::{Batch, CertificateError, Document, FORM, Fault, Head, Leaf, Signed, verify},
    merkle::Digest,
};
use jiff::{Timestamp, civil::date};
use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What stands before the point in a `SubjectPublicKeyInfo` of P-256.
const SPKI_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn member(id: u128) -> MemberId {
    MemberId::new(Uuid::from_u128(id))
}

fn organization() -> Organization {
    Organization {
        id: OrganizationId::new(Uuid::from_u128(50)),
        name: Line::new("North Clinic").unwrap(),
        vocabulary: Vocabulary::default(),
        policy: Policy::default(),
        roles: BTreeMap::new(),
        retention: Default::default(),
        directory_key: WrappedKey::from_bytes(vec![]),
        created_at: NOW,
        revision: 1,
    }
}

fn person(id: u128, name: &str) -> Member {
    let email = Email::try_from(format!("m{id}@north.example")).unwrap();
    let roles = BTreeSet::from([Role::RecordsManager]);
    let mut invited =
        Member::invite(member(id), organization().id, Line::new(name).unwrap(), email, roles, NOW);
    invited.status = MemberStatus::Active;
    invited
}

fn listed(number: u128, record_type: RecordType) -> DispositionItem {
    DispositionItem {
        disposition_id: DispositionId::new(Uuid::from_u128(60)),
        organization_id: organization().id,
        client_id: ClientId::new(Uuid::from_u128(0xc11e47)),
        chart_id: ChartId::new(Uuid::from_u128(0xc4a27)),
        record_id: RecordId::new(Uuid::from_u128(1_000 + number)),
        record_type,
        section: Section::Documents,
        class: RecordClass::ALL[0],
        occurred_on: date(2005, 3, 1),
        created_at: NOW,
        eligible_on: date(2020, 1, 1),
        rule_id: "MD-ALL".parse().unwrap(),
        rule_version: "2026-01".into(),
        schedule_version: None,
        notices: BTreeSet::new(),
        salt: format!("{number:064x}"),
        waits_until: None,
        state: ItemState::Listed,
        revision: 1,
    }
}

fn file(number: u128) -> DispositionItem {
    let begun = listed(number, RecordType::Electronic).begin(format!("{number:064x}"), 1, 4, NOW).unwrap();
    begun.clear(2, 0).unwrap().end(NOW).unwrap()
}

fn note(number: u128) -> DispositionItem {
    let begun = listed(number, RecordType::Data).begin(format!("{number:064x}"), 1, 4, NOW).unwrap();
    begun.end(NOW).unwrap()
}

fn paper(number: u128) -> DispositionItem {
    let seen = PaperDestroyed {
        destroyed_by: member(1),
        witness: member(4),
        on: date(1970, 1, 1),
        contractor: Some(Contractor::new("Northern Shredding").unwrap()),
    };
    let ordered = listed(number, RecordType::Physical).order("ab".repeat(32), NOW).unwrap();
    let confirmed = ordered.confirm(Method::Shredding, seen, date(1970, 1, 1), NOW).unwrap();
    confirmed.begin("ab".repeat(32), 1, 4, NOW).unwrap().end(NOW).unwrap()
}

fn held(number: u128) -> DispositionItem {
    listed(number, RecordType::Data).leave_out("held", NOW).unwrap()
}

fn certified(items: &[DispositionItem]) -> Disposition {
    let count = u32::try_from(items.len()).unwrap();
    let drafted = Disposition {
        id: DispositionId::new(Uuid::from_u128(60)),
        organization_id: organization().id,
        ground: Ground::RetentionEnded,
        proposed_by: member(1),
        proposed_at: NOW,
        schedule_version: 3,
        items: 0,
        ended: 0,
        approvals: vec![],
        notices: BTreeSet::new(),
        notices_given: vec![],
        state: DispositionState::Drafting,
        revision: 1,
    };
    let proposed = drafted.list(count).unwrap().propose().unwrap();
    let approved = proposed.approve(member(2), NOW).unwrap().approve(member(3), NOW).unwrap();
    let executing = approved.execute(member(1), vec![], date(1970, 1, 1), NOW).unwrap();
    items.iter().fold(executing, |all, _| all.count_end().unwrap()).certify(NOW).unwrap()
}

fn pem(spki: &[u8]) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki))
}

/// A key that no KMS keeps.
fn signed(head: &Head) -> Signed {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let text = head.text();
    let signature = STANDARD.encode(key.sign(&random, text.as_bytes()).unwrap().as_ref());
    let spki = [SPKI_PREFIX, key.public_key().as_ref()].concat();
    Signed::new(head.disposition_id, text, signature, "a key".into(), pem(&spki)).unwrap()
}

fn document(items: &[DispositionItem]) -> Document {
    let (disposition, organization) = (certified(items), organization());
    let members =
        [person(1, "Rita"), person(2, "Adam"), person(3, "Nora"), person(4, "Sam"), person(5, "Eve")];
    let batch = Batch {
        organization: &organization,
        disposition: &disposition,
        items,
        members: &members,
        software: "strongroom 0.1.0",
    };
    Document::new(signed(&Head::of(batch).unwrap()), items).unwrap()
}

fn items() -> Vec<DispositionItem> {
    vec![file(3), file(1), paper(2), held(4), file(5)]
}

#[test]
fn a_certificate_says_what_ahima_and_nist_ask_for() {
    let document = document(&items());
    let head = &document.head;
    assert_eq!((head.destroyed.records, head.destroyed.keys, head.destroyed.objects), (4, 4, 6));
    assert_eq!((head.destroyed.paper, head.holds.kept_by_holds), (1, 1));
    assert_eq!((head.destroyed.from, head.destroyed.to), (Some(date(1970, 1, 1)), Some(date(2005, 3, 1))));
    assert_eq!(head.left_out, BTreeMap::from([("held".to_owned(), 1)]));
    assert_eq!(head.destroyed.methods[&Method::Shredding], 1);
    assert!(head.statement.contains("normal course of business") && head.backups.contains("35 days"));
    let named: Vec<&str> = head.people.values().map(|person| person.name.as_str()).collect();
    assert_eq!(named, ["Rita", "Adam", "Nora", "Sam"], "who had no part in it is not named");
    assert!(document.records.is_sorted_by_key(|leaf| leaf.record_id));
}

/// R155: what is said of how records were destroyed is what was done with records of their types, and nothing else.
#[test]
fn only_notes_are_said_to_be_erased_with_their_keys() {
    let head = |items: &[DispositionItem]| document(items).head;
    let (notes, files) = (head(&[note(1)]), head(&[file(1)]));
    assert_eq!(notes.destroyed.methods, BTreeMap::from([(Method::CryptographicErase, 1)]));
    assert_eq!(files.destroyed.methods, BTreeMap::from([(Method::ObjectDeletion, 1)]));
    assert!(notes.sanitisation.contains("purge") && notes.sanitisation.contains("under a key of its own"));
    assert!(
        files.sanitisation.contains("clear") && files.sanitisation.contains("every version of each object")
    );
    assert!(!files.sanitisation.contains("cryptographic erase") && !files.sanitisation.contains("purge"));
    assert!(files.backups.contains("bucket") && !notes.backups.contains("bucket"));
    let all = head(&[note(1), file(3), paper(2)]);
    for part in [&notes.sanitisation, &files.sanitisation] {
        assert!(all.sanitisation.contains(part.as_str()), "{part} in {}", all.sanitisation);
    }
    assert!(all.verification.contains("second person") && !files.verification.contains("second person"));
}

/// R155: a file that another record has as well is not said to be gone.
#[test]
fn a_leaf_says_what_was_left_to_another_record() {
    let begun = listed(1, RecordType::Electronic).begin("ab".into(), 1, 4, NOW).unwrap();
    let document = document(&[begun.clear(1, 2).unwrap().end(NOW).unwrap(), file(2)]);
    let leaf = &document.records[0];
    assert_eq!((leaf.objects, leaf.kept), (1, 2));
    assert_eq!((document.head.destroyed.objects, document.head.destroyed.kept), (3, 2));
    assert!(verify(&document.to_json(), None).is_ok());
    let json = String::from_utf8(document.to_json()).unwrap();
    assert_eq!(json.matches("\"kept\":2").count(), 2, "the leaf and the totals: {json}");
    assert!(!json.contains("\"kept\":0"), "{json}");
}

/// R155: the proof of its eligibility is that of the moment a record went, and not of the one it was proposed in.
#[test]
fn a_leaf_says_what_was_found_when_its_record_went() {
    let found = Eligibility {
        class: RecordClass::ALL[1],
        eligible_on: date(2021, 7, 1),
        rule_id: "OWN-ALL".parse().unwrap(),
        rule_version: "2".into(),
        schedule_version: 4,
    };
    let begun = listed(1, RecordType::Data).found(found.clone()).begin("ab".into(), 1, 4, NOW).unwrap();
    let document = document(&[begun.end(NOW).unwrap(), paper(2)]);
    let leaf = &document.records[0];
    assert_eq!((leaf.class, leaf.eligible_on), (found.class, found.eligible_on));
    assert_eq!((&leaf.rule_id, &leaf.rule_version), (&found.rule_id, &found.rule_version));
    assert_eq!((leaf.schedule_version, document.records[1].schedule_version), (Some(4), None));
    assert_eq!((document.head.schedule_version, verify(&document.to_json(), None).is_ok()), (3, true));
}

#[test]
fn nothing_in_it_leads_to_a_client() {
    let json = String::from_utf8(document(&items()).to_json()).unwrap();
    assert!(!json.contains("c11e47") && !json.contains("c4a27"), "{json}");
}

#[test]
fn a_file_is_checked_with_nothing_but_itself() {
    let document = document(&items());
    let verified = verify(&document.to_json(), None).unwrap();
    assert_eq!((verified.records.len(), &verified.head), (4, &document.head));
    let own = document.signed.key_sha256;
    assert!(verify(&document.to_json(), Some(own)).is_ok());
    assert_eq!(verify(&document.to_json(), Some(Digest::of(b""))), Err(Fault::OtherKey(own)));
    let proof = document.prove(RecordId::new(Uuid::from_u128(1_002))).unwrap();
    let json = serde_json::to_vec(&proof).unwrap();
    let verified = verify(&json, Some(own)).unwrap();
    assert_eq!(verified.records, std::slice::from_ref(&proof.record));
    assert_eq!(document.prove(RecordId::new(Uuid::from_u128(1_004))), None, "it was left out");
}

/// Neither the id nor the digest nor the salt of another record is in a proof.
#[test]
fn a_proof_shows_nothing_of_the_others() {
    let document = document(&items());
    let proof = document.prove(RecordId::new(Uuid::from_u128(1_002))).unwrap();
    let json = serde_json::to_string(&proof).unwrap();
    for other in document.records.iter().filter(|leaf| **leaf != proof.record) {
        for secret in [&other.record_id.to_string(), &other.content_sha256, &other.salt] {
            assert!(!json.contains(secret.as_str()), "{secret} in {json}");
        }
    }
    // Whoever knows everything of a record but its salt cannot tell that it is behind a hash of the path.
    let guessed = Leaf { salt: "0".repeat(64), ..document.records[0].clone() };
    assert_ne!(guessed.hash(), document.records[0].hash());
}

fn replaced(json: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(json.to_vec()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    text.replace(from, to).into_bytes()
}

#[test]
fn whatever_is_changed_is_found() {
    let document = document(&items());
    let json = document.to_json();
    let renamed = replaced(&json, "North Clinic", "South Clinic");
    assert_eq!(verify(&renamed, None), Err(Fault::Digest));
    let mut forged: Document = serde_json::from_slice(&renamed).unwrap();
    forged.signed.sha256 = Digest::of(forged.signed.text.as_bytes());
    assert_eq!(forged.verify(None), Err(Fault::Signature));
    assert_eq!(
        verify(&replaced(&json, "Northern Shredding", "Southern Shredding"), None),
        Err(Fault::Records)
    );
    let mut fewer = document.clone();
    fewer.records.pop();
    assert_eq!(fewer.verify(None), Err(Fault::Records));
    let mut another = document.clone();
    another.head.certified_at = Timestamp::from_second(1).unwrap();
    assert_eq!(another.verify(None), Err(Fault::Head));
    let mut resigned = document.clone();
    resigned.signed.signature = self::document(&items()).signed.signature;
    assert_eq!(resigned.verify(None), Err(Fault::Signature));
    let mut passed_off = document.clone();
    passed_off.signed.public_key_pem = self::document(&items()).signed.public_key_pem;
    assert_eq!(passed_off.verify(None), Err(Fault::Key));
    let mut proof = document.prove(document.records[0].record_id).unwrap();
    proof.record = document.records[1].clone();
    assert_eq!(proof.verify(None), Err(Fault::Path));
    let unknown = replaced(&json, "{\"head\"", "{\"extra\":1,\"head\"");
    assert!(matches!(verify(&unknown, None), Err(Fault::NotRead(_))));
    assert!(matches!(verify(b"{}", None), Err(Fault::NotRead(_))));
    assert!(matches!(verify(b"", None), Err(Fault::NotRead(_))));
    let other_form = replaced(&json, FORM, "strongroom/another/1");
    assert!(matches!(verify(&other_form, None), Err(Fault::Form(_))));
}

#[test]
fn there_is_no_certificate_before_the_end() {
    let (organization, items) = (organization(), items());
    let disposition = certified(&items);
    let of = |disposition: &Disposition, items: &[DispositionItem]| {
        let software = "strongroom 0.1.0";
        let organization = &organization;
        Head::of(Batch { organization, disposition, items, members: &[], software }).unwrap_err()
    };
    let fewer = of(&disposition, &items[1..]);
    assert_eq!(fewer, CertificateError::Items { expected: 5, given: 4 });
    let mut waiting = items.clone();
    waiting[0] = listed(3, RecordType::Data);
    assert_eq!(of(&disposition, &waiting), CertificateError::NotEnded(waiting[0].record_id));
    let reason = Sealed::from_bytes(vec![]);
    let state = DispositionState::Rejected { by: member(2), at: NOW, reason };
    assert_eq!(of(&Disposition { state, ..disposition }, &items), CertificateError::State("rejected"));
}

#[test]
fn a_batch_of_which_nothing_was_destroyed_says_so() {
    let document = document(&[held(1), held(2)]);
    assert_eq!((document.head.destroyed.records, document.head.destroyed.from), (0, None));
    assert!(document.head.sanitisation.starts_with("No record") && document.head.backups.is_empty());
    assert_eq!(verify(&document.to_json(), None).unwrap().records, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Each record of a batch of any size is proved, and no bit of the file can be another one.
    #[test]
    fn every_record_is_proved_and_every_bit_counts(
        size in 1_u128..20, at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let items: Vec<DispositionItem> = (0..size).map(file).collect();
        let document = document(&items);
        for leaf in &document.records {
            let proof = document.prove(leaf.record_id).unwrap();
            prop_assert_eq!(proof.verify(None), Ok(()));
        }
        let mut json = document.to_json();
        let place = at.index(json.len());
        json[place] ^= 1 << bit;
        // The name of the key in KMS and line ends of the PEM are no part of what is proved.
        let flipped: Option<Document> = serde_json::from_slice(&json).ok();
        let spki = |signed: &Signed| signed.public_key_pem.split_whitespace().collect::<String>();
        let same = flipped.is_some_and(|flipped| {
            let Signed { key_id, public_key_pem, .. } = document.signed.clone();
            let same_key = spki(&flipped.signed) == spki(&document.signed);
            let signed = Signed { key_id, public_key_pem, ..flipped.signed.clone() };
            same_key && Document { signed, ..flipped } == document
        });
        prop_assert_eq!(verify(&json, None).is_ok(), same, "bit {} of byte {}", bit, place);
    }
}
