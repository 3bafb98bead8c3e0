//! The catalogue of functions: what each serves and exactly what it may touch, for whoever reads the product
//! without running it. Checked in as `infra/functions.json`; the deployment template is held against it.

use crate::{Access, EventHandler, Function, Keys, Objects, Operation, Table, Trigger};
use serde_json::{Value, json};

/// The whole catalogue, by the names of the functions.
pub fn document(functions: &[Function]) -> Value {
    let entries = functions.iter().map(|one| (one.name.to_owned(), function(one)));
    Value::Object(entries.collect())
}

fn function(function: &Function) -> Value {
    let operations: Vec<Value> =
        function.endpoints.iter().map(|endpoint| operation(endpoint.operation)).collect();
    json!({
        "event": function.event.as_ref().map(event),
        "grants": {
            "table": table(function.grants.table),
            "objects": objects(function.grants.objects),
            "keys": keys(function.grants.keys),
        },
        "operations": operations,
    })
}

fn event(event: &EventHandler) -> Value {
    let trigger = match event.trigger {
        Trigger::ObjectCreated => "object_created",
        Trigger::SignInActivity => "sign_in_activity",
    };
    json!({ "id": event.id, "trigger": trigger })
}

fn operation(operation: &Operation) -> Value {
    json!({
        "id": operation.id,
        "method": operation.method.name(),
        "path": operation.path,
        "access": access(operation.access),
        "action": operation.action.name(),
        "evidence": operation.evidence.name(),
        "success": operation.success,
        "purpose": operation.purpose,
    })
}

const fn table(table: Table) -> &'static str {
    match table {
        Table::ReadAndWitness => "read_and_witness",
        Table::ReadWrite => "read_write",
        Table::ReadWriteAndTrail => "read_write_and_trail",
    }
}

const fn objects(objects: Objects) -> &'static str {
    match objects {
        Objects::None => "none",
        Objects::Upload => "upload",
        Objects::Inspect => "inspect",
        Objects::Download => "download",
    }
}

const fn keys(keys: Keys) -> &'static str {
    match keys {
        Keys::None => "none",
        Keys::Decrypt => "decrypt",
        Keys::DecryptAndGenerate => "decrypt_and_generate",
    }
}

const fn access(access: Access) -> &'static str {
    match access {
        Access::Member => "member",
        Access::Identity => "identity",
        Access::IntakeLink => "intake_link",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Endpoint, Grants, Outcome, Paging, Reply};
    use authz::Action;
    use evidence::Kind;

    static OPERATION: Operation =
        Operation::get("list_members", "/members", Action::ListMembers, Kind::MembersListed);

    async fn handle(_: Call, _: Paging) -> Outcome<()> {
        Ok(Reply::none())
    }

    #[test]
    fn a_function_is_described_with_what_it_serves_and_may_touch() {
        let grants = Grants { table: Table::ReadWrite, objects: Objects::None, keys: Keys::Decrypt };
        let function = Function {
            name: "administration",
            endpoints: vec![Endpoint::new(&OPERATION, handle)],
            event: Some(
                EventHandler::new("witness_sign_in", |_, _| async { Ok(()) }).on(Trigger::SignInActivity),
            ),
            grants,
        };
        let described = &document(&[function])["administration"];
        assert_eq!(
            described["grants"],
            json!({ "table": "read_write", "objects": "none", "keys": "decrypt" })
        );
        assert_eq!(described["event"], json!({ "id": "witness_sign_in", "trigger": "sign_in_activity" }));
        let operation = &described["operations"][0];
        assert_eq!((&operation["id"], &operation["path"]), (&json!("list_members"), &json!("/members")));
        assert_eq!((&operation["access"], &operation["purpose"]), (&json!("member"), &json!("TREAT")));
    }
}
