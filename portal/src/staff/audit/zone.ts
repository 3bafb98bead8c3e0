/** The time zone of the organization: read once, and only where a day must be turned into a moment. */
import { must } from "../../api/client";
import { api, context } from "../session.svelte";

const reading = new Map<string, Promise<string>>();

export function organizationZone(): Promise<string> {
  const { organization_id: organization } = context();
  const known = reading.get(organization);
  if (known) return known;
  const zone = must(api().GET("/organization")).then((read) => read.policy.time_zone ?? "UTC");
  reading.set(organization, zone);
  zone.catch(() => reading.delete(organization));
  return zone;
}

/** The settings have changed it. */
export function zoneIs(zone: string): void {
  reading.set(context().organization_id, Promise.resolve(zone));
}
