/** The charts one may open: one's own, and those that are shared. */
export const charts = {
  title: "Charts",
  intro: (clients: string) =>
    `The charts of ${clients} that are yours, and those that colleagues share with you.`,
  none: "No chart yet",
  noneText: (client: string) => `Open a ${client} and their chart, or ask a colleague to share one.`,
  toClients: (clients: string) => `To the ${clients}`,
  opened: (when: string) => `opened ${when}`,
  relations: {
    owner: "Yours",
    read_only: "Shared: read only",
    read_and_write: "Shared: reading and writing",
    approval: "Shared: approval",
    former_owner: "Read-only copy",
  },
  of: (owner: string) => `of ${owner}`,
};
