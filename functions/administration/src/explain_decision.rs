//! Explains a decision: may this member do this to that, or could they if they were given something else, and which
//! policies say so (R050, R052).
//!
//! The answer comes from the authorizer that decides every call, never from a second implementation.

use crate::{changes, supposition::Supposition};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Decision, Resource, Subject, reason};
use domain::{
    ChartId, ClientId, FacilitationId, HoldId, MemberId, OrganizationId, ParticipantId, RecordId, SpaceId,
    facilitation::FacilitatedSession, member::Member, purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AnyKey, keys};

pub static OPERATION: Operation =
    Operation::post("explain_decision", "/decisions", Action::ExplainDecision, Kind::DecisionExplained)
        .success(200)
        .purpose(Purpose::Administration)
        .summary("May this member do this, and which policies decide? (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    member_id: MemberId,
    /// An action by its name: `ReadRecord`.
    action: String,
    on: On,
    /// What they could do if they were given this instead.
    #[serde(default)]
    with: Option<Supposition>,
}

/// On what the action would be done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum On {
    Organization,
    Member {
        member_id: MemberId,
    },
    Client {
        client_id: ClientId,
    },
    Chart {
        chart_id: ChartId,
    },
    Record {
        chart_id: ChartId,
        record_id: RecordId,
    },
    Space {
        space_id: SpaceId,
    },
    /// A session of the organization's, or one it is the center of.
    Facilitation {
        facilitation_id: FacilitationId,
    },
    /// A client's part in such a session.
    Participation {
        facilitation_id: FacilitationId,
        participant_id: ParticipantId,
    },
    Hold {
        hold_id: HoldId,
    },
}

impl On {
    const fn subject(&self) -> Subject {
        match self {
            Self::Organization => Subject::Organization,
            Self::Member { .. } => Subject::Member,
            Self::Client { .. } => Subject::Client,
            Self::Chart { .. } => Subject::Chart,
            Self::Record { .. } => Subject::Record,
            Self::Space { .. } => Subject::Space,
            Self::Facilitation { .. } => Subject::Facilitation,
            Self::Participation { .. } => Subject::Participation,
            Self::Hold { .. } => Subject::Hold,
        }
    }

    /// What has to be read of it.
    fn wanted(&self, organization_id: OrganizationId) -> Vec<AnyKey> {
        match self {
            Self::Organization => vec![],
            Self::Member { member_id } => vec![keys::member(organization_id, *member_id).any()],
            Self::Client { client_id } => vec![keys::client(*client_id).any()],
            Self::Chart { chart_id } => vec![keys::chart(*chart_id).any()],
            Self::Record { chart_id, record_id } => {
                vec![keys::chart(*chart_id).any(), keys::record(*chart_id, *record_id).closed()]
            }
            Self::Space { space_id } => vec![keys::space(*space_id).any()],
            Self::Facilitation { facilitation_id } | Self::Participation { facilitation_id, .. } => {
                vec![keys::facilitation(*facilitation_id).any()]
            }
            Self::Hold { hold_id } => vec![keys::hold(organization_id, *hold_id).any()],
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    allowed: bool,
    /// The policies that allowed or forbade; empty when none allows.
    policies: Vec<String>,
    /// The same in plain sentences.
    reason: String,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let action = Action::from_name(&input.action)
        .filter(|action| !action.is_outside_policies())
        .ok_or_else(|| Problem::invalid("no_such_action", "there is no such action"))?;
    let organization_id = call.organization_id()?;
    let member_key = keys::member(organization_id, input.member_id);
    let loaded = call.load(input.on.wanted(organization_id).into_iter().chain([member_key.any()])).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    if !call.system.authorizer.is_asked_on(action, input.on.subject())? {
        return Err(Problem::unprocessable("not_asked_on_this", "this action is not one on such a thing"));
    }
    let member = loaded.require(&member_key)?;
    let supposed = input.with.is_some();
    let member = match input.with {
        Some(with) => with.apply(&loaded.organization, loaded.member.id, member)?,
        None => member,
    };
    let decision = Question { call: &call, loaded: &loaded, member: &member, action }.answer(&input.on)?;
    let fact = if supposed { changes::standing_fact(&member) } else { Fact::new().member(member.id) };
    let fact = fact.detail("action", action.name()).detail("allowed", decision.allowed);
    call.witness(&permit, fact.detail("supposed", supposed)).await?;
    let reason = reason::sentences(&decision.policies);
    Ok(Reply::with(Output { allowed: decision.allowed, policies: decision.policies, reason }))
}

/// Who would do what.
struct Question<'a> {
    call: &'a Call,
    loaded: &'a Loaded,
    member: &'a Member,
    action: Action,
}

impl Question<'_> {
    fn answer(&self, on: &On) -> Result<Decision, Problem> {
        let (loaded, organization_id) = (self.loaded, self.loaded.organization.id);
        match on {
            On::Organization => self.on(Resource::Organization(organization_id)),
            On::Member { member_id } => {
                self.on(Resource::Member(&loaded.require(&keys::member(organization_id, *member_id))?))
            }
            On::Client { client_id } => {
                let client = loaded.require(&keys::client(*client_id))?;
                own(client.organization_id == organization_id)?;
                self.on(Resource::Client(&client))
            }
            On::Chart { chart_id } => {
                let chart = loaded.require(&keys::chart(*chart_id))?;
                own(chart.organization_id == organization_id)?;
                self.on(Resource::Chart(&chart))
            }
            On::Record { chart_id, record_id } => {
                let chart = loaded.require(&keys::chart(*chart_id))?;
                let record = loaded.require(&keys::record(*chart_id, *record_id))?;
                own(record.organization_id == organization_id)?;
                self.on(Resource::Record(&record, &chart))
            }
            On::Space { space_id } => {
                let space = loaded.require(&keys::space(*space_id))?;
                own(space.organization_id == organization_id)?;
                self.on(Resource::Space(&space))
            }
            On::Facilitation { facilitation_id } => {
                self.on(Resource::Facilitation(&self.session(*facilitation_id)?))
            }
            On::Participation { facilitation_id, participant_id } => {
                let session = self.session(*facilitation_id)?;
                let participant = session.participant(*participant_id).map_err(|_| Problem::not_found())?;
                self.on(Resource::Participation(&session, participant))
            }
            On::Hold { hold_id } => {
                self.on(Resource::Hold(&loaded.require(&keys::hold(organization_id, *hold_id))?))
            }
        }
    }

    fn on(&self, resource: Resource<'_>) -> Result<Decision, Problem> {
        self.call.decide(self.loaded, self.member, self.action, resource)
    }

    /// A session of the organization's, or one that it is the center of: of these its administrators know.
    fn session(&self, id: FacilitationId) -> Result<FacilitatedSession, Problem> {
        let (session, here) = (self.loaded.require(&keys::facilitation(id))?, self.loaded.organization.id);
        own(session.organization_id == here || session.center_id() == Some(here))?;
        Ok(session)
    }
}

/// Another organization's things do not exist here.
fn own(is_own: bool) -> Result<(), Problem> {
    if is_own { Ok(()) } else { Err(Problem::not_found()) }
}
