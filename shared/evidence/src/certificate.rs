//! The certificate of destruction (R155, R158): what was destroyed, why, how, by whom, and who looked afterwards.
//!
//! Its fields are those of AHIMA's certificate and of NIST SP 800-88, and what makes it checkable: a signed head with
//! the root of a Merkle tree over the destroyed records. The head names no record, so that one leaf with its path
//! proves that one record was in the batch and says nothing of any other; each leaf is salted, so that nobody finds
//! out another one by trying. No client is named anywhere.
//!
//! The head is kept as the very text that was signed. It is checked with tools that know nothing of this product, or
//! by [`verify`], which needs nothing but the file.

use crate::{
    canonical,
    merkle::{self, Digest},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    DispositionId, MemberId, OrganizationId, RecordId,
    disposition::{
        Approval, Destroyed, Disposition, DispositionItem, DispositionState, Ground, ItemState, Method,
        NoticeGiven, PaperDestroyed,
    },
    member::{Member, Role},
    organization::Organization,
    record::RecordType,
    retention::{RecordClass, RuleId},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The form of the head; another one has another name.
pub const FORM: &str = "strongroom/certificate-of-destruction/1";

/// As AHIMA's form has it.
const STATEMENT: &str = "The records were destroyed in the normal course of business pursuant to a proper retention \
     schedule and destruction policies and procedures.";
const STATEMENT_DIGITISED: &str = "The paper was destroyed in the normal course of business pursuant to a proper \
     retention schedule and destruction policies and procedures. A scan that a person has compared with it is kept in \
     its place, for as long as the schedule asks.";
const NOTHING: &str = "No record of the batch was destroyed.";
const BACKUPS: &str = "Keys stand in a table without point-in-time recovery and without backups, so what was sealed \
     under a destroyed key is unreadable in every backup at once. What the index said of the records (ids, days, and \
     titles sealed under such keys) stays in the point-in-time recovery of the main table for up to 35 days. An answer \
     that was remembered for a repeated call can hold a title, sealed under a key of the organization; it was forgotten \
     a day after the call, and stays in the same recovery for up to 35 days.";

/// How records of a type are sanitised, in the terms of NIST SP 800-88. It says no more than is done: notes are sealed
/// under keys of their own, and the bytes of files under one that all files share.
const fn sanitisation(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Data => {
            "Data records: NIST SP 800-88 Rev. 2, purge by a logical technique, cryptographic erase. What each of them \
             said was only ever stored sealed with AES-256-GCM under a key of its own, and in storage that is itself \
             encrypted. The key was kept in one place, wrapped, and was destroyed there; then what was sealed under it \
             was deleted, earlier versions included. A note of a collaborative space that a record was copied from is \
             the space's, and no part of the record."
        }
        RecordType::Electronic => {
            "Files: NIST SP 800-88 Rev. 2, clear by a logical technique, deletion. Object storage keeps files and their \
             previews encrypted under a key that they share with others, so their bytes were not erased with a key: \
             every version of each object was deleted. An object that another record has as well, promoted from the \
             same document of a collaborative space, was left to that record, as the line of the record says. The \
             record's own key was destroyed before, and with it its title and what else was sealed under it."
        }
        RecordType::Physical => {
            "Paper: physical destruction by people, by the method stated with each record; then the key of its index \
             entry was destroyed."
        }
    }
}

const fn verification(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Data => {
            "Data records: after its key was destroyed, each record, its versions and its key were looked for where \
             they had been kept. Nothing was found."
        }
        RecordType::Electronic => {
            "Files: after their deletion, the versions of each object were listed, and the record and its key looked \
             for where they had been kept. Nothing was found. What was left to another record was not looked for."
        }
        RecordType::Physical => "Paper: its destruction was seen by a second person.",
    }
}

const fn backups(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Data | RecordType::Physical => "",
        RecordType::Electronic => {
            "Files: object storage keeps no backup of a version that was deleted. A copy of the bucket that its operator \
             made elsewhere, by a backup plan or by replication, is not covered by this certificate."
        }
    }
}

/// What a head says of how records were destroyed: of each type that is among them.
struct Account {
    sanitisation: String,
    verification: String,
    backups: String,
}

impl Account {
    fn of(leaves: &[Leaf]) -> Self {
        let types: BTreeSet<RecordType> = leaves.iter().map(|leaf| leaf.record_type).collect();
        if types.is_empty() {
            let sanitisation = NOTHING.to_owned();
            return Self { sanitisation, verification: String::new(), backups: String::new() };
        }
        let said = |first: &'static str, of: fn(RecordType) -> &'static str| {
            let parts = std::iter::once(first).chain(types.iter().map(|one| of(*one)));
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        };
        Self {
            sanitisation: said("", sanitisation),
            verification: said("", verification),
            backups: said(BACKUPS, backups),
        }
    }
}

/// What is signed. Counts, days and people; no record, and no client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CertificateHead")]
pub struct Head {
    pub form: String,
    /// The batch.
    pub disposition_id: DispositionId,
    /// The facility.
    pub organization_id: OrganizationId,
    pub organization: String,
    pub statement: String,
    pub ground: Ground,
    pub destroyed: Totals,
    /// How many records of the batch were not destroyed, by the code of the reason.
    pub left_out: BTreeMap<String, u32>,
    /// The version of the organization's schedule the batch was proposed under; each leaf names the one its record was
    /// destroyed under.
    pub schedule_version: u32,
    pub holds: HoldCheck,
    pub proposed_by: MemberId,
    pub proposed_at: Timestamp,
    /// Two people, neither of whom proposed it.
    pub approvals: Vec<Approval>,
    /// That those were told whom the law wants told before, as who executed it has said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices_given: Vec<NoticeGiven>,
    pub executed_by: MemberId,
    pub certified_at: Timestamp,
    /// Who is named in the certificate, and in which roles they acted.
    pub people: BTreeMap<MemberId, Person>,
    pub sanitisation: String,
    pub verification: String,
    pub backups: String,
    pub software: String,
}

/// What the destroyed records come to together, all of which follows from the leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DestroyedTotals")]
pub struct Totals {
    pub records: u32,
    /// The root of the Merkle tree (RFC 6962) over the leaves in the order of their record ids.
    pub root: Digest,
    /// Inclusive dates of them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    pub classes: BTreeMap<RecordClass, u32>,
    pub methods: BTreeMap<Method, u32>,
    /// The rules that decided, each with its version.
    pub rules: BTreeSet<RuleUsed>,
    pub keys: u32,
    /// Objects that were deleted, previews included: each in all its versions.
    pub objects: u32,
    /// Objects that were left to other records that have them as well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: u32,
    /// Records on paper, each with who destroyed it and who saw it in its leaf.
    pub paper: u32,
    /// The days records became eligible: the proof that none was destroyed before its time, with each leaf's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_eligible_on: Option<Date>,
    /// When the first and the last of them became unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleUsed {
    pub rule_id: RuleId,
    pub version: String,
}

/// Holds were asked anew in the transaction that destroyed each key; a hold placed meanwhile would have failed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldCheck {
    /// `no_hold_on_any_destroyed_record`: nothing else is certified.
    pub result: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// Records that a hold has kept out of the destruction.
    pub kept_by_holds: u32,
}

/// Somebody of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CertificatePerson")]
pub struct Person {
    pub name: String,
    pub roles: BTreeSet<Role>,
}

/// What the certificate says of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CertificateLeaf")]
pub struct Leaf {
    pub record_id: RecordId,
    pub record_type: RecordType,
    pub class: RecordClass,
    /// Inclusive dates: from the day it told of to the day it was filed.
    pub from: Date,
    pub to: Date,
    pub content_sha256: String,
    pub method: Method,
    /// When its key was destroyed, in a transaction that found no hold on it. Its files were deleted between then and
    /// `verified_at`.
    pub unreadable_since: Timestamp,
    pub verified_at: Timestamp,
    pub keys: u32,
    /// Objects that were deleted, previews included: each in all its versions.
    pub objects: u32,
    /// Objects that were left to another record that has them as well: promoted from the same document of a
    /// collaborative space, they can be read there, and end with the last record that has them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: u32,
    /// The first day it could be destroyed, and the rule that said so, as it was found when it was destroyed; of paper,
    /// when its destruction was ordered.
    pub eligible_on: Date,
    pub rule_id: RuleId,
    pub rule_version: String,
    /// The version of the schedule that was in force then; none where a scan was the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_version: Option<u32>,
    /// Of the guard of the organization's holds, as it was checked.
    pub holds_revision: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperDestroyed>,
    pub salt: String,
}

/// The head as it was signed. Unknown fields are passed over: they are not signed, and none of them is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SignedCertificate")]
pub struct Signed {
    pub disposition_id: DispositionId,
    /// What was signed, byte for byte: the head as JSON in canonical form (RFC 8785).
    pub text: String,
    /// Hexadecimal SHA-256 of the text.
    pub sha256: Digest,
    /// ECDSA over P-256 and SHA-256, ASN.1 DER in Base64.
    pub signature: String,
    /// The key that signed, as KMS names it.
    pub key_id: String,
    /// Its public half as PEM, kept with what it has signed.
    pub public_key_pem: String,
    /// Hexadecimal SHA-256 of the public key as DER: what the clinic publishes, and whoever checks compares.
    pub key_sha256: Digest,
}

/// A certificate with everything it covers: for the file, and for whoever may see all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CertificateDocument")]
pub struct Document {
    pub signed: Signed,
    /// What the signed text says.
    pub head: Head,
    pub records: Vec<Leaf>,
}

/// That one record was in a batch, without a word of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DestructionProof")]
pub struct Proof {
    pub signed: Signed,
    /// What the signed text says.
    pub head: Head,
    pub record: Leaf,
    /// Its place in the list, counted from 0.
    pub index: u64,
    /// The hashes beside the way up to the root, from the bottom.
    pub path: Vec<Digest>,
}

/// What a certificate is made of.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    pub organization: &'a Organization,
    /// Certified.
    pub disposition: &'a Disposition,
    /// All of its records.
    pub items: &'a [DispositionItem],
    /// Whoever is named in it; see [`people`].
    pub members: &'a [Member],
    /// Which version of us did it.
    pub software: &'a str,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CertificateError {
    #[error("the disposition is {0}; only a certified one has a certificate")]
    State(&'static str),
    #[error("record {0} has not come to its end")]
    NotEnded(RecordId),
    #[error("the disposition has {expected} records, and {given} were given")]
    Items { expected: u32, given: usize },
    #[error("the public key is no P-256 key in PEM")]
    Key,
}

/// Why a file proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    #[error("it is neither a certificate nor a proof: {0}")]
    NotRead(String),
    #[error("it is of the form `{0}`, which is not known here")]
    Form(String),
    #[error("the head is not what was signed")]
    Head,
    #[error("the digest is not that of the signed text")]
    Digest,
    #[error("the public key is no P-256 key in PEM, or has another fingerprint than is said")]
    Key,
    #[error("it is signed by another key, whose fingerprint is {0}")]
    OtherKey(Digest),
    #[error("the signature is not of this text by this key")]
    Signature,
    #[error("the list of records is not the one that was signed")]
    Records,
    #[error("the record is not in the batch")]
    Path,
}

/// What a file that holds proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub head: Head,
    /// The records it proves: all of a certificate's, one of a proof's.
    pub records: Vec<Leaf>,
    pub key_sha256: Digest,
}

/// Everybody a certificate of these records names.
pub fn people(disposition: &Disposition, items: &[DispositionItem]) -> BTreeSet<MemberId> {
    let acted = disposition.approvals.iter().map(|approval| approval.by).chain([disposition.proposed_by]);
    let executed = match &disposition.state {
        DispositionState::Certified { executed_by: by, .. } | DispositionState::Executing { by, .. } => {
            Some(*by)
        }
        _ => None,
    };
    let papers = items.iter().filter_map(|item| match &item.state {
        ItemState::Destroyed(destroyed) => destroyed.paper.as_ref(),
        _ => None,
    });
    let saw = papers.flat_map(|paper| [paper.destroyed_by, paper.witness]);
    acted.chain(executed).chain(saw).collect()
}

impl Leaf {
    /// The leaf of a record that was destroyed.
    pub fn of(item: &DispositionItem) -> Option<Self> {
        let ItemState::Destroyed(destroyed) = &item.state else { return None };
        let Destroyed {
            unreadable_since,
            holds,
            content_sha256,
            keys,
            objects,
            kept,
            method,
            verified_at,
            paper,
            ..
        } = destroyed.clone();
        let filed_on = item.created_at.to_zoned(TimeZone::UTC).date();
        Some(Self {
            record_id: item.record_id,
            record_type: item.record_type,
            class: item.class,
            from: item.occurred_on.min(filed_on),
            to: item.occurred_on.max(filed_on),
            content_sha256,
            method,
            unreadable_since,
            verified_at,
            keys,
            objects,
            kept,
            eligible_on: item.eligible_on,
            rule_id: item.rule_id.clone(),
            rule_version: item.rule_version.clone(),
            schedule_version: item.schedule_version,
            holds_revision: holds,
            paper,
            salt: item.salt.clone(),
        })
    }

    /// The leaves of a batch, in their order.
    pub fn all(items: &[DispositionItem]) -> Vec<Self> {
        let mut leaves: Vec<Self> = items.iter().filter_map(Self::of).collect();
        leaves.sort_by_key(|leaf| leaf.record_id);
        leaves
    }

    /// Its hash in the tree.
    pub fn hash(&self) -> Digest {
        merkle::leaf(&canonical(self))
    }
}

fn hashes(leaves: &[Leaf]) -> Vec<Digest> {
    leaves.iter().map(Leaf::hash).collect()
}

impl Totals {
    pub fn of(leaves: &[Leaf]) -> Self {
        let (mut classes, mut methods) = (BTreeMap::new(), BTreeMap::new());
        for leaf in leaves {
            let class: &mut u32 = classes.entry(leaf.class).or_default();
            *class = class.saturating_add(1);
            let method: &mut u32 = methods.entry(leaf.method).or_default();
            *method = method.saturating_add(1);
        }
        let rule =
            |leaf: &Leaf| RuleUsed { rule_id: leaf.rule_id.clone(), version: leaf.rule_version.clone() };
        Self {
            records: count(leaves.len()),
            root: merkle::root(&hashes(leaves)),
            from: leaves.iter().map(|leaf| leaf.from).min(),
            to: leaves.iter().map(|leaf| leaf.to).max(),
            classes,
            methods,
            rules: leaves.iter().map(rule).collect(),
            keys: leaves.iter().fold(0, |sum, leaf| sum.saturating_add(leaf.keys)),
            objects: leaves.iter().fold(0, |sum, leaf| sum.saturating_add(leaf.objects)),
            kept: leaves.iter().fold(0, |sum, leaf| sum.saturating_add(leaf.kept)),
            paper: count(leaves.iter().filter(|leaf| leaf.paper.is_some()).count()),
            last_eligible_on: leaves.iter().map(|leaf| leaf.eligible_on).max(),
            first_at: leaves.iter().map(|leaf| leaf.unreadable_since).min(),
            last_at: leaves.iter().map(|leaf| leaf.unreadable_since).max(),
            verified_at: leaves.iter().map(|leaf| leaf.verified_at).max(),
        }
    }
}

const fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Head {
    /// The head of a batch that has come to its end, record by record.
    pub fn of(batch: Batch<'_>) -> Result<Self, CertificateError> {
        let Batch { organization, disposition, items, members, software } = batch;
        let DispositionState::Certified { executed_by, at } = disposition.state else {
            return Err(CertificateError::State(disposition.state.name()));
        };
        if count(items.len()) != disposition.items {
            return Err(CertificateError::Items { expected: disposition.items, given: items.len() });
        }
        if let Some(item) = items.iter().find(|item| !item.state.is_ended()) {
            return Err(CertificateError::NotEnded(item.record_id));
        }
        let leaves = Leaf::all(items);
        let destroyed = Totals::of(&leaves);
        let Account { sanitisation, verification, backups } = Account::of(&leaves);
        let left_out = left_out(items);
        let named = people(disposition, items);
        let people = members.iter().filter(|member| named.contains(&member.id)).map(|member| {
            (
                member.id,
                Person { name: member.name.to_string(), roles: member.roles.iter().copied().collect() },
            )
        });
        Ok(Self {
            form: FORM.to_owned(),
            disposition_id: disposition.id,
            organization_id: organization.id,
            organization: organization.name.to_string(),
            statement: statement(disposition.ground).to_owned(),
            ground: disposition.ground,
            holds: HoldCheck {
                result: "no_hold_on_any_destroyed_record".to_owned(),
                first_at: destroyed.first_at,
                last_at: destroyed.last_at,
                kept_by_holds: left_out.get("held").copied().unwrap_or_default(),
            },
            destroyed,
            left_out,
            schedule_version: disposition.schedule_version,
            proposed_by: disposition.proposed_by,
            proposed_at: disposition.proposed_at,
            approvals: disposition.approvals.clone(),
            notices_given: disposition.notices_given.clone(),
            executed_by,
            certified_at: at,
            people: people.collect(),
            sanitisation,
            verification,
            backups,
            software: software.to_owned(),
        })
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        String::from_utf8(canonical(self)).unwrap_or_default()
    }
}

const fn statement(ground: Ground) -> &'static str {
    match ground {
        Ground::RetentionEnded => STATEMENT,
        Ground::Digitised => STATEMENT_DIGITISED,
    }
}

fn left_out(items: &[DispositionItem]) -> BTreeMap<String, u32> {
    let mut reasons = BTreeMap::new();
    for item in items {
        if let ItemState::LeftOut { reason, .. } = &item.state {
            let reason: &mut u32 = reasons.entry(reason.clone()).or_default();
            *reason = reason.saturating_add(1);
        }
    }
    reasons
}

impl Signed {
    /// The head of a disposition that was signed, with the key it is checked with.
    pub fn new(
        disposition_id: DispositionId,
        text: String,
        signature: String,
        key_id: String,
        public_key_pem: String,
    ) -> Result<Self, CertificateError> {
        let key = Key::read(&public_key_pem).ok_or(CertificateError::Key)?;
        Ok(Self {
            disposition_id,
            sha256: Digest::of(text.as_bytes()),
            text,
            signature,
            key_id,
            public_key_pem,
            key_sha256: key.fingerprint(),
        })
    }

    /// What the signed text says.
    pub fn head(&self) -> Result<Head, serde_json::Error> {
        serde_json::from_str(&self.text)
    }

    /// The head, if it was signed by the key it names.
    fn checked(&self, head: &Head, trusted: Option<Digest>) -> Result<(), Fault> {
        if head.form != FORM {
            return Err(Fault::Form(head.form.clone()));
        }
        if head.text() != self.text || head.disposition_id != self.disposition_id {
            return Err(Fault::Head);
        }
        if Digest::of(self.text.as_bytes()) != self.sha256 {
            return Err(Fault::Digest);
        }
        let key = Key::read(&self.public_key_pem).ok_or(Fault::Key)?;
        if key.fingerprint() != self.key_sha256 {
            return Err(Fault::Key);
        }
        if trusted.is_some_and(|trusted| trusted != self.key_sha256) {
            return Err(Fault::OtherKey(self.key_sha256));
        }
        if key.has_signed(self.text.as_bytes(), &self.signature) { Ok(()) } else { Err(Fault::Signature) }
    }
}

/// A public key of the curve P-256.
struct Key {
    spki: Vec<u8>,
}

/// What stands before the point in a `SubjectPublicKeyInfo` of P-256.
const SPKI_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const POINT_BYTES: usize = 65;

impl Key {
    fn read(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?;
        let body = body.strip_suffix("-----END PUBLIC KEY-----")?;
        let text: String = body.split_whitespace().collect();
        let spki = STANDARD.decode(text).ok()?;
        let point = spki.strip_prefix(SPKI_PREFIX)?;
        (point.len() == POINT_BYTES).then_some(Self { spki })
    }

    fn fingerprint(&self) -> Digest {
        Digest::of(&self.spki)
    }

    fn has_signed(&self, text: &[u8], signature: &str) -> bool {
        let (Some(point), Ok(signature)) = (self.spki.strip_prefix(SPKI_PREFIX), STANDARD.decode(signature))
        else {
            return false;
        };
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(text, &signature).is_ok()
    }
}

impl Document {
    /// A certificate with its leaves.
    pub fn new(signed: Signed, items: &[DispositionItem]) -> Result<Self, serde_json::Error> {
        Ok(Self { head: signed.head()?, signed, records: Leaf::all(items) })
    }

    /// The proof of one of its records.
    pub fn prove(&self, record: RecordId) -> Option<Proof> {
        let index = self.records.iter().position(|leaf| leaf.record_id == record)?;
        Some(Proof {
            signed: self.signed.clone(),
            head: self.head.clone(),
            record: self.records.get(index)?.clone(),
            index: u64::try_from(index).ok()?,
            path: merkle::path(&hashes(&self.records), index)?,
        })
    }

    /// The certificate as the file that is kept: JSON in canonical form.
    pub fn to_json(&self) -> Vec<u8> {
        canonical(self)
    }

    pub fn verify(&self, trusted: Option<Digest>) -> Result<(), Fault> {
        self.signed.checked(&self.head, trusted)?;
        // INVARIANT: everything the head says of the records follows from them.
        if Totals::of(&self.records) == self.head.destroyed { Ok(()) } else { Err(Fault::Records) }
    }
}

impl Proof {
    pub fn verify(&self, trusted: Option<Digest>) -> Result<(), Fault> {
        self.signed.checked(&self.head, trusted)?;
        let (size, root) = (u64::from(self.head.destroyed.records), self.head.destroyed.root);
        let proved = merkle::proves(self.record.hash(), self.index, size, &self.path, root);
        if proved { Ok(()) } else { Err(Fault::Path) }
    }
}

/// Checks a file, certificate or proof, with nothing but what is in it; `trusted` is the fingerprint of the key that
/// must have signed it, if whoever checks knows it from elsewhere.
pub fn verify(file: &[u8], trusted: Option<Digest>) -> Result<Verified, Fault> {
    let not_read = |error: serde_json::Error| Fault::NotRead(error.to_string());
    let whole: serde_json::Value = serde_json::from_slice(file).map_err(not_read)?;
    // Read from the text, not from the value: a field given twice is none at all.
    if whole.get("path").is_some() {
        let proof: Proof = serde_json::from_slice(file).map_err(not_read)?;
        proof.verify(trusted)?;
        return Ok(Verified {
            key_sha256: proof.signed.key_sha256,
            head: proof.head,
            records: vec![proof.record],
        });
    }
    let document: Document = serde_json::from_slice(file).map_err(not_read)?;
    document.verify(trusted)?;
    Ok(Verified { key_sha256: document.signed.key_sha256, head: document.head, records: document.records })
}
