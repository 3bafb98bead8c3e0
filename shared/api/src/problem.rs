//! Errors as people and programs see them: RFC 9457 problem details with a stable code.
//!
//! The public text never holds personal data or a cause; the cause is logged once, here at the edge.

use authz::Denial;
use domain::{
    client::{ClientError, DemographicsError},
    confidentiality::MarkError,
    consent::ConsentError,
    contribution::ContributionError,
    csv::CsvError,
    disposition::DispositionError,
    escrow::EscrowError,
    facilitation::FacilitationError,
    hold::HoldError,
    id::IdError,
    import::ImportError,
    incident::IncidentError,
    intake::IntakeError,
    member::MemberError,
    note::NoteError,
    organization::PolicyError,
    physical::{BarcodeError, FolderError},
    proxy::ProxyError,
    record::RecordError,
    retention::{FactsError, ProfileError},
    role::RoleError,
    search::WantedError,
    sharing::SharingError,
    space::SpaceError,
    stocktake::StocktakeError,
    team::TeamError,
    transfer::TransferError,
    upload::UploadError,
};
use serde_json::{Map, Value, json};
use store::StoreError;
use vault::VaultError;

/// Why a call did not succeed.
#[derive(Debug)]
pub struct Problem {
    status: u16,
    code: &'static str,
    detail: String,
    /// Boxed, because every handler carries a problem about.
    extra: Box<Map<String, Value>>,
    /// For the log, never for the caller.
    cause: Option<String>,
    denial: Option<Box<Denial>>,
}

impl Problem {
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), extra: Box::default(), cause: None, denial: None }
    }

    /// The request itself is wrong, and the same request will stay wrong.
    pub fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(400, code, detail)
    }

    /// The request is sound, and what it asks for does not go with how things are.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(409, code, detail)
    }

    /// The rules refuse the content of the request.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(422, code, detail)
    }

    /// Missing, or not the caller's to know about: both look the same.
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "there is nothing here for you")
    }

    /// What the caller has read has changed since (R055).
    pub fn stale(current_revision: u64) -> Self {
        Self::conflict("stale_revision", "it has changed since you read it; read it again and decide anew")
            .with("current_revision", json!(current_revision))
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.extra.insert(name.to_owned(), value);
        self
    }

    #[must_use]
    pub fn caused_by(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    pub(crate) fn unauthenticated(detail: &str) -> Self {
        Self::new(401, "unauthenticated", detail)
    }

    /// Something is wrong with us, not with the request.
    pub fn internal(cause: impl ToString) -> Self {
        Self::new(500, "internal", "something went wrong on our side; nothing was changed").caused_by(cause)
    }

    pub fn unavailable(cause: impl ToString) -> Self {
        Self::new(503, "unavailable", "a service we need does not answer; try again in a moment")
            .caused_by(cause)
    }

    pub const fn status(&self) -> u16 {
        self.status
    }

    pub const fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub(crate) const fn denial(&self) -> Option<&Denial> {
        match &self.denial {
            Some(denial) => Some(denial),
            None => None,
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut body = (*self.extra).clone();
        body.insert("type".into(), json!(format!("urn:strongroom:problem:{}", self.code)));
        body.insert("title".into(), json!(self.code.replace('_', " ")));
        body.insert("status".into(), json!(self.status));
        body.insert("code".into(), json!(self.code));
        body.insert("detail".into(), json!(self.detail));
        body.insert("instance".into(), json!(format!("urn:strongroom:request:{request_id}")));
        Value::Object(body)
    }
}

/// What a log of failed events says: code and cause.
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        self.cause.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        let mut problem = if denial.secret {
            Self::not_found()
        } else {
            Self::new(403, "forbidden", "your roles do not allow this")
        };
        problem.denial = Some(Box::new(denial));
        problem
    }
}

/// The code of a commit that lost a race; the call is decided anew before anybody hears of it.
pub(crate) const RACED: &str = "changed_meanwhile";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { label } => {
                Self::conflict(RACED, format!("{label} was changed by someone else at the same moment"))
                    .with("conflict", json!(label))
            }
            StoreError::Throttled => Self::new(503, "busy", "too much at once; try again in a moment"),
            StoreError::Corrupt(_) => Self::internal(error),
            StoreError::Unavailable(_) => Self::unavailable(error),
        }
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Missing => Self::not_found().caused_by("object missing"),
            VaultError::Conflict(_) => {
                Self::conflict("object_conflict", "the stored object is not as expected").caused_by(error)
            }
            VaultError::Throttled => Self::new(503, "busy", "too much at once; try again in a moment"),
            VaultError::KeyDestroyed => Self::new(410, "key_destroyed", error.to_string()),
            VaultError::Corrupt(_) | VaultError::Refused(_) | VaultError::KeyRefused(_) => {
                Self::internal(error)
            }
            VaultError::Unavailable(_) => Self::unavailable(error),
        }
    }
}

/// A permission on which nobody can stand says so itself.
impl From<ProxyError> for Problem {
    fn from(error: ProxyError) -> Self {
        let (status, code) = match error {
            ProxyError::Consent(error) => return error.into(),
            ProxyError::NotClient | ProxyError::Suspended => (422, "invalid_proxy"),
            ProxyError::Appointed => (409, "already_appointed"),
            ProxyError::OneselfTaken => (409, "oneself_taken"),
            ProxyError::TooMany => (409, "too_many_proxies"),
            ProxyError::ConsentRequired => (422, "consent_required"),
            ProxyError::Past => (422, "invalid_expiry"),
            ProxyError::OfAge => (422, "client_of_age"),
            ProxyError::BirthDateUnknown => (422, "birth_date_unknown"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<authz::PolicyError> for Problem {
    fn from(error: authz::PolicyError) -> Self {
        Self::internal(error)
    }
}

/// Domain errors, each under its stable code: what the request asks is against a rule (422), or does not go
/// with the state of things (409).
macro_rules! domain_errors {
    ($($error:ty => { $($variant:pat => $status:literal $code:literal),+ $(,)? })+) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                #[allow(clippy::enum_glob_use, reason = "the arms name the variants of one error")]
                let (status, code) = match &error { $($variant => ($status, $code)),+ };
                Self::new(status, code, error.to_string())
            }
        }
    )+};
}

domain_errors! {
    IdError => { _ => 400 "invalid_id" }
    BarcodeError => { _ => 400 "invalid_barcode" }
    PolicyError => { _ => 422 "invalid_policy" }
    WantedError => { _ => 400 "invalid_search" }
    MemberError => {
        MemberError::NoRole | MemberError::ClientAlone => 422 "invalid_roles",
        MemberError::Oneself => 409 "not_yourself",
        MemberError::Suspended => 409 "already_suspended",
        MemberError::NotSuspended => 409 "not_suspended",
    }
    DemographicsError => {
        DemographicsError::Required { .. } => 422 "required_field_missing",
        _ => 422 "invalid_demographics",
    }
    ClientError => {
        ClientError::Closed => 409 "client_closed",
        ClientError::NotClosed => 409 "client_not_closed",
        ClientError::Merged => 409 "client_merged",
        ClientError::NotMerged => 409 "client_not_merged",
        ClientError::Oneself => 422 "merge_with_oneself",
    }
    NoteError => {
        NoteError::Sections | NoteError::TooLong => 422 "invalid_note",
        NoteError::NotAuthor => 403 "not_the_author",
        NoteError::Signed => 409 "note_signed",
        NoteError::NotSigned => 409 "note_not_signed",
        NoteError::Voided => 409 "record_voided",
        NoteError::NotNote => 409 "not_a_note",
        NoteError::NotAwaited => 409 "no_cosignature_awaited",
        NoteError::OwnNote => 409 "own_note",
    }
    RecordError => {
        RecordError::Voided => 409 "record_voided",
        RecordError::Draft => 409 "note_not_signed",
        RecordError::TooManyLimits => 422 "too_many_permissions",
        RecordError::OwnerLocked => 422 "owner_keeps_access",
        RecordError::NoFile => 409 "no_file",
        RecordError::Unavailable(_) => 409 "file_not_available",
        RecordError::NoPreview => 409 "no_preview",
        RecordError::OccurredOn => 422 "invalid_occurred_on",
        RecordError::ShareIsWhole => 422 "share_is_whole",
        RecordError::NotOwner => 403 "not_the_owner",
        RecordError::Unalterable => 409 "raw_data_unalterable",
        RecordError::Class => 422 "invalid_class",
    }
    FolderError => {
        FolderError::NotFolder => 409 "not_a_folder",
        FolderError::State(_) => 409 "folder_state",
        FolderError::Due => 422 "invalid_due_date",
        FolderError::Nesting { .. } | FolderError::NeedsParent | FolderError::TooDeep => 422 "invalid_location",
        FolderError::ScanKind => 422 "invalid_scan",
        FolderError::Clearance => 422 "invalid_clearance",
        FolderError::CustodianNotActive => 422 "custodian_not_active",
        FolderError::CustodianNotCleared => 422 "custodian_not_cleared",
        FolderError::OwnHands | FolderError::Unguarding => 422 "own_hands",
        FolderError::Guard => 422 "invalid_clearance",
        FolderError::NotEmpty => 409 "location_not_empty",
        FolderError::Retired => 409 "location_retired",
        FolderError::Labelled => 409 "labelled_already",
        FolderError::PlacesLabel => 422 "barcode_reserved",
    }
    StocktakeError => {
        StocktakeError::Closed => 409 "stocktake_closed",
        StocktakeError::TooManyFolders => 422 "too_many_folders",
        StocktakeError::TooManyBatches => 409 "too_many_batches",
        StocktakeError::TooManyMissing => 409 "too_many_missing",
    }
    IncidentError => {
        IncidentError::Closed => 409 "incident_closed",
        IncidentError::Told => 409 "incident_told",
    }
    CsvError => { _ => 422 "invalid_csv" }
    ImportError => { _ => 422 "invalid_list" }
    UploadError => {
        UploadError::Size => 422 "invalid_size",
        UploadError::PartNumber(_) => 422 "invalid_part",
        UploadError::NoParts => 409 "no_parts",
        UploadError::Over(_) => 409 "upload_over",
        UploadError::Expired => 410 "upload_expired",
        UploadError::Incomplete => 409 "upload_incomplete",
        UploadError::Digest | UploadError::MediaType => 400 "invalid_file",
    }
    IntakeError => {
        IntakeError::Lifetime | IntakeError::Limits => 422 "invalid_link",
        IntakeError::Expired => 410 "link_expired",
        IntakeError::Revoked => 410 "link_revoked",
        IntakeError::Live => 409 "link_live",
        IntakeError::Files(_) | IntakeError::Bytes(_) => 409 "link_exhausted",
    }
    SharingError => {
        SharingError::Owner => 409 "owns_chart",
        SharingError::Shared => 409 "already_shared",
        SharingError::NotShared => 404 "not_found",
        SharingError::TooMany => 409 "too_many_grants",
        SharingError::Past | SharingError::Permitted => 422 "invalid_expiry",
        SharingError::Client | SharingError::Suspended => 422 "invalid_grantee",
        SharingError::ThroughTeam => 409 "shared_through_team",
    }
    MarkError => {
        MarkError::Labelled => 422 "label_needs_mark",
        MarkError::Apart => 409 "kept_apart",
        MarkError::Draft => 409 "note_not_signed",
        MarkError::Voided => 409 "record_voided",
    }
    TransferError => {
        TransferError::Oneself | TransferError::Recipient | TransferError::OwnHands => 422 "invalid_recipient",
        TransferError::Incomplete => 422 "invalid_sections",
        TransferError::Pending | TransferError::InTransfer => 409 "in_transfer",
        TransferError::NotPending => 404 "not_found",
        TransferError::TooMany => 409 "too_many_transfers",
        TransferError::Confidential => 409 "confidential_chart",
        TransferError::ChartExists => 409 "chart_exists",
        TransferError::Waiting => 409 "contributions_waiting",
    }
    RoleError => {
        RoleError::TooMany => 409 "too_many_roles",
        RoleError::NameTaken => 409 "role_name_taken",
        RoleError::Unknown => 422 "no_such_role",
        RoleError::Held => 409 "role_held",
        RoleError::Client => 422 "invalid_roles",
    }
    TeamError => {
        TeamError::Oneself => 409 "not_yourself",
        TeamError::Member => 409 "already_in_team",
        TeamError::NotMember => 404 "not_found",
        TeamError::TooMany => 409 "too_many_teams",
        TeamError::Full => 409 "team_full",
        TeamError::NotEmpty => 409 "team_not_empty",
        TeamError::Client => 422 "invalid_grantee",
    }
    SpaceError => {
        SpaceError::NoSuchMember => 422 "no_such_member",
        SpaceError::Client | SpaceError::Suspended => 422 "invalid_grantee",
        SpaceError::MembersAlready => 409 "already_members",
        SpaceError::TooManyMembers => 409 "too_many_members",
        SpaceError::NotMember => 404 "not_found",
        SpaceError::Frozen => 409 "space_frozen",
        SpaceError::TooManyItems => 409 "space_full",
        SpaceError::NotAuthor => 403 "not_the_author",
        SpaceError::Struck => 409 "item_struck",
        SpaceError::Over => 410 "item_over",
        SpaceError::PromotedAlready => 409 "already_promoted",
        SpaceError::TooManyPromotions => 409 "too_many_promotions",
        SpaceError::NoDocument => 409 "no_file",
        SpaceError::NotAvailable(_) => 409 "file_not_available",
    }
    ConsentError => {
        ConsentError::Withdrawn => 409 "consent_withdrawn",
        ConsentError::Over => 409 "consent_over",
        ConsentError::Full => 409 "consent_full",
        ConsentError::NoCircle => 409 "no_circle",
        ConsentError::OtherPurpose => 422 "other_purpose",
        ConsentError::TooManyMembers | ConsentError::Twice => 422 "invalid_circle",
        _ => 422 "invalid_consent",
    }
    FacilitationError => {
        FacilitationError::Voided => 409 "session_voided",
        FacilitationError::Full => 409 "session_full",
        FacilitationError::Facilitators => 422 "invalid_facilitators",
        FacilitationError::AlreadyIn => 409 "participates_already",
        FacilitationError::NotGroup | FacilitationError::Crowded => 409 "individual_session",
        FacilitationError::Gone => 409 "participant_gone",
        FacilitationError::NoSuchParticipant => 404 "not_found",
        FacilitationError::NotFacilitator => 422 "not_a_facilitator",
        FacilitationError::NotAssigned => 403 "not_assigned",
        FacilitationError::Administered => 409 "administered_already",
        FacilitationError::TooLate(_) => 409 "too_late_for_center",
        FacilitationError::HasCenter => 409 "has_center",
        FacilitationError::NoCenter => 409 "no_center",
        FacilitationError::NotApproved => 422 "not_approved",
        FacilitationError::Approved => 409 "approved_already",
        FacilitationError::Withdrawn => 409 "withdrawn_already",
        FacilitationError::OtherCenter => 409 "other_center",
        FacilitationError::NotMovable => 409 "not_movable",
        FacilitationError::NotScheduled => 409 "not_scheduled",
        FacilitationError::NoSuchItem => 409 "no_such_item",
        FacilitationError::Title => 422 "invalid_title",
        FacilitationError::Fixed => 422 "form_is_fixed",
        FacilitationError::OtherForm | FacilitationError::Unanswered | FacilitationError::Fields => 422 "invalid_answers",
        FacilitationError::NotCompleted => 409 "not_completed",
        FacilitationError::CounterSigned => 409 "counter_signed_already",
        FacilitationError::NoCounterSignature => 409 "no_counter_signature",
        FacilitationError::NeedsReason => 409 "needs_reason",
        FacilitationError::Future | FacilitationError::Times => 422 "invalid_times",
        FacilitationError::Reaction => 422 "invalid_reaction",
        FacilitationError::NotAdministered => 409 "not_administered",
        FacilitationError::Offer => 422 "invalid_integration",
        FacilitationError::TooManyPreparations | FacilitationError::TooManyReviews => 409 "too_many_preparations",
        FacilitationError::Forbidden(_) => 422 "against_the_rules",
    }
    ProfileError => {
        ProfileError::UnknownRule(_) | ProfileError::Binding(_) => 422 "invalid_adoption",
        ProfileError::TooManyPolicies
        | ProfileError::PolicyId(_)
        | ProfileError::PolicyPeriod(_)
        | ProfileError::PolicyAge(_) => 422 "invalid_policy_rule",
        _ => 422 "invalid_schedule",
    }
    FactsError => { _ => 422 "invalid_facts" }
    HoldError => {
        HoldError::Empty | HoldError::TooMany | HoldError::Days => 422 "invalid_scope",
        HoldError::NotThere => 422 "scope_not_found",
        HoldError::Custodian => 422 "invalid_custodian",
        HoldError::Reaffirm => 422 "invalid_reaffirmation",
        HoldError::Released => 409 "hold_released",
        HoldError::NotCustodian => 403 "not_a_custodian",
        HoldError::Full => 409 "too_many_holds",
    }
    EscrowError => {
        EscrowError::Days => 422 "invalid_days",
        EscrowError::Facilitator => 409 "own_chart",
        EscrowError::Requester => 403 "requested_by_yourself",
        EscrowError::Decided => 409 "escrow_decided",
        EscrowError::NotOpen => 409 "escrow_not_open",
        EscrowError::TooMany => 409 "too_many_escrows",
    }
    DispositionError => {
        DispositionError::State(_) => 409 "disposition_state",
        DispositionError::ItemState(_) => 409 "record_state",
        DispositionError::Proposer => 403 "proposed_by_yourself",
        DispositionError::ApprovedAlready => 409 "approved_already",
        DispositionError::OwnWitness | DispositionError::Witness => 422 "invalid_witness",
        DispositionError::MethodOfPaper => 422 "invalid_method",
        DispositionError::PaperDay => 422 "invalid_destroyed_on",
        DispositionError::Held => 409 "held",
        DispositionError::NoticeNotGiven(_) => 409 "notice_not_given",
        DispositionError::Notice => 422 "invalid_notices_given",
    }
    ContributionError => {
        ContributionError::Decided(_) => 409 "already_decided",
        ContributionError::NotAvailable(_) => 409 "file_not_available",
    }
}
