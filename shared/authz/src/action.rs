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
    CreateTeam,
    ListTeams,
    AddTeamMember,
    RemoveTeamMember,
    DissolveTeam,
    ExplainDecision,
    // Roles, and what they and members' permissions come to.
    ListRoles,
    CreateRole,
    ChangeRole,
    PreviewRole,
    RevertRole,
    AssignRole,
    PreviewMemberPermissions,
    RevertMemberPermissions,
    ListPermissionChanges,
    ReadReach,
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
    MarkRecord,
    MarkChart,
    CosignNote,
    ReturnNote,
    ListCosignatures,
    // Sharing, and what members are told.
    ListMyCharts,
    ListGrants,
    ShareChart,
    ChangeGrant,
    RevokeGrant,
    LeaveChart,
    ShareWithCircle,
    ListReaders,
    ListRecordReaders,
    ListNotices,
    DismissNotice,
    // Transfers.
    OfferTransfer,
    ListTransfers,
    AcceptTransfer,
    DeclineTransfer,
    WithdrawTransfer,
    ReadPassages,
    ListCaseloads,
    ReadCaseload,
    TransferCaseload,
    // Escrow: the organization's way into a chart.
    RequestEscrow,
    ApproveEscrow,
    RefuseEscrow,
    EndEscrow,
    ListEscrows,
    // Permissions of clients: consents, circles of care, who stands for them.
    RecordConsent,
    ListConsents,
    WithdrawConsent,
    SetCircle,
    ReadCircle,
    AppointProxy,
    ListProxies,
    EndProxy,
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
    ReviseLocation,
    RetireLocation,
    LabelFolder,
    MakeLabels,
    ListInventory,
    ExportInventory,
    BeginStocktake,
    ListStocktakes,
    ScanStocktake,
    ReadStocktake,
    CloseStocktake,
    ValidateImport,
    ImportFolders,
    ReportIncident,
    ListIncidents,
    CloseIncident,
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
    // Facilitated sessions, and the center they are held at.
    CreateFacilitation,
    ListFacilitations,
    ListCenterFacilitations,
    ListClientFacilitations,
    ReadFacilitation,
    ListParticipantEntries,
    PlanFacilitation,
    VoidFacilitation,
    AssociateCenter,
    ReleaseFacilitation,
    AddParticipant,
    MoveParticipant,
    RemoveParticipant,
    AssignParticipant,
    RequireItem,
    CompleteItem,
    CounterSignItem,
    RecordPreparation,
    RecordAdministration,
    RecordIntegration,
    SetCenterProfile,
    ListApprovals,
    ApproveFacilitator,
    WithdrawApproval,
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
    SweepRetention,
    DestroyRecords,
    LockObjects,
    SendMessages,
    // Delivery.
    SignDownload,
    SignPreview,
    SignContributionDownload,
    FollowDownload,
    // Collaborative spaces.
    CreateSpace,
    ListSpaces,
    ReadSpace,
    InviteToSpace,
    LeaveSpace,
    AddSpaceNote,
    ListSpaceItems,
    ReadSpaceItem,
    StrikeSpaceItem,
    PromoteSpaceItem,
    ListFrozenSpaces,
    StartSpaceUpload,
    ReadSpaceUpload,
    SignSpaceParts,
    CompleteSpaceUpload,
    AbandonSpaceUpload,
    SignSpaceDownload,
    SignSpacePreview,
    // The end of records: schedule, holds, dispositions.
    ReadSchedule,
    ListRules,
    SetSchedule,
    PreviewSchedule,
    ListScheduleVersions,
    ExplainRetention,
    ClassifyRecord,
    RecordRetentionFacts,
    ReadRetentionFacts,
    ReadOutlook,
    RehearseSweep,
    ListEligible,
    ListUnknown,
    ListDestroyed,
    PlaceHold,
    ListHolds,
    ReadHold,
    AcknowledgeHold,
    ReaffirmHold,
    ReleaseHold,
    ProposeDisposition,
    ListDispositions,
    ReadDisposition,
    ApproveDisposition,
    RejectDisposition,
    ExecuteDisposition,
    ConfirmDestruction,
    ReadCertificate,
    ExportCertificate,
    ProveDestruction,
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
                | Self::FollowDownload
                | Self::InspectObject
                | Self::WitnessSignIn
                | Self::SweepRetention
                | Self::DestroyRecords
                | Self::LockObjects
                | Self::SendMessages
        )
    }
}
