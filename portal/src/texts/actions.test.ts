import { describe, expect, it } from "vitest";
import openapi from "../../../infra/openapi.json?raw";
import known from "../../../shared/authz/src/action.rs?raw";
import { actions, actionWords, askable } from "./actions";

interface Described {
  paths: Record<string, Record<string, { operationId?: string }>>;
}

/** The names of actions in a part of their list in the code. */
const namesIn = (part: string | undefined, name: RegExp) =>
  [...(part ?? "").matchAll(name)].map(([, found]) => found ?? "");
const decided = (() => {
  const all = namesIn(/^actions!\((.*?)^\);/ms.exec(known)?.[1], /^ {4}([A-Z]\w+),$/gm);
  const outside = namesIn(/fn is_outside_policies(.*)/s.exec(known)?.[1], /Self::(\w+)/g);
  return all.filter((action) => !outside.includes(action));
})();

describe("the words of actions", () => {
  it("say every action the rules decide, and nothing else", () => {
    const named = Object.keys(actions("patient", "patients"));
    expect(decided.length).toBeGreaterThan(150);
    expect(named.toSorted()).toEqual(decided.toSorted());
  });

  it("leave out no operation of the API but those that no rule decides", () => {
    const { paths } = JSON.parse(openapi) as Described;
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const names = operations.flatMap(({ operationId }) => operationId ?? []);
    const asActions = names.map((name) =>
      name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    );
    const named = Object.keys(actions("patient", "patients"));
    expect(asActions.filter((action) => !named.includes(action)).toSorted()).toEqual([
      "AbandonIntakeUpload",
      "BeginSession",
      "CompleteIntakeUpload",
      "CreateOrganization",
      "FollowDownload",
      "OpenIntakeLink",
      "ReadContexts",
      "ReadIntakeUpload",
      "RequestIntakeRenewal",
      "SignIntakeParts",
      "StartIntakeUpload",
    ]);
  });

  it("are each said of one action alone, with the organization’s own word", () => {
    const words = Object.values(actions("student", "students"));
    expect(words.filter((one, index) => words.indexOf(one) !== index)).toEqual([]);
    expect(words.filter((one) => /\b(client|patient)s?\b/i.test(one))).toEqual([]);
  });

  it("ask about each action once", () => {
    const asked = Object.values(askable).flat();
    expect(asked.filter((one, index) => asked.indexOf(one) !== index)).toEqual([]);
  });

  it("take the name of a younger action apart", () => {
    const said = actionWords("patient", "patients");
    expect([said("SignNote"), said("FoldPaper")]).toEqual(["Sign a note", "Fold paper"]);
  });
});
