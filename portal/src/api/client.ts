import createClient, { type Client, type Middleware } from "openapi-fetch";
import { asProblem, problemOf } from "./problem";
import type { paths } from "./schema";

export type Api = Client<paths>;

/** A client of the API whose types are those of `infra/openapi.json`. */
export function apiAt(baseUrl: string, ...middleware: Middleware[]): Api {
  const api = createClient<paths>({ baseUrl, headers: { accept: "application/json" } });
  api.use(...middleware);
  return api;
}

/** A key that makes a repeated call one effect. */
export const idempotencyKey = (): string => crypto.randomUUID();

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was asked for, or an `ApiProblem`. */
export async function must<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (thrown) {
    throw asProblem(thrown);
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
  return answer.data as T;
}
