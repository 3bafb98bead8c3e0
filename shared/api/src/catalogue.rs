//! The catalogue of functions: what each serves and exactly what it may touch, for whoever reads the product
//! without running it. Checked in as `infra/functions.json`; the deployment template is held against it.

use crate::{Access, EventHandler, Function, Keys, Objects, Operation, Table, Trigger};
use serde_json::{Value, json};

/// The whole catalogue, in the order of the functions.
pub fn document(functions: &[Function]) -> Value {
    functions.iter().map(function).collect()
}

fn function(function: &Function) -> Value {
    let operations: Vec<Value> =
        function.endpoints.iter().map(|endpoint| operation(endpoint.operation)).collect();
    json!({
        "name": function.name,
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
