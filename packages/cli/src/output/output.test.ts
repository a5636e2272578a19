import { expect, test } from "vitest";
import type { Io } from "../io.ts";
import { createOutput } from "./output.ts";

/** Renames the window, clears it, turns text around, and colours it by C1. */
const EVIL = "a\u001b]0;owned\u0007\u001b[2J\u202eb\u009b31mc\td";

function output({ json, isTTY }: { readonly json: boolean; readonly isTTY: boolean }) {
  const written: string[] = [];
  const stdout = { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) };
  const io = { stdout, env: {} } as unknown as Io;
  return { out: createOutput(io, { json }), written };
}

test("nothing of a line but colours controls a terminal, whatever a server has answered", () => {
  const { out, written } = output({ json: false, isTTY: true });
  out.lines(`\u001b[31mred\u001b[39m ${EVIL}`);
  expect(written).toEqual(["\u001b[31mred\u001b[39m a]0;owned[2J\u202eb31mc\td\n"]);
  const piped = output({ json: false, isTTY: false });
  piped.out.lines(EVIL);
  expect(piped.written).toEqual([`${EVIL}\n`]);
});

test("JSON is printed without a character that controls a terminal, and says the same", () => {
  const { out, written } = output({ json: true, isTTY: true });
  out.value({ [EVIL]: EVIL }, () => {});
  expect(written[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(written[0] as string)).toEqual({ [EVIL]: EVIL });
});
