/** What happened to a folder, in a sentence. */
import { day } from "../../texts/format";
import { folders } from "../../texts/folders";
import { inventory } from "../../texts/inventory";
import { people } from "../people.svelte";
import type { CustodyEntry } from "./folder";

export function custodySentence(entry: CustodyEntry): string {
  const acts = folders.custodyActs;
  switch (entry.act) {
    case "checked_out":
      return acts.checked_out(entry.to_name ?? people.nameOf(entry.to), day(entry.due_on));
    case "scan_linked":
      return acts.scan_linked(entry.verified);
    case "reported_missing":
    case "not_found":
      return acts[entry.act]();
    case "labelled":
      return acts.labelled(entry.barcode);
    case "incident_reported":
      return acts.incident_reported(inventory.harms[entry.harm]);
    default:
      return acts[entry.act](entry.location ?? folders.unknownPlace);
  }
}
