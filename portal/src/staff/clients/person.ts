/** A client as their page has them: what is masked stays so. */
import type { paths } from "../../api/schema";

export type Person = paths["/clients/{client_id}"]["get"]["responses"][200]["content"]["application/json"];
