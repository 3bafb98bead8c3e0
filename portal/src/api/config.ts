/** What differs between deployments: `/config.json`, written by whoever serves the portal. */
export interface Config {
  /** Where the API answers; empty for this origin. */
  api: string;
  /** The OpenID Connect issuer that signs people in. */
  issuer: string;
  client_id: string;
}

let loading: Promise<Config> | undefined;

/** Reads the configuration once. */
export function config(): Promise<Config> {
  loading ??= fetch("/config.json", { cache: "no-cache" }).then((answer) => {
    if (!answer.ok) throw new Error(`the configuration answers ${answer.status}`);
    return answer.json() as Promise<Config>;
  });
  // A failed try is not remembered.
  loading.catch(() => (loading = undefined));
  return loading;
}
