//! The words of a schedule: each is a code in data and in evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $code)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            pub fn of(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == code)
            }
        }
    };
}

codes!(
    /// What kind of practice a rule binds.
    Practice {
        Hospital = "hospital",
        /// A licensed clinic or community clinic.
        Clinic = "clinic",
        AmbulatorySurgery = "ambulatory_surgery",
        /// A special inpatient or health care facility.
        InpatientFacility = "inpatient_facility",
        Physician = "physician",
        /// General practice, as the United Kingdom knows it.
        GeneralPractice = "general_practice",
        HomeopathicPhysician = "homeopathic_physician",
        Dentist = "dentist",
        Denturist = "denturist",
        Psychologist = "psychologist",
        /// Mental health other than a psychologist's: community services, counselling.
        MentalHealth = "mental_health",
        PhysicalTherapist = "physical_therapist",
        OccupationalTherapist = "occupational_therapist",
        Chiropractor = "chiropractor",
        Podiatrist = "podiatrist",
        Optometrist = "optometrist",
        Optician = "optician",
        Nurse = "nurse",
        Midwife = "midwife",
        /// Any other licensed practitioner.
        OtherPractitioner = "other_practitioner",
        /// A psilocybin service center, or a facilitator.
        PsilocybinCenter = "psilocybin_center",
        Tutoring = "tutoring",
    }
);

impl Practice {
    /// Whether rules about health care bind it; in doubt they do.
    pub const fn is_health(self) -> bool {
        !matches!(self, Self::Tutoring)
    }

    /// Whether it is a person's license rather than an institution's.
    pub const fn is_practitioner(self) -> bool {
        !matches!(
            self,
            Self::Hospital
                | Self::Clinic
                | Self::AmbulatorySurgery
                | Self::InpatientFacility
                | Self::PsilocybinCenter
                | Self::Tutoring
        )
    }
}

codes!(
    /// What a record is, as far as its time depends on it.
    RecordClass {
        /// Anything of a client's record that has no class of its own.
        HealthRecord = "health_record",
        /// What sums up the person and the care: face sheet, summary, basic information.
        CoreRecord = "core_record",
        ProgressNote = "progress_note",
        Imaging = "imaging",
        Mammogram = "mammogram",
        RadiationTreatment = "radiation_treatment",
        LabReport = "lab_report",
        /// Slides and blocks.
        Pathology = "pathology",
        /// Electrocardiograms, electroencephalograms and the like.
        Tracing = "tracing",
        Consent = "consent",
        Correspondence = "correspondence",
        PsychotherapyNote = "psychotherapy_note",
        RawData = "raw_data",
        Immunization = "immunization",
        Maternity = "maternity",
        ForensicExam = "forensic_exam",
        /// An expert's opinion or an independent medical examination.
        Expertise = "expertise",
        Research = "research",
        FacilitatedSession = "facilitated_session",
        Tutoring = "tutoring",
        SecurityVideo = "security_video",
        /// An employee's exposure and medical records as their employer keeps them.
        EmployeeExposure = "employee_exposure",
        /// Policies, authorizations, acknowledgements, complaints, risk analyses.
        PrivacyDocumentation = "privacy_documentation",
        DisclosureAccounting = "disclosure_accounting",
        BreachDocumentation = "breach_documentation",
        AuditEvent = "audit_event",
        /// Certificates of destruction, approvals of dispositions, histories of holds.
        DispositionRecord = "disposition_record",
        SpaceItem = "space_item",
    }
);

impl RecordClass {
    /// Whether it is part of a client's record: what rules without classes are about.
    pub const fn is_clients(self) -> bool {
        !matches!(
            self,
            Self::SecurityVideo
                | Self::EmployeeExposure
                | Self::PrivacyDocumentation
                | Self::DisclosureAccounting
                | Self::BreachDocumentation
                | Self::AuditEvent
                | Self::DispositionRecord
                | Self::SpaceItem
        )
    }
}

codes!(
    /// What a period begins with.
    Trigger {
        LastEncounter = "last_encounter",
        /// The last entry in any record of the client.
        LastEntry = "last_entry",
        LastService = "last_service",
        /// The day the record tells of.
        ServiceDate = "service_date",
        /// When the record was made, its newest version included.
        RecordCreated = "record_created",
        Discharge = "discharge",
        DischargeOrLastService = "discharge_or_last_service",
        DischargeOrDeath = "discharge_or_death",
        ExamDate = "exam_date",
        Death = "death",
        /// The end of the mandate, contract or employment under which there was a client.
        EndOfMandate = "end_of_mandate",
        CaseClosed = "case_closed",
        FormSigned = "form_signed",
        /// When a camera took it.
        Captured = "captured",
        /// When it was last in effect.
        Superseded = "superseded",
        /// Nothing: what it is said of has no fixed period, or no end.
        None = "none",
    }
);

codes!(
    /// Who pays, where a rule asks for that.
    Payer {
        Medicare = "medicare",
        MedicareAdvantage = "medicare_advantage",
        MedicarePartD = "medicare_part_d",
        Medicaid = "medicaid",
        PrivateInsurance = "private_insurance",
        /// A statutory insurance against accidents at work.
        AccidentInsurance = "accident_insurance",
        ClientThemselves = "client",
        Other = "other",
    }
);

codes!(
    /// Whom a rule wants told, and of what, before or when records are destroyed.
    NoticeDuty {
        None = "none",
        /// The client, before.
        Client = "client",
        /// The client, 30 days before.
        Client30Days = "client_30_days",
        /// The client, or a minor's parents too, by mail.
        ClientByMail = "client_by_mail",
        /// The health authority, before.
        HealthAuthority = "health_authority",
        /// The client, whose authorization is needed for an earlier destruction.
        AuthorizationIfEarly = "authorization_if_early",
        /// Clients know the period from a sign and a statement at their first visit.
        StatementAtFirstVisit = "statement_at_first_visit",
        /// Clients know the period from a sign.
        PostedPeriod = "posted_period",
        /// The public, when a practice closes.
        PublicOnClosure = "public_on_closure",
        /// A log says when and how each was destroyed.
        DestructionLog = "destruction_log",
        /// Once its time has ended, it is destroyed when the client asks for it.
        DestroyOnRequest = "destroy_on_request",
    }
);

impl NoticeDuty {
    /// How many days before a destruction somebody is to be told. `None`: nobody is told because something is to be
    /// destroyed; what is posted once for all, asked of an earlier destruction or done after one keeps none waiting.
    pub const fn days_before(self) -> Option<i32> {
        match self {
            Self::Client30Days => Some(30),
            Self::Client | Self::ClientByMail | Self::HealthAuthority => Some(0),
            Self::None
            | Self::AuthorizationIfEarly
            | Self::StatementAtFirstVisit
            | Self::PostedPeriod
            | Self::PublicOnClosure
            | Self::DestructionLog
            | Self::DestroyOnRequest => None,
        }
    }

    /// The one of some duties that keeps a destruction waiting the longest.
    pub fn strictest(duties: impl IntoIterator<Item = Self>) -> Option<Self> {
        let before = duties.into_iter().filter(|duty| duty.days_before().is_some());
        before.max_by_key(|duty| (duty.days_before(), *duty))
    }
}

codes!(
    /// How far a rule can be trusted, and whether it binds by itself.
    RuleStatus {
        /// Read in the law, or in a page that quotes it: it binds where it applies.
        Verified = "verified",
        /// Not read at its source: it binds once somebody of the organization has checked it.
        Recalled = "recalled",
        /// Not law: it binds where an organization makes it its own.
        Suggestion = "suggestion",
        /// The organization's own policy.
        Policy = "policy",
    }
);

codes!(
    /// What has to be known before it can be said how long a record is kept.
    MissingFact {
        /// No rule says how long: the schedule is not set, or has a gap.
        Schedule = "schedule",
        /// What the record is: the file plan has no class for its section.
        Class = "class",
        LastEncounter = "last_encounter",
        LastEntry = "last_entry",
        Discharge = "discharge",
        MandateEnd = "mandate_end",
        CaseClosure = "case_closure",
        Signature = "signature",
        Supersession = "supersession",
        /// How long a minor's record is kept: the rule leaves it open, and no policy with an age covers the record.
        MinorRule = "minor_rule",
    }
);
