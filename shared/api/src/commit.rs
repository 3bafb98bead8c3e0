//! The end of a handler that changed something: change, evidence and remembered answer in one transaction.

use crate::{Call, Fact, Outcome, Problem, Reply, idempotency};
use authz::Permit;
use domain::organization::Organization;
use serde::Serialize;
use store::Change;

impl Call {
    /// Commits a change with its evidence and gives the reply, or changes nothing.
    pub async fn commit<T: Serialize>(
        &self,
        organization: &Organization,
        permit: &Permit,
        change: Change,
        fact: Fact,
        reply: Reply<T>,
    ) -> Outcome<T> {
        let evidence = self.evidence(permit, fact);
        let answer = match self.idempotency_digest() {
            Some(digest) => {
                let directory = self.directory(organization).await?;
                let body = serde_json::to_value(&reply.body).map_err(Problem::internal)?;
                Some(idempotency::remember(self, &directory, &digest, organization.id, &body)?)
            }
            None => None,
        };
        let remembered = answer.as_ref().map(|(key, answer)| (key, answer));
        self.system.store.commit(permit, change, &evidence, remembered).await?;
        Ok(reply)
    }
}
