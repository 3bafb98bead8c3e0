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
    (Kind::RolesListed, "listed", "list", "the roles and what they allow"),
    (Kind::RoleCreated, "created", "create", "a role"),
    (Kind::RoleChanged, "changed", "change", "what a role allows"),
    (Kind::RolePreviewed, "tried", "try", "out what a change of a role would do"),
    (Kind::RoleReverted, "took", "take", "a change of a role back"),
    (Kind::RoleAssigned, "set", "set", "the role of {member}"),
    (Kind::MemberPermissionsPreviewed, "tried", "try", "out what other permissions would do for {member}"),
    (Kind::MemberPermissionsReverted, "took", "take", "a change of what {member} is allowed to do back"),
    (Kind::PermissionChangesListed, "listed", "list", "the changes of roles and permissions"),
    (Kind::ReachRead, "looked", "look", "up what {member} can see"),
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
    (Kind::RecordMarked, "set", "set", "whether the record is confidential"),
    (Kind::ChartMarked, "set", "set", "whether the whole chart is confidential"),
    (Kind::NoteCosigned, "co-signed", "co-sign", "a note of {member}"),
    (Kind::NoteReturned, "sent", "send", "a note back to {member}"),
    (Kind::CosignaturesListed, "listed", "list", "the notes that wait for their co-signature"),
    (Kind::ConsentRecorded, "recorded", "record", "a permission of the {client}"),
    (Kind::ConsentsListed, "listed", "list", "the permissions of the {client}"),
    (Kind::ConsentWithdrawn, "withdrew", "withdraw", "a permission of the {client}"),
    (Kind::CircleSet, "set", "set", "the circle of care of the {client}"),
    (Kind::CircleRead, "read", "read", "the circle of care of the {client}"),
    (Kind::SharedWithCircle, "shared", "share", "the chart with the circle of care of the {client}"),
    (Kind::ProxyAppointed, "appointed", "appoint", "{member} to stand for the {client}"),
    (Kind::ProxiesListed, "listed", "list", "who stands for the {client}"),
    (Kind::ProxyEnded, "ended", "end", "that {member} stands for the {client}"),
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
    (Kind::LocationRevised, "changed", "change", "a place for folders"),
    (Kind::LocationRetired, "retired", "retire", "a place for folders"),
    (Kind::FolderLabelled, "labelled", "label", "the folder"),
    (Kind::LabelsMade, "made", "make", "labels for folders and places"),
    (Kind::InventoryListed, "listed", "list", "the folders in a place"),
    (Kind::InventoryExported, "exported", "export", "the inventory of a place"),
    (Kind::StocktakeBegun, "began", "begin", "to take stock of the folders in a place"),
    (Kind::StocktakesListed, "listed", "list", "the stock-takings"),
    (Kind::StocktakeScanned, "scanned", "scan", "folders for a stock-taking"),
    (Kind::StocktakeRead, "read", "read", "how far a stock-taking is"),
    (Kind::StocktakeClosed, "closed", "close", "a stock-taking"),
    (Kind::ImportValidated, "checked", "check", "a list of folders before its import"),
    (Kind::FoldersImported, "imported", "import", "folders from a list"),
    (Kind::IncidentReported, "reported", "report", "that the folder was lost or harmed"),
    (Kind::IncidentsListed, "listed", "list", "folders that were lost or harmed"),
    (Kind::IncidentClosed, "assessed", "assess", "the loss of or harm to the folder"),
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
    (Kind::MyChartsListed, "listed", "list", "the charts they own or share"),
    (Kind::GrantsListed, "listed", "list", "with whom the chart is shared"),
    (Kind::ChartShared, "shared", "share", "the chart"),
    (Kind::GrantChanged, "changed", "change", "how the chart is shared"),
    (Kind::GrantRevoked, "ended", "end", "a share of the chart"),
    (Kind::ChartLeft, "left", "leave", "the chart that was shared with them"),
    (Kind::ReadersListed, "listed", "list", "who can open the chart"),
    (Kind::RecordReadersListed, "listed", "list", "who can open the record"),
    (Kind::NoticesListed, "listed", "list", "what they are told"),
    (Kind::NoticeDismissed, "dismissed", "dismiss", "something they were told"),
    (Kind::TeamCreated, "created", "create", "a team"),
    (Kind::TeamsListed, "listed", "list", "the teams of the organization"),
    (Kind::TeamMemberAdded, "added", "add", "{member} to a team"),
    (Kind::TeamMemberRemoved, "removed", "remove", "{member} from a team"),
    (Kind::TeamDissolved, "dissolved", "dissolve", "a team"),
    (Kind::SpaceCreated, "created", "create", "a collaborative space"),
    (Kind::SpacesListed, "listed", "list", "their own collaborative spaces"),
    (Kind::SpaceRead, "read", "read", "who is in the collaborative space"),
    (Kind::SpaceMembersInvited, "invited", "invite", "colleagues to the collaborative space"),
    (Kind::SpaceLeft, "left", "leave", "the collaborative space"),
    (Kind::SpaceNoteAdded, "added", "add", "a note to the collaborative space"),
    (Kind::SpaceItemsListed, "listed", "list", "what is in the collaborative space"),
    (Kind::SpaceItemRead, "read", "read", "an item of the collaborative space"),
    (Kind::SpaceItemStruck, "struck", "strike", "an item of the collaborative space through"),
    (
        Kind::SpaceItemPromoted,
        "copied",
        "copy",
        "an item of a collaborative space into the chart as a record",
    ),
    (Kind::FrozenSpacesListed, "listed", "list", "the collaborative spaces that everybody has left"),
    (Kind::SpaceUploadStarted, "started", "start", "the upload of a file into the collaborative space"),
    (Kind::SpaceUploadRead, "asked", "ask", "how far the upload into the collaborative space is"),
    (
        Kind::SpacePartsSigned,
        "received",
        "receive",
        "links to upload parts of the file into the collaborative space",
    ),
    (Kind::SpaceUploadCompleted, "completed", "complete", "the upload into the collaborative space"),
    (Kind::SpaceUploadAbandoned, "abandoned", "abandon", "the upload into the collaborative space"),
    (
        Kind::SpaceDownloadSigned,
        "received",
        "receive",
        "a link to download a file of the collaborative space",
    ),
    (
        Kind::SpacePreviewSigned,
        "received",
        "receive",
        "a link to the preview of a file of the collaborative space",
    ),
    (
        Kind::SpaceItemEnded,
        "ended",
        "end",
        "an item of the collaborative space, which is kept for its time and no longer",
    ),
    (
        Kind::SpaceFileDestroyed,
        "destroyed",
        "destroy",
        "the file of an item of the collaborative space that has ended",
    ),
    (Kind::TransferOffered, "offered", "offer", "the chart to {member}"),
    (Kind::TransfersListed, "listed", "list", "the transfers in progress"),
    (Kind::TransferAccepted, "accepted", "accept", "the chart that {member} handed over"),
    (Kind::TransferDeclined, "declined", "decline", "the chart that {member} hands over"),
    (Kind::TransferWithdrawn, "withdrew", "withdraw", "the offer of the chart to {member}"),
    (Kind::PassagesRead, "read", "read", "through whose hands the chart has gone"),
    (Kind::CaseloadsListed, "listed", "list", "how many charts each practitioner has"),
    (Kind::CaseloadRead, "read", "read", "which charts {member} has"),
    (Kind::CaseloadTransferred, "offered", "offer", "charts of {member} to a colleague"),
    (Kind::FacilitationCreated, "began", "begin", "a session"),
    (Kind::FacilitationsListed, "listed", "list", "their own sessions"),
    (Kind::CenterFacilitationsListed, "listed", "list", "the sessions held at the center"),
    (Kind::ClientFacilitationsListed, "listed", "list", "the sessions of the {client}"),
    (Kind::FacilitationRead, "read", "read", "the session"),
    (
        Kind::ParticipantEntriesListed,
        "read",
        "read",
        "everything that was recorded of the {client} in the session",
    ),
    (Kind::FacilitationPlanned, "planned", "plan", "the session"),
    (Kind::FacilitationVoided, "struck", "strike", "the session through"),
    (Kind::CenterAssociated, "associated", "associate", "the session with a service center"),
    (Kind::FacilitationReleased, "released", "release", "the session from its service center"),
    (Kind::ParticipantAdded, "added", "add", "the {client} to the session"),
    (Kind::ParticipantMoved, "moved", "move", "the {client} to another session"),
    (Kind::ParticipantRemoved, "struck", "strike", "the part of the {client} in the session through"),
    (Kind::ParticipantAssigned, "assigned", "assign", "the {client} in the session to {member}"),
    (Kind::ItemRequired, "said", "say", "whether a form of the session is required"),
    (Kind::ItemCompleted, "completed", "complete", "a form of the session"),
    (Kind::ItemCounterSigned, "counter-signed", "counter-sign", "a form of the session"),
    (Kind::PreparationRecorded, "recorded", "record", "the preparation of the {client} in the session"),
    (Kind::AdministrationRecorded, "recorded", "record", "the administration in the session"),
    (Kind::IntegrationRecorded, "recorded", "record", "the integration of the session"),
    (Kind::CenterProfileSet, "set", "set", "the license of the service center"),
    (Kind::ApprovalsListed, "listed", "list", "the facilitators approved by the center"),
    (Kind::FacilitatorApproved, "approved", "approve", "a facilitator for the center"),
    (Kind::ApprovalWithdrawn, "withdrew", "withdraw", "the approval of a facilitator"),
    (Kind::InboxHandedOn, "took", "take", "over what waits in the inbox of the chart"),
    (Kind::EscrowRequested, "asked", "ask", "to open the chart of {member} for a legal cause"),
    (Kind::EscrowApproved, "approved", "approve", "that the chart of {member} is opened for a legal cause"),
    (Kind::EscrowRefused, "refused", "refuse", "to have the chart of {member} opened for a legal cause"),
    (Kind::EscrowEnded, "ended", "end", "that the chart of {member} is open for a legal cause"),
    (Kind::EscrowsListed, "listed", "list", "the charts that are or were opened for a legal cause"),
    (Kind::ScheduleRead, "read", "read", "the schedule by which records are kept"),
    (Kind::RulesListed, "listed", "list", "the rules of retention"),
    (Kind::ScheduleSet, "set", "set", "the schedule by which records are kept"),
    (Kind::RulesChanged, "found", "find", "that rules of retention have come into force or ended"),
    (Kind::SchedulePreviewed, "tried", "try", "out what another schedule would do"),
    (Kind::ScheduleVersionsListed, "listed", "list", "the versions of the schedule"),
    (Kind::RetentionExplained, "looked", "look", "up how long the record is kept"),
    (Kind::RecordClassified, "classified", "classify", "the record"),
    (
        Kind::RetentionFactsRecorded,
        "entered",
        "enter",
        "what decides how long the {client}'s records are kept",
    ),
    (Kind::RetentionFactsRead, "read", "read", "what decides how long the {client}'s records are kept"),
    (Kind::OutlookRead, "looked", "look", "ahead at when records come to their end"),
    (Kind::SweepRehearsed, "rehearsed", "rehearse", "the sweep for records whose time ends"),
    (Kind::EligibleListed, "listed", "list", "the records whose time has ended"),
    (Kind::UnknownListed, "listed", "list", "the charts of which too little is known"),
    (Kind::DestroyedListed, "listed", "list", "what was destroyed of the chart"),
    (Kind::HoldPlaced, "placed", "place", "a legal hold"),
    (Kind::HoldsListed, "listed", "list", "the legal holds"),
    (Kind::HoldRead, "read", "read", "a legal hold"),
    (Kind::HoldAcknowledged, "acknowledged", "acknowledge", "a legal hold"),
    (Kind::HoldReaffirmed, "reaffirmed", "reaffirm", "a legal hold"),
    (Kind::HoldReleased, "released", "release", "a legal hold"),
    (Kind::DispositionProposed, "proposed", "propose", "records for destruction"),
    (Kind::DispositionDrafted, "listed", "list", "records in the draft of a disposition"),
    (Kind::DispositionsListed, "listed", "list", "the dispositions of records"),
    (Kind::DispositionRead, "read", "read", "a disposition of records"),
    (Kind::DispositionApproved, "approved", "approve", "a disposition of records"),
    (Kind::DispositionRejected, "rejected", "reject", "a disposition of records"),
    (Kind::DispositionFreed, "put", "put", "records of a rejected disposition back on the worklist"),
    (Kind::DispositionExecuted, "executed", "execute", "a disposition of records"),
    (Kind::DestructionConfirmed, "confirmed", "confirm", "that the paper was destroyed and {member} saw it"),
    (Kind::CertificateRead, "read", "read", "a certificate of destruction"),
    (Kind::CertificateExported, "exported", "export", "a certificate of destruction"),
    (Kind::DestructionProved, "proved", "prove", "that the record was destroyed"),
    (Kind::ChartReviewed, "looked", "look", "at how long the records of the chart are kept"),
    (Kind::RecordBecameEligible, "found", "find", "that the time of the record has ended"),
    (Kind::RecordLeftOut, "left", "leave", "the record out of a disposition"),
    (Kind::DestructionOrdered, "ordered", "order", "the paper to be destroyed"),
    (Kind::RecordDestroyed, "destroyed", "destroy", "the key of the record, which nobody can read any more"),
    (Kind::DestructionVerified, "verified", "verify", "that nothing of the record is left"),
    (Kind::DispositionCertified, "certified", "certify", "a disposition of records"),
    (Kind::ObjectsLocked, "locked", "lock", "or unlocked files because of a legal hold"),
    (Kind::DigestWritten, "told", "tell", "{member} what comes due"),
    (Kind::MessageSent, "sent", "send", "{member} an e-mail"),
    (Kind::MessageGivenUp, "gave", "give", "an e-mail to {member} up"),
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
    let rest = if in_escrow(evidence) { format!("{rest}, in escrow") } else { rest };
    match evidence.outcome {
        Outcome::Succeeded => format!("{actor} {past} {rest}."),
        Outcome::Denied => format!("{actor} was not allowed to {infinitive} {rest}."),
        Outcome::Failed => format!("{actor} tried to {infinitive} {rest} and failed."),
    }
}

/// Whether it was opened by two administrators for a legal cause, and not by whoever has it.
fn in_escrow(evidence: &Evidence) -> bool {
    evidence.policies.iter().any(|policy| policy.starts_with("escrow-opens-"))
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
    fn what_was_opened_in_escrow_says_so() {
        let mut opened = fact(Kind::RecordRead, Outcome::Succeeded);
        opened.policies = vec!["escrow-opens-record".into()];
        assert_eq!(sentence(&opened, WORDS), "Dr Amara read the record, in escrow.");
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
