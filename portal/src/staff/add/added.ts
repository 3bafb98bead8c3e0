/** What has just been added, for the panel that says so. */
export interface Added {
  said: string;
  record: { id: string; chart_id: string; title: string };
}
