/** Which parts of the room somebody has use for: the API refuses the others (R150). */
import { retention } from "../../texts/retention";
import { isAny } from "../session.svelte";

export type Tab = keyof typeof retention.tabs;

export function tabsOf(): Tab[] {
  if (isAny("records_manager", "administrator"))
    return ["outlook", "eligible", "unknown", "dispositions", "holds", "schedule"];
  return isAny("auditor") ? ["dispositions", "holds", "schedule"] : ["holds", "schedule"];
}
