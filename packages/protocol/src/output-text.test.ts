import { expect, test } from "vitest";
import { outputFields, outputText } from "./output-text.ts";

test("text is itself, with its mark of the byte order and its zeros", () => {
  const text = "\ufeffä\u0000\r\n€ 😀 \ufffd";
  expect(outputText(Buffer.from(text))).toEqual({ text, b64: undefined });
  expect(outputFields(Buffer.alloc(0), Buffer.from("e"))).toEqual({ stdout: "", stderr: "e" });
});

test("what is no text is there exactly as well, however long", () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7) % 256));
  const { text, b64 } = outputText(bytes);
  expect(text).toBe(bytes.toString());
  expect(b64).toBe(bytes.toString("base64"));
  const half = Buffer.from("ä").subarray(0, 1);
  expect(outputFields(half, Buffer.from("x"))).toEqual({
    stdout: "\ufffd",
    stdout_b64: half.toString("base64"),
    stderr: "x",
  });
});
