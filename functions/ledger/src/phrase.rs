//! Each kind of evidence as a plain sentence, built from what evidence holds: never from a title, a client's
//! name or text of a record, which it does not hold.

use evidence::{Actor, Evidence, Kind, Outcome};

/// What a sentence may call things by, for one reader.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The name of who acted, if the reader may know it.
    pub actor: Option<&'a str>,
    /// The name of the member it was about.
    pub member: Option<&'a str>,
    /// What the organization calls a client: `patient`.
    pub client: &'a str,
    /// Several of them: `patients`.
    pub clients: &'a str,
}

/// Past, infinitive, and the rest of the sentence, in which `{member}`, `{client}` and `{clients}` stand for
/// the reader's words.
type Phrase = (Kind, &'static str, &'static str, &'static str);

const PHRASES: &[Phrase] = &[
    (Kind::OrganizationCreated, "created", "create", "the organization"),
    (Kind::OrganizationRead, "read", "read", "the settings of the organization"),
    (Kind::VocabularySet, "set", "set", "what {clients} are called here"),
    (Kind::PolicySet, "set", "set", "the policy of the organization"),
    (Kind::MemberInvited, "invited", "invite", "{member} to the organization"),
    (Kind::MembersListed, "listed", "list", "the members of the organization"),
    (Kind::MemberRead, "read", "read", "the roles and permissions of {member}"),
    (Kind::MemberPermissionsSet, "set", "set", "the roles and permissions of {member}"),
    (Kind::MemberSuspended, "suspended", "suspend", "{member}"),
    (Kind::MemberRestored, "restored", "restore", "{member}"),
    (Kind::ContextsRead, "read", "read", "their own memberships"),
    (Kind::SessionBegun, "began", "begin", "a session"),
    (Kind::SessionEnded, "ended", "end", "their session"),
    (Kind::SignInFailed, "signed in", "sign in", "as {member}"),
    (Kind::DecisionExplained, "asked", "ask", "what {member} is allowed to do"),
    (Kind::ClientRegistered, "registered", "register", "the {client}"),
    (Kind::ClientsSearched, "searched", "search", "for {clients}"),
    (Kind::DuplicateClientsFound, "looked", "look", "for {clients} registered twice"),
    (Kind::ClientRead, "read", "read", "the masked details of the {client}"),
    (Kind::ClientRevised, "revised", "revise", "the details of the {client}"),
    (Kind::FieldRevealed, "revealed", "reveal", "confidential details of the {client}"),
    (Kind::ClientClosed, "closed", "close", "the file of the {client}"),
    (Kind::ClientReopened, "reopened", "reopen", "the file of the {client}"),
    (Kind::ClientMerged, "merged", "merge", "the {client} into another one"),
    (Kind::ClientUnmerged, "separated", "separate", "the {client} from the one merged with"),
    (Kind::ChartOpened, "opened", "open", "a chart for the {client}"),
    (Kind::ChartsListed, "listed", "list", "the charts of the {client}"),
    (Kind::ChartRead, "read", "read", "the front of the chart"),
    (Kind::NoteDrafted, "drafted", "draft", "a note"),
    (Kind::DraftSaved, "saved", "save", "the draft of the note"),
    (Kind::NoteSigned, "signed", "sign", "the note"),
    (Kind::NoteAmended, "amended", "amend", "the note"),
    (Kind::RecordsListed, "listed", "list", "the records of the chart"),
    (Kind::TimelineRead, "read", "read", "the timeline of the {client}"),
    (Kind::RecordRead, "read", "read", "the record"),
    (Kind::VersionsListed, "listed", "list", "the versions of the record"),
    (Kind::VersionRead, "read", "read", "a version of the record"),
    (Kind::RecordVoided, "struck", "strike", "the record through as entered in error"),
    (Kind::RecordLimited, "set", "set", "the record's own permissions"),
    (Kind::LocationAdded, "added", "add", "a place for folders"),
    (Kind::LocationsListed, "listed", "list", "the places for folders"),
    (Kind::FolderAdded, "added", "add", "a folder to the chart"),
    (Kind::FolderCheckedOut, "checked", "check", "the folder out to {member}"),
    (Kind::FolderCheckedIn, "checked", "check", "the folder in"),
    (Kind::FolderSent, "sent", "send", "the folder to another place"),
    (Kind::FolderReportedMissing, "reported", "report", "the folder missing"),
    (Kind::ScanLinked, "linked", "link", "the folder to its scan"),
    (Kind::CustodyListed, "read", "read", "the custody log of the folder"),
    (Kind::BarcodeFound, "found", "find", "the folder by its barcode"),
    (Kind::UploadStarted, "started", "start", "the upload of a file"),
    (Kind::UploadRead, "asked", "ask", "how far the upload is"),
    (Kind::PartsSigned, "received", "receive", "links to upload parts of the file"),
    (Kind::UploadCompleted, "completed", "complete", "the upload"),
    (Kind::UploadAbandoned, "abandoned", "abandon", "the upload"),
    (Kind::UploadExpired, "let", "let", "the unfinished upload expire"),
    (Kind::IntakeLinkCreated, "created", "create", "an intake link for the {client}"),
    (Kind::IntakeLinksListed, "listed", "list", "the intake links of the chart"),
    (Kind::IntakeLinkRevoked, "revoked", "revoke", "the intake link"),
    (Kind::IntakeLinkOpened, "opened", "open", "the intake link"),
    (Kind::IntakeRenewalRequested, "asked", "ask", "for a new intake link"),
    (Kind::ContributionsListed, "listed", "list", "what {clients} have sent"),
    (Kind::ContributionAccepted, "accepted", "accept", "what the {client} has sent"),
    (Kind::ContributionDeclined, "declined", "decline", "what the {client} has sent"),
    (Kind::FileInspected, "inspected", "inspect", "the file"),
    (Kind::DownloadSigned, "received", "receive", "a link to download the file"),
    (Kind::PreviewSigned, "received", "receive", "a link to the preview of the file"),
    (
        Kind::ContributionDownloadSigned,
        "received",
        "receive",
        "a link to download what the {client} has sent",
    ),
    (Kind::RecordEvidenceRead, "read", "read", "the audit trail of the record"),
    (Kind::ClientEvidenceRead, "read", "read", "the audit trail of the {client}"),
    (Kind::MemberEvidenceRead, "read", "read", "the audit trail of {member}"),
    (Kind::EvidenceRead, "read", "read", "the audit trail of the organization"),
];

/// The fact as a sentence.
pub fn sentence(evidence: &Evidence, words: Words<'_>) -> String {
    let actor = actor(evidence, words);
    let Some((_, past, infinitive, rest)) = PHRASES.iter().find(|(kind, ..)| *kind == evidence.kind) else {
        return format!("{actor}: {}.", evidence.kind.name());
    };
    let rest = rest
        .replace("{member}", words.member.unwrap_or("a member"))
        .replace("{clients}", words.clients)
        .replace("{client}", words.client);
    match evidence.outcome {
        Outcome::Succeeded => format!("{actor} {past} {rest}."),
        Outcome::Denied => format!("{actor} was not allowed to {infinitive} {rest}."),
        Outcome::Failed => format!("{actor} tried to {infinitive} {rest} and failed."),
    }
}

fn actor<'a>(evidence: &Evidence, words: Words<'a>) -> &'a str {
    match (&evidence.actor, evidence.kind) {
        // Whoever failed to sign in is nobody yet, whichever part of the system wrote it down.
        (_, Kind::SignInFailed) => "Somebody",
        (Actor::Member { .. }, _) => words.actor.unwrap_or("A member"),
        (Actor::IntakeLink { .. }, _) => "Somebody with an intake link",
        (Actor::Function { .. }, _) => "The system",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EvidenceId, LinkId, MemberId, OrganizationId, purpose::Purpose};
    use evidence::{Source, Subjects};
    use jiff::Timestamp;
    use std::collections::{BTreeMap, BTreeSet};
    use uuid::Uuid;

    const WORDS: Words<'static> =
        Words { actor: Some("Dr Amara"), member: Some("Ben"), client: "patient", clients: "patients" };

    fn fact(kind: Kind, outcome: Outcome) -> Evidence {
        Evidence {
            id: EvidenceId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::nil()),
            at: Timestamp::UNIX_EPOCH,
            kind,
            outcome,
            actor: Actor::Member { member_id: MemberId::new(Uuid::nil()), session_id: None },
            subjects: Subjects::default(),
            purpose: Purpose::Treatment,
            source: Source::default(),
            policies: vec![],
            details: BTreeMap::new(),
        }
    }

    #[test]
    fn every_kind_has_one_phrase() {
        let kinds: BTreeSet<Kind> = PHRASES.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds.len(), PHRASES.len());
        let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
        assert!(missing.is_empty(), "no phrase for {missing:?}");
    }

    #[test]
    fn sentences_read_as_people_speak() {
        let read = sentence(&fact(Kind::TimelineRead, Outcome::Succeeded), WORDS);
        assert_eq!(read, "Dr Amara read the timeline of the patient.");
        let denied = sentence(&fact(Kind::FolderCheckedOut, Outcome::Denied), WORDS);
        assert_eq!(denied, "Dr Amara was not allowed to check the folder out to Ben.");
        let failed = sentence(&fact(Kind::SignInFailed, Outcome::Failed), WORDS);
        assert_eq!(failed, "Somebody tried to sign in as Ben and failed.");
    }

    #[test]
    fn who_has_no_name_for_the_reader_is_not_named() {
        let unknown = Words { actor: None, member: None, ..WORDS };
        let invited = sentence(&fact(Kind::MemberInvited, Outcome::Succeeded), unknown);
        assert_eq!(invited, "A member invited a member to the organization.");
        let mut sent = fact(Kind::UploadCompleted, Outcome::Succeeded);
        sent.actor = Actor::IntakeLink { link_id: LinkId::new(Uuid::nil()) };
        assert_eq!(sentence(&sent, WORDS), "Somebody with an intake link completed the upload.");
    }

    #[test]
    fn no_placeholder_is_left_over() {
        for kind in Kind::ALL {
            for outcome in [Outcome::Succeeded, Outcome::Denied, Outcome::Failed] {
                let sentence = sentence(&fact(*kind, outcome), WORDS);
                assert!(!sentence.contains(['{', '}']), "{sentence}");
            }
        }
    }
}
