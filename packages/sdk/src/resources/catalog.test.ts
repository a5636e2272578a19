import { expect, it } from "vitest";
import { createClient } from "../client.ts";

function setup(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const { pathname, search } = new URL(String(input));
    asked.push(pathname + search);
    return Response.json(answers[pathname] ?? []);
  };
  return { asked, client: createClient({ url: "http://yard.test", fetch }) };
}

it("lists and gets actions, workflows and queues, whatever their names hold", async () => {
  const { asked, client } = setup({ "/v1/actions": [{ ref: "a" }, { ref: "b" }] });
  const refs: string[] = [];
  for await (const { ref } of client.actions.list({ pack: "p", limit: 1 })) refs.push(ref);
  expect(refs).toEqual(["a"]);
  for await (const _ of client.workflows.list()) throw new Error("there is none");
  await client.actions.get("p.a");
  await client.workflows.get("p/../w");
  await client.queues.get("deploy");
  await client.queues.explain("de ploy");
  await client.checkup();
  expect(asked).toEqual([
    "/v1/actions?pack=p&limit=1",
    "/v1/workflows?limit=200",
    "/v1/actions/p.a",
    "/v1/workflows/p%2F..%2Fw",
    "/v1/queues/deploy",
    "/v1/queues/de%20ploy/explain",
    "/v1/doctor",
  ]);
});
