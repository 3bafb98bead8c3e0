//! The certificate of a disposition, found and put together: the signed head is kept, the leaves follow from the
//! disposition's records (R155).

use crate::disposing;
use api::{Call, Problem};
use authz::Permit;
use domain::disposition::Disposition;
use evidence::certificate::{Document, Signed};
use store::keys;

pub(crate) struct Certified {
    pub(crate) permit: Permit,
    pub(crate) disposition: Disposition,
    pub(crate) document: Document,
}

impl Certified {
    /// The certificate of the disposition that the path names; there is none before every record is at its end.
    pub(crate) async fn find(call: &Call) -> Result<Self, Problem> {
        let id = call.path("disposition_id")?;
        let certificate_key = keys::certificate(id);
        let loaded = call.load([keys::disposition(id).any(), certificate_key.any()]).await?;
        let (permit, disposition) = disposing::permitted(call, &loaded)?;
        let signed: Option<Signed> = loaded.get(&certificate_key)?;
        let Some(signed) = signed else {
            let detail =
                format!("the disposition is {}; its certificate is still to come", disposition.state.name());
            return Err(Problem::conflict("not_certified", detail));
        };
        let items = call.system.store.all_disposition_items(id).await?;
        let document = Document::new(signed, &items).map_err(Problem::internal)?;
        Ok(Self { permit, disposition, document })
    }
}
