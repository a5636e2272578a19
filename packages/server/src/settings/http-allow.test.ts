import { AppError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

const allowed = (text: string) => readSettings([], { YARD_HTTP_ALLOW: text }, "/nowhere").httpAllow;

test("what HTTP actions may reach is a list of hosts, addresses and ranges; nothing by default", () => {
  expect(readSettings([], {}, "/nowhere").httpAllow).toEqual([]);
  expect(
    allowed("gitea.internal, *.corp.test,localhost:3000,10.0.0.0/8,[::1]:80,fd00::/8"),
  ).toEqual([
    "gitea.internal",
    "*.corp.test",
    "localhost:3000",
    "10.0.0.0/8",
    "[::1]:80",
    "fd00::/8",
  ]);
});

test.each([
  "http://host",
  "10.0.0.0/33",
  "host:0",
  "host:99999",
  "a b",
  "::/200",
  "*",
  "[host]:80",
])("%s is refused at the start, with the way to write it", (text) => {
  const read = () => allowed(`localhost,${text}`);
  expect(read).toThrow(AppError);
  expect(read).toThrow(/YARD_HTTP_ALLOW: ".+" is no host, address or range; write for example/);
});
