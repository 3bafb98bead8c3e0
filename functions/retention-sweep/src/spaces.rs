//! What is over in a collaborative space ends (X-6): what was said in it is taken away, and the file of a document is
//! destroyed (`documents`). Nobody proposes or approves it: nothing in a space is a record, and each of its members was told
//! for how long a thing stays.
//!
//! ```text
//! the holds, the space                   read first; a hold that covers the space leaves all of it as it is (R156)
//! items, the first begun first           those that are over and that nothing keeps
//! one transaction for some of them       each item is taken away, its fact is written, the space counts them no more;
//!                                        of a document stays where its file is
//! the files                              destroyed, or left to the records that have them too
//! the space                              when it is looked into again
//! ```
//!
//! The transaction fails if a hold was placed meanwhile, if an item was promoted, or if the space has changed. Until the last
//! step the space stays among those in which something is over, so whatever was cut short is found again by the next day's
//! plan; a space that is held is found every day, and costs no more than that it is asked about.

use crate::{
    documents, held,
    worker::{Worker, permit, raced},
};
use api::{Fact, Problem};
use authz::{Action, Permit};
use domain::{
    OrganizationId, SpaceId,
    limits::PAGE_ITEMS,
    space::{Ends, ItemKind, Space, SpaceItem},
    work::Work,
};
use evidence::{Evidence, Kind};
use store::{Change, StandingHolds, keys};

/// Items that end in one transaction, with three writes each.
const TOGETHER: u32 = 30;
/// Transactions of one piece of work, and files that go in it; what is left is another piece of it. After a hold is released
/// all of a large space can be over at once.
const TRANSACTIONS: u32 = 20;
const FILES: u32 = 300;
/// Looks at a space that somebody else is changing, before it is left for another time.
const TRIES: u32 = 5;

pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    space_id: SpaceId,
) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let Some(look) = Look::begin(worker, organization_id, space_id).await? else { return Ok(()) };
        match look.end().await? {
            Ended::All => return Ok(()),
            Ended::Part => {
                return Ok(worker.queue.send(&Work::EndSpaceItems { organization_id, space_id }).await?);
            }
            Ended::Raced => {}
        }
    }
    Err(Problem::unavailable("a space keeps changing while what is over in it ends"))
}

/// What has ended of what is over in a space.
enum Ended {
    /// All of it that could.
    All,
    Part,
    /// Something that was read has changed meanwhile.
    Raced,
}

/// What has become of the files of documents that have ended.
enum Files {
    /// Each was tried; the first failure among them.
    Tried(Option<Problem>),
    /// As many have gone as one piece of work takes.
    Part,
}

/// One look into a space.
struct Look<'a> {
    worker: &'a Worker,
    permit: Permit,
    standing: StandingHolds,
    /// As it stands in the table after each of our writes.
    space: Space,
    ends: Ends,
}

impl<'a> Look<'a> {
    /// `None` if the space is not there, or a hold covers it.
    async fn begin(
        worker: &'a Worker,
        organization_id: OrganizationId,
        space_id: SpaceId,
    ) -> Result<Option<Self>, Problem> {
        let (store, key) = (worker.store(), keys::space(space_id));
        let standing = store.standing_holds(organization_id).await?;
        let space: Option<Space> = store.fetch([key.any()]).await?.get(&key)?;
        let own = space.filter(|space| space.organization_id == organization_id);
        let Some(space) = own.filter(|_| standing.covering_space(space_id).is_empty()) else {
            return Ok(None);
        };
        let permit = permit(organization_id, Action::SweepRetention);
        Ok(Some(Self { worker, permit, standing, space, ends: Ends::default() }))
    }

    async fn end(mut self) -> Result<Ended, Problem> {
        let (mut written, mut after) = (0, None::<String>);
        loop {
            let store = self.worker.store();
            let page = store.space_items_oldest(self.space.id, after.as_deref(), TOGETHER).await?;
            let over = self.over(&page.items).await?;
            if !over.is_empty() {
                if !self.let_go(&over).await? {
                    return Ok(Ended::Raced);
                }
                written += 1;
            }
            after = page.next.filter(|_| !self.ends.is_sure());
            if after.is_none() {
                break;
            }
            if written >= TRANSACTIONS {
                return Ok(Ended::Part);
            }
        }
        let Files::Tried(failure) = self.files().await? else { return Ok(Ended::Part) };
        let looked = self.looked().await?;
        match failure {
            Some(failure) => Err(failure),
            None => Ok(looked),
        }
    }

    /// Those of some items that are over, and that nothing keeps.
    async fn over(&mut self, items: &[SpaceItem]) -> Result<Vec<SpaceItem>, Problem> {
        let now = self.worker.now;
        let mut over = Vec::new();
        for item in items {
            if item.must_be_kept(now).is_ok() || self.is_held(item).await? {
                self.ends = self.ends.with(item, now);
            } else {
                over.push(item.clone());
            }
        }
        Ok(over)
    }

    /// Whether a hold covers a record that a document was promoted to. A note is another one there.
    async fn is_held(&self, item: &SpaceItem) -> Result<bool, Problem> {
        if item.kind() == ItemKind::Note || item.promotions.is_empty() {
            return Ok(false);
        }
        let store = self.worker.store();
        Ok(held::document(store, &self.standing, self.space.id, item.id).await?.is_some())
    }

    /// Takes items away, each with its evidence, and counts them no more. False if something has changed meanwhile.
    async fn let_go(&mut self, over: &[SpaceItem]) -> Result<bool, Problem> {
        let space = self.space.clone().let_go(over.len());
        let change = Change::new().replace_space(&space).unless_holds_changed(&self.standing);
        let change = over.iter().fold(change, |change, item| self.ended(change, item));
        let facts: Vec<Evidence> = over.iter().map(|item| self.fact(item)).collect();
        let done = raced(self.worker.store().commit_all(&self.permit, change, &facts).await)?;
        self.space = Space { revision: space.revision.saturating_add(1), ..space };
        Ok(done.is_some())
    }

    fn ended(&self, change: Change, item: &SpaceItem) -> Change {
        let (space, id) = (self.space.id, item.id);
        let change = change.take("item", &keys::space_item(space, id), item);
        match item.ended(self.worker.now) {
            Some(document) => change.insert("ended", &keys::ended_document(space, id), &document),
            None => change,
        }
    }

    fn fact(&self, item: &SpaceItem) -> Evidence {
        let fact = Fact::new()
            .space(self.space.id)
            .space_item(item.id)
            .detail("kind", item.kind().name())
            .detail("written_by", item.author)
            .detail("written_at", item.created_at)
            .detail("kept_until", item.kept_until());
        let fact = match item.file() {
            Ok(file) => fact.upload(file.upload_id),
            Err(_) => fact,
        };
        self.worker.evidence(&self.permit, Kind::SpaceItemEnded, fact)
    }

    /// Has the files of documents that have ended destroyed, in this look or in one before. One that cannot be keeps none of
    /// the others.
    async fn files(&mut self) -> Result<Files, Problem> {
        let (mut failure, mut after, mut gone) = (None, None::<String>, 0_u32);
        loop {
            let store = self.worker.store();
            let page = store.ended_documents(self.space.id, after.as_deref(), PAGE_ITEMS).await?;
            for document in &page.items {
                match documents::clear(self.worker, &self.permit, document).await {
                    Ok(true) => gone = gone.saturating_add(1),
                    Ok(false) => self.ends = self.ends.waiting(document.ended_at),
                    Err(problem) if crate::worker::is_passing(&problem) => return Err(problem),
                    Err(problem) => {
                        self.ends = self.ends.waiting(document.ended_at);
                        failure.get_or_insert(problem);
                    }
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(Files::Tried(failure));
            }
            // What fails is tried again then; so only what has gone counts, or the next piece would be this one again.
            if gone >= FILES {
                return Ok(Files::Part);
            }
        }
    }

    /// Notes when the space is looked into again. What came into it meanwhile has changed it.
    async fn looked(self) -> Result<Ended, Problem> {
        let before = self.space.ends_at;
        let space = self.space.looked_into(self.ends);
        if space.ends_at == before {
            return Ok(Ended::All);
        }
        let change = Change::new().replace_space(&space);
        let done = raced(self.worker.store().note(&self.permit, change).await)?;
        Ok(done.map_or(Ended::Raced, |()| Ended::All))
    }
}
