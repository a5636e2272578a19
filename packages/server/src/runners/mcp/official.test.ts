import { fileURLToPath } from "node:url";
import { type CreateMcpHandlerOptions, createMcpHandler } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { serve } from "../http/http.fixture.ts";
import { type Given, setUpMcp } from "./mcp.fixture.ts";
import { officialServer } from "./official.fixture.mjs";

const PROGRAM = fileURLToPath(new URL("official.fixture.mjs", import.meta.url));

async function started(...args: string[]): Promise<Given> {
  return { spec: { command: [process.execPath, PROGRAM, ...args] } };
}

async function atAddress(options: CreateMcpHandlerOptions): Promise<Given> {
  const handler = createMcpHandler(officialServer, options);
  const server = await serve(({ method = "", headers, url }, response) => {
    const body = server.asked.at(-1)?.body ?? "";
    const given = { method, headers: headers as { [name: string]: string } };
    const request = new Request(`${server.origin}${url}`, body === "" ? given : { ...given, body });
    void handler.fetch(request).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  return { server: { url: `${server.origin}/mcp` } };
}

const WAYS: [string, () => Promise<Given>][] = [
  ["that is started", () => started("stdio")],
  ["that is started, and knows no sessions", () => started("stdio", "strict")],
  ["at an address, with JSON", () => atAddress({})],
  ["at an address, with events", () => atAddress({ responseMode: "sse" })],
  ["at an address, that knows no sessions", () => atAddress({ legacy: "reject" })],
];

it.each(WAYS)("calls tools of an official server %s", async (_, way) => {
  const { call } = setUpMcp();
  const given = await way();
  expect(outputOf(await call("add", { ...given, input: { a: 1, b: 2 } }))).toEqual({ sum: 3 });
  const wrong = errorOf(await call("add", { ...given, input: { a: "1" } }));
  expect(wrong.code).toBe("mcp_tool_failed");
  expect(wrong.message).toContain("a: Invalid input: expected number, received string");
  const missing = errorOf(await call("ad", { ...given, input: {} }));
  expect(missing.message).toMatch(/has no tool "ad"\. Did you mean "add"\? It has add, slow\.$/);
});

it("cancels a call of an official server", async () => {
  const { call, abort, logged, textOf } = setUpMcp();
  const running = call("slow", await started("stdio"));
  await logged("slow has begun");
  abort.abort("cancel");
  expect((await running).status).toBe("canceled");
  expect(textOf("stderr")).toContain("slow was canceled");
});
