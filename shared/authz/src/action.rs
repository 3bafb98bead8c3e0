//! What can be asked for: one action for each operation, of the same name.

macro_rules! actions {
    ($($name:ident),+ $(,)?) => {
        /// One action for each operation; Cedar knows it by the same name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($name),+ }

        impl Action {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.name() == name)
            }
        }
    };
}

actions!(
    // Of an identity that may not be a member of anything yet; no policy is asked.
    CreateOrganization,
    ReadContexts,
    BeginSession,
    // Administration.
    EndSession,
    ReadOrganization,
    SetVocabulary,
    SetPolicy,
    InviteMember,
    ListMembers,
    ReadMember,
    SetMemberPermissions,
    SuspendMember,
    RestoreMember,
    ExplainDecision,
    // Clients.
    RegisterClient,
    SearchClients,
    FindDuplicateClients,
    ReadClient,
    ReviseClient,
    RevealField,
    CloseClient,
    ReopenClient,
    MergeClient,
    UnmergeClient,
    OpenChart,
    ListCharts,
    // Records.
    ReadChart,
    DraftNote,
    SaveDraft,
    SignNote,
    AmendNote,
    ListRecords,
    ReadTimeline,
    ReadRecord,
    ListVersions,
    ReadVersion,
    VoidRecord,
    LimitRecord,
    // Physical records.
    AddLocation,
    ListLocations,
    AddFolder,
    CheckOutFolder,
    CheckInFolder,
    SendFolder,
    ReportFolderMissing,
    LinkScan,
    ListCustody,
    FindBarcode,
    // Uploads and intake.
    StartUpload,
    ReadUpload,
    SignParts,
    CompleteUpload,
    AbandonUpload,
    CreateIntakeLink,
    ListIntakeLinks,
    RevokeIntakeLink,
    ListContributions,
    AcceptContribution,
    DeclineContribution,
    // A patient with an intake link; the link is what permits.
    OpenIntakeLink,
    RequestIntakeRenewal,
    StartIntakeUpload,
    ReadIntakeUpload,
    SignIntakeParts,
    CompleteIntakeUpload,
    AbandonIntakeUpload,
    // A function by itself.
    InspectObject,
    WitnessSignIn,
    // Delivery.
    SignDownload,
    SignPreview,
    SignContributionDownload,
    // The ledger.
    ReadRecordEvidence,
    ReadClientEvidence,
    ReadMemberEvidence,
    ReadEvidence,
);

impl Action {
    /// Actions that are permitted by holding an identity, a link or being a function, not by a policy.
    pub const fn is_outside_policies(self) -> bool {
        matches!(
            self,
            Self::CreateOrganization
                | Self::ReadContexts
                | Self::BeginSession
                | Self::OpenIntakeLink
                | Self::RequestIntakeRenewal
                | Self::StartIntakeUpload
                | Self::ReadIntakeUpload
                | Self::SignIntakeParts
                | Self::CompleteIntakeUpload
                | Self::AbandonIntakeUpload
                | Self::InspectObject
                | Self::WitnessSignIn
        )
    }
}
