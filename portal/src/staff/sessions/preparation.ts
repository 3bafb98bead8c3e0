/** What went before a session, as a participant's preparation records it: what was held, and what is attested. */
import { must } from "../../api/client";
import type { components } from "../../api/schema";
import type { Saving } from "../../ui/saving.svelte";
import { api } from "../session.svelte";
import { part, type Participant, type Session } from "./session";

type Preparation = components["schemas"]["RecordPreparationInput"]["preparation"];

/** Records it; nothing where it failed. */
export function prepare(
  saving: Saving,
  session: Pick<Session, "id" | "revision">,
  participant: Pick<Participant, "id">,
  preparation: Preparation,
) {
  const body = { expected_revision: session.revision, preparation };
  const params = part(session.id, participant.id);
  return saving.run(body, (headers) =>
    must(
      api().POST("/facilitated-sessions/{facilitation_id}/participants/{participant_id}/preparations", {
        params,
        body,
        headers,
      }),
    ),
  );
}
