import { expect, test } from "vitest";
import { createMasker } from "./index.ts";

const PEM =
  "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n";

test("a secret of several lines is hidden line by line, as logs print it", () => {
  const masker = createMasker([PEM]);
  const log = PEM.split("\n")
    .map((line) => `2026-01-01 ${line}`)
    .join("\n");
  expect(masker.text(log)).not.toMatch(/MIIE|AQEF/);
  expect(masker.text(`x ${PEM.trim()} y`)).toBe("x *** y");
});

test("of a secret that is JSON its texts are hidden too, as a program prints what it has read", () => {
  const secret = JSON.stringify({ user: "ada", key: "k-0123456789abcdef" });
  const masker = createMasker([secret]);
  expect(masker.text(`key=k-0123456789abcdef user=ada`)).toBe("key=*** user=ada");
  expect(masker.text(JSON.stringify({ got: secret }))).toBe('{"got":"***"}');
});

test("base64 is found where an encoder breaks it into lines", () => {
  const secret = Array.from({ length: 30 }, (_, at) => `part ${at};`).join("");
  const masker = createMasker([secret]);
  for (const columns of [76, 64]) {
    const lines = Buffer.from(secret)
      .toString("base64")
      .replace(new RegExp(`.{${columns}}`, "g"), "$&\n");
    expect(masker.text(lines).replace(/[*\n]/g, "").length).toBeLessThan(12);
  }
});

test("values of other programs' JSON are found: Python's, PHP's, Go's and .NET's, and three levels of it", () => {
  const masker = createMasker(["pä/ss<wört>+1"]);
  const forms = [
    "p\\u00e4/ss<w\\u00f6rt>+1",
    "pä\\/ss<wört>+1",
    "p\\u00e4\\/ss<w\\u00f6rt>+1",
    "pä/ss\\u003cwört\\u003e+1",
    "p\\u00E4/ss\\u003Cw\\u00F6rt\\u003E\\u002B1",
    JSON.stringify(JSON.stringify(JSON.stringify("p\\u00e4\\/ss<wört>+1"))),
  ];
  for (const form of forms) expect(masker.text(form)).toMatch(/^[\\"]*\*\*\*[\\"]*$/);
});

test("base64 in PHP's JSON is found, with its \\/", () => {
  const secret = "???>>>???>>>???";
  const php = Buffer.from(secret).toString("base64").replaceAll("/", "\\/");
  expect(php).toContain("\\/");
  expect(createMasker([secret]).text(`{"key":"${php}"}`)).toBe('{"key":"***"}');
});

test("what HTML makes of a secret is found, whoever writes it", () => {
  const masker = createMasker([`a&b<c>"d"'e'`]);
  const forms = [
    "a&amp;b&lt;c&gt;&#34;d&#34;&#39;e&#39;",
    "a&amp;b&lt;c&gt;&quot;d&quot;&#39;e&#39;",
    "a&amp;b&lt;c&gt;&quot;d&quot;&#039;e&#039;",
    "a&amp;b&lt;c&gt;&quot;d&quot;&#x27;e&#x27;",
    "a&amp;b&lt;c&gt;&quot;d&quot;&apos;e&apos;",
    `a&amp;b&lt;c&gt;"d"'e'`,
  ];
  for (const form of forms) {
    expect(masker.text(`<b>${form}</b>`)).toBe("<b>***</b>");
    expect(masker.text(JSON.stringify(form))).toBe('"***"');
  }
});

test("letters are found with their accents apart, and put together", () => {
  for (const form of ["NFC", "NFD"] as const)
    for (const other of ["NFC", "NFD"] as const) {
      const masker = createMasker(["pässwörter".normalize(form)]);
      expect(masker.text(`<${"pässwörter".normalize(other)}>`)).toBe("<***>");
      expect(masker.text(encodeURIComponent("pässwörter".normalize(other)))).toBe("***");
    }
});

test("backslashes that belong to no secret stay, and are held back no longer than needed", () => {
  const masker = createMasker(["hunter22"]);
  const text = String.raw`C:\hunters \u0068ungry \\\"x\\\" \ud83d\udd11 \u00`;
  expect(masker.text(text)).toBe(text);
  const stream = masker.stream();
  expect(stream.write(Buffer.from("-\\")).toString()).toBe("-");
  expect(stream.write(Buffer.from("u006")).toString()).toBe("");
  expect(stream.write(Buffer.from("0-")).toString()).toBe("\\u0060-");
});

test("texts of nothing but escapes cost no more than their length", () => {
  const masker = createMasker(["schlüssel".repeat(4000), "пароль".repeat(4000)]);
  for (const piece of ["\\", "\\u043f\\u0430\\u0440", "\\\\\\\\u00fc", "\\n"]) {
    const text = piece.repeat(Math.ceil(2 ** 18 / piece.length));
    expect(masker.text(text)).toBe(text);
  }
});

test("fields, names and numbers of a value are hidden, all else stays what it is", () => {
  const masker = createMasker(["123456", "hunter22"]);
  expect(
    masker.json({ hunter22: [1, true, null], n: 123456, t: "my hunter22!", deep: [{ n: 7 }] }),
  ).toEqual({ "***": [1, true, null], n: "***", t: "my ***!", deep: [{ n: 7 }] });
  expect(masker.json({ n: 5, t: "\ud800" })).toEqual({ n: 5, t: "\ud800" });
});

test("values of fewer than six characters are words: they are left", () => {
  const masker = createMasker(["12345"]);
  expect(masker.text("12345 12345")).toBe("12345 12345");
  expect(masker.hasMasked()).toBe(false);
});

test("a secret that is cut off when most of it was printed is hidden, and the beginning of one is not", () => {
  const masker = createMasker(["production-key-0123"]);
  const cut = (text: string) => {
    const stream = masker.stream();
    return Buffer.concat([stream.write(Buffer.from(text)), stream.end()]).toString();
  };
  expect(cut("it is production-key-01")).toBe("it is ***");
  expect(cut("in production")).toBe("in production");
});

test("what may be the beginning of a secret is held back no longer than needed", () => {
  const stream = createMasker(["abcdefgh"]).stream();
  expect(stream.write(Buffer.from("xyz abc")).toString()).toBe("xyz ");
  expect(stream.write(Buffer.from("\n")).toString()).toBe("abc\n");
  expect(stream.write(Buffer.from("abcd")).toString()).toBe("");
  expect(stream.write(Buffer.from("efgh")).toString()).toBe("***");
});

test("the longest secrets cost no more than their length", () => {
  const secrets = Array.from({ length: 32 }, (_, at) => String(at % 10).repeat(64 * 1024 - at));
  const masker = createMasker(secrets);
  const text = Buffer.from(`${secrets[3]}\nplain text\n`.repeat(4));
  expect(masker.bytes(text).toString()).toBe("***\nplain text\n".repeat(4));
});
