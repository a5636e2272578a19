import { describe, expect, it } from "vitest";
import { joinLines, reachFlaw } from "./node-join.ts";

describe("the lines that make a machine a node", () => {
  const yard = { name: "lab", token: "t0k", client: "yard" } as const;

  it("go to the address over a link, by either program", () => {
    expect(joinLines({ ...yard, server: "https://yard.example.org/" })).toEqual([
      "yard node run --server wss://yard.example.org --token t0k --name lab",
      "node yard-node.mjs pair --server wss://yard.example.org --token t0k --name lab && node yard-node.mjs run",
    ]);
  });

  it("force a new token upon one that has been a node before", () => {
    const [line] = joinLines({ ...yard, server: "http://127.0.0.1:4400", isPaired: true });
    expect(line).toBe("yard node run --server ws://127.0.0.1:4400 --token t0k --name lab --force");
  });

  it("give any name so that the shell reads it back", () => {
    const named = (name: string) =>
      joinLines({ ...yard, name, client: "base", server: "https://a.example" })[0];
    expect(named("it's")).toMatch(/^hermes-node pair .* --name 'it'\\''s'$/);
    expect(named("-7")).toMatch(/ --name=-7$/);
  });
});

it("tells an address of a machine to itself, and one without TLS, from one that others reach", () => {
  for (const own of ["http://127.0.0.1:4400", "https://localhost", "http://[::1]:4400"])
    expect(reachFlaw(own)).toBe("own_machine");
  expect(reachFlaw("http://yard.example.org")).toBe("no_tls");
  expect(reachFlaw("https://yard.example.org")).toBeUndefined();
});
