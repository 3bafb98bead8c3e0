//! The facts that are audited, each named in the past tense after the operation that leaves it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

kinds!(
    // Administration.
    OrganizationCreated,
    OrganizationRead,
    VocabularySet,
    PolicySet,
    MemberInvited,
    MembersListed,
    MemberRead,
    MemberPermissionsSet,
    MemberSuspended,
    MemberRestored,
    ContextsRead,
    /// A member signed in.
    SessionBegun,
    SessionEnded,
    /// Somebody failed to sign in as a member.
    SignInFailed,
    DecisionExplained,
    // Clients.
    ClientRegistered,
    ClientsSearched,
    DuplicateClientsFound,
    ClientRead,
    ClientRevised,
    FieldRevealed,
    ClientClosed,
    ClientReopened,
    ClientMerged,
    ClientUnmerged,
    ChartOpened,
    ChartsListed,
    // Records.
    ChartRead,
    NoteDrafted,
    DraftSaved,
    NoteSigned,
    NoteAmended,
    RecordsListed,
    TimelineRead,
    RecordRead,
    VersionsListed,
    VersionRead,
    RecordVoided,
    RecordLimited,
    // Physical records.
    LocationAdded,
    LocationsListed,
    FolderAdded,
    FolderCheckedOut,
    FolderCheckedIn,
    FolderSent,
    FolderReportedMissing,
    ScanLinked,
    CustodyListed,
    BarcodeFound,
    // Uploads and intake.
    UploadStarted,
    UploadRead,
    PartsSigned,
    UploadCompleted,
    UploadAbandoned,
    UploadExpired,
    IntakeLinkCreated,
    IntakeLinksListed,
    IntakeLinkRevoked,
    IntakeLinkOpened,
    IntakeRenewalRequested,
    ContributionsListed,
    ContributionAccepted,
    ContributionDeclined,
    // Inspection.
    FileInspected,
    // Delivery.
    DownloadSigned,
    PreviewSigned,
    ContributionDownloadSigned,
    // The ledger itself.
    RecordEvidenceRead,
    ClientEvidenceRead,
    MemberEvidenceRead,
    EvidenceRead,
);
