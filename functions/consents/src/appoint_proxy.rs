//! Appoints who stands for a client: sees, with an account of their own, what is meant for the client and
//! nothing else, and answers for the client only if they are appointed to (R066; 45 CFR 164.502(g)).
//!
//! Accounts of clients are listed to nobody but administrators; whoever appoints names one by its e-mail address, which
//! its holder gives them. For all other addresses there is one answer: those of colleagues, of the suspended and of
//! nobody are the same.

use crate::{known, view::ProxyView};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit};
use domain::{
    ClientId, ConsentId, MemberId,
    chart::Chart,
    client::Client,
    consent::Consent,
    limits::{MEMBERS_LOOKED_AT, PAGE_ITEMS},
    member::{Email, Member, MemberStatus, ProxyScope, Relationship, Representation, Role},
    notice::{Notice, NoticeReason},
    organization::Organization,
    proxy::{Appointment, Proxy, ProxyError, Term, check_others, is_as_for_child},
    sharing::end_of,
};
use evidence::Kind;
use futures_util::TryFutureExt;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AnyKey, Change, Key, keys};

pub static OPERATION: Operation = Operation::post(
    "appoint_proxy",
    "/clients/{client_id}/proxies",
    Action::AppointProxy,
    Kind::ProxyAppointed,
)
.summary("Appoint who sees what is meant for a client (R066, 45 CFR 164.502(g))");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// A member with the role `client`, if their id is known; or else their `email`.
    #[serde(default)]
    pub member_id: Option<MemberId>,
    /// The address with which they sign in.
    #[serde(default)]
    pub email: Option<Email>,
    /// Who they are to the client.
    pub relationship: Relationship,
    /// Whether they only see, or answer for the client, too; who is the client answers.
    #[serde(default)]
    pub scope: ProxyScope,
    /// The permission on which it stands: live, and for access. None is needed for oneself.
    #[serde(default)]
    pub consent_id: Option<ConsentId>,
    /// The last day, if it is to be earlier than the permission's.
    #[serde(default)]
    pub expires_on: Option<Date>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub proxy: ProxyView,
    /// Whether it ends earlier than was asked for: on the day before the client's eighteenth birthday.
    pub ends_with_majority: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (client_id, account): (ClientId, _) = (call.path("client_id")?, Account::of(&call, &input)?);
    let key = keys::client(client_id);
    let consent_key = input.consent_id.map(|id| keys::consent(client_id, id));
    let wanted = [key.any()].into_iter().chain(account.key()).chain(consent_key.iter().map(Key::any));
    let store = &call.system.store;
    let (loaded, charts, others) = tokio::try_join!(
        call.load(wanted),
        store.charts(client_id).err_into::<Problem>(),
        store.proxies(client_id, None, PAGE_ITEMS).err_into::<Problem>(),
    )?;
    let client = loaded.require(&key)?;
    let permit = known::permit(&call, &loaded, &client, &charts)?;
    known::must_not_be_merged(&client)?;
    let consent = consent_key.as_ref().map(|key| loaded.require(key)).transpose()?;
    let term = term(&call, &loaded, &permit, &client, &input, consent.as_ref()).await?;
    let today = call.today(&loaded.organization);
    // Last, so that nobody tries addresses without all that an appointment asks for.
    let member = account.find(&call, &loaded).await?;
    let others = others.items.iter().filter(|other| other.member_id != member.id);
    check_others(others, input.relationship, today)?;

    let proxy = proxy(&call, (&loaded.member, &member), &client, &input, term);
    let view = ProxyView::new(&proxy, today).named(&member);
    let how = Representation {
        relationship: input.relationship,
        consent_id: input.consent_id,
        expires_at: end(term.expires_on, &loaded.organization)?,
        of_child: term.of_child,
        scope: proxy.scope,
    };
    let member = member.represent(client_id, how, call.now)?;
    let change = Change::new()
        .replace("member", &keys::member(member.organization_id, member.id), &member)
        // One that is over may be there still.
        .set("proxy", &keys::proxy(client_id, member.id), &proxy);
    let change = tell(&call, serialized(change, &client, &proxy, consent.as_ref()), &charts)?;
    let fact = fact(&proxy).detail("ends_with_majority", term.ends_with_majority);
    let output = Output { proxy: view, ends_with_majority: term.ends_with_majority };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

/// Which account is appointed.
enum Account {
    Id(Key<Member>),
    Email(Email),
}

impl Account {
    fn of(call: &Call, input: &Input) -> Result<Self, Problem> {
        match (input.member_id, &input.email) {
            (Some(id), None) => Ok(Self::Id(keys::member(call.organization_id()?, id))),
            (None, Some(email)) => Ok(Self::Email(email.clone())),
            _ => Err(Problem::invalid("invalid_input", "name the account: by `member_id`, or by `email`")),
        }
    }

    /// Where it is, if that is known.
    fn key(&self) -> Option<AnyKey> {
        match self {
            Self::Id(key) => Some(key.any()),
            Self::Email(_) => None,
        }
    }

    async fn find(&self, call: &Call, loaded: &Loaded) -> Result<Member, Problem> {
        match self {
            Self::Id(key) => loaded.require(key),
            Self::Email(email) => Ok(by_email(call, email).await?.ok_or(ProxyError::NotClient)?),
        }
    }
}

/// The account of a client's with which somebody signs in, or will.
async fn by_email(call: &Call, email: &Email) -> Result<Option<Member>, Problem> {
    let (organization_id, wanted) = (call.organization_id()?, email.folded());
    let is_meant = |member: &Member| {
        let is_account = member.roles.contains(&Role::Client) && member.status != MemberStatus::Suspended;
        is_account && member.email.folded() == wanted
    };
    let (mut looked_at, mut after) = (0_usize, None::<String>);
    loop {
        let page = call.system.store.members(organization_id, after.as_deref(), PAGE_ITEMS).await?;
        looked_at = looked_at.saturating_add(page.items.len());
        if let Some(member) = page.items.into_iter().find(is_meant) {
            return Ok(Some(member));
        }
        match page.next {
            Some(next) if looked_at < MEMBERS_LOOKED_AT => after = Some(next),
            _ => return Ok(None),
        }
    }
}

/// Until when they stand for the client.
async fn term(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    client: &Client,
    input: &Input,
    consent: Option<&Consent>,
) -> Result<Term, Problem> {
    let client_key = known::client_key(call, client).await?;
    let majority = known::majority(client, &client_key, permit)?;
    let appointment = Appointment { relationship: input.relationship, consent, expires_on: input.expires_on };
    Ok(appointment.term(majority, call.today(&loaded.organization))?)
}

/// When that is, where the organization is.
fn end(expires_on: Option<Date>, organization: &Organization) -> Result<Option<Timestamp>, Problem> {
    let zone = organization.policy.time_zone.zone();
    Ok(expires_on.map(|last_day| end_of(last_day, &zone)).transpose()?)
}

fn proxy(call: &Call, (by, whom): (&Member, &Member), client: &Client, input: &Input, term: Term) -> Proxy {
    Proxy {
        organization_id: client.organization_id,
        client_id: client.id,
        member_id: whom.id,
        relationship: input.relationship,
        consent_id: input.consent_id,
        expires_on: term.expires_on,
        of_child: term.of_child,
        scope: input.relationship.scope(input.scope),
        appointed_by: by.id,
        appointed_at: call.now,
        revision: 1,
    }
}

/// What the appointment stands on is written unchanged, so that of two acts at the same moment one comes
/// after the other and sees it: the permission, which may be withdrawn, and the client, whom one member alone
/// can be, and whose birth date may be corrected.
fn serialized(change: Change, client: &Client, proxy: &Proxy, consent: Option<&Consent>) -> Change {
    let change = match consent {
        Some(consent) => change.replace("consent", &keys::consent(client.id, consent.id), consent),
        None => change,
    };
    let giver = consent.map(|consent| consent.terms.given_by);
    if is_as_for_child(proxy.relationship, giver) || proxy.relationship == Relationship::Oneself {
        change.replace("client", &keys::client(client.id), client)
    } else {
        change
    }
}

/// Each owner of a chart of the client hears that somebody sees what is meant for the client, if it is not they who
/// appointed them; the notice names nobody.
fn tell(call: &Call, change: Change, charts: &[Chart]) -> Result<Change, Problem> {
    let own = call.member_id()?;
    Ok(charts.iter().filter(|chart| chart.owner != own).fold(change, |change, chart| {
        let reason = NoticeReason::ProxyAppointed;
        change.notify(&Notice {
            by: Some(own),
            chart_id: Some(chart.id),
            ..Notice::new(call.new_id(), chart.organization_id, chart.owner, reason, call.now)
        })
    }))
}

/// What evidence says of somebody who stands for a client.
pub(crate) fn fact(proxy: &Proxy) -> Fact {
    let fact = Fact::new().client(proxy.client_id).member(proxy.member_id);
    let scope = proxy.relationship.scope(proxy.scope).name();
    let fact = fact.detail("relationship", proxy.relationship.name()).detail("scope", scope);
    match proxy.consent_id {
        Some(id) => fact.consent(id),
        None => fact,
    }
}
