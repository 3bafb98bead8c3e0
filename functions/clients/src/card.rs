//! Reading what is known of a client, and making the parts of their item from it.

use api::{Call, Problem};
use authz::Permit;
use domain::{
    ClientId,
    client::{Client, Demographics, file_number},
    organization::Organization,
    search::Terms,
    text::Line,
};
use vault::ClientKey;

/// The client's key; no call to KMS when it is warm.
pub(crate) async fn client_key(
    call: &Call,
    organization: &Organization,
    client: &Client,
) -> Result<ClientKey, Problem> {
    Ok(call.system.vault.client_key(organization.id, client.id, &client.key).await?)
}

/// Everything that is known of the person.
pub(crate) fn demographics(
    client: &Client,
    key: &ClientKey,
    permit: &Permit,
) -> Result<Demographics, Problem> {
    Ok(key.open(permit, "client/demographics", &client.id, &client.demographics)?)
}

/// The demographics with a file number: their own, or one made from the client's id.
pub(crate) fn numbered(
    mut demographics: Demographics,
    id: ClientId,
) -> Result<(Demographics, Terms), Problem> {
    let number = match demographics.file_number.take() {
        Some(number) => number,
        None => Line::new(&file_number(id)).map_err(Problem::internal)?,
    };
    let terms = demographics.terms(number.as_str());
    if terms.file_number.is_empty() {
        return Err(Problem::unprocessable("invalid_file_number", "a file number has a letter or a digit"));
    }
    demographics.file_number = Some(number);
    Ok((demographics, terms))
}

/// The number a client is filed under.
pub(crate) fn number(demographics: &Demographics) -> &str {
    demographics.file_number.as_ref().map(Line::as_str).unwrap_or_default()
}

pub(crate) fn taken() -> Problem {
    Problem::conflict("file_number_taken", "another client has this file number")
}
