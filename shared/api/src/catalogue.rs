//! The catalogue of functions: what each serves and exactly what it may touch, for whoever reads the product
//! without running it. Checked in as `infra/functions.json`; the deployment template is held against it.

use crate::{Access, EventHandler, Function, Operation, Trigger};
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
        "events": function.events.iter().map(event).collect::<Vec<_>>(),
        "grants": function.grants.iter().map(|grant| grant.name()).collect::<Vec<_>>(),
        "operations": operations,
    })
}

fn event(event: &EventHandler) -> Value {
    let (id, trigger) = (event.id, trigger(event.trigger));
    match event.trigger {
        Trigger::Schedule(expression) => json!({ "id": id, "trigger": trigger, "expression": expression }),
        Trigger::TableStream(watched) => {
            let watched = watched
                .iter()
                .map(|watched| json!({ "change": watched.change.name(), "entity": watched.entity }));
            json!({ "id": id, "trigger": trigger, "watched": watched.collect::<Vec<_>>() })
        }
        _ => json!({ "id": id, "trigger": trigger }),
    }
}

const fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::ObjectCreated => "object_created",
        Trigger::SignInActivity => "sign_in_activity",
        Trigger::Schedule(_) => "schedule",
        Trigger::Queue => "queue",
        Trigger::TableStream(_) => "table_stream",
    }
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

const fn access(access: Access) -> &'static str {
    match access {
        Access::Member => "member",
        Access::Identity => "identity",
        Access::IntakeLink => "intake_link",
        Access::Pass => "pass",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Endpoint, Grant, Outcome, Paging, Reply, Watched};
    use authz::Action;
    use evidence::Kind;

    static OPERATION: Operation =
        Operation::get("list_members", "/members", Action::ListMembers, Kind::MembersListed);

    async fn handle(_: Call, _: Paging) -> Outcome<()> {
        Ok(Reply::none())
    }

    fn handler(id: &'static str, trigger: Trigger) -> EventHandler {
        EventHandler::new(id, |_, _| async { Ok(Value::Null) }).on(trigger)
    }

    #[test]
    fn a_function_is_described_with_what_it_serves_and_may_touch() {
        const WATCHED: &[Watched] = &[Watched::inserted("message")];
        let function = Function {
            name: "administration",
            endpoints: vec![Endpoint::new(&OPERATION, handle)],
            events: vec![
                handler("witness_sign_in", Trigger::SignInActivity),
                handler("plan_sweep", Trigger::Schedule("cron(15 9 * * ? *)")),
                handler("send_messages", Trigger::TableStream(WATCHED)),
            ],
            grants: &[Grant::ReadItems, Grant::OpenClients],
        };
        let described = &document(&[function])["administration"];
        assert_eq!(described["grants"], json!(["read_items", "open_clients"]));
        let events = json!([
            { "id": "witness_sign_in", "trigger": "sign_in_activity" },
            { "id": "plan_sweep", "trigger": "schedule", "expression": "cron(15 9 * * ? *)" },
            {
                "id": "send_messages",
                "trigger": "table_stream",
                "watched": [{ "change": "INSERT", "entity": "message" }],
            },
        ]);
        assert_eq!(described["events"], events);
        let operation = &described["operations"][0];
        assert_eq!((&operation["id"], &operation["path"]), (&json!("list_members"), &json!("/members")));
        assert_eq!((&operation["access"], &operation["purpose"]), (&json!("member"), &json!("TREAT")));
    }
}
