import fc from "fast-check";
import { expect, test } from "vitest";
import { createMasker, MASK } from "./index.ts";

/** Few letters, so that secrets overlap, begin alike and stand within each other. */
const letters = fc.constantFrom("a", "b", "ä", "/", '"', " ");
const word = (minLength: number) =>
  fc.array(letters, { minLength, maxLength: 14 }).map((chars) => chars.join(""));
const secretsOf = fc.array(word(6), { minLength: 1, maxLength: 4 });

/** A text with secrets in it, and where a stream of it is cut. */
const printed = secretsOf.chain((secrets) =>
  fc.record({
    secrets: fc.constant(secrets),
    parts: fc.array(fc.oneof(word(0), fc.constantFrom(...secrets)), { maxLength: 12 }),
    cuts: fc.array(fc.nat(400), { maxLength: 12 }),
  }),
);

function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, at) => bytes.subarray(places[at - 1] ?? 0, end));
}

/** All places that a secret covers become one mask each; those that overlap, one together. */
function expected(text: string, secrets: readonly string[]): string {
  const covered = new Array<boolean>(text.length).fill(false);
  const begins = new Set<number>();
  for (let place = 0; place < text.length; place++)
    for (const secret of secrets)
      if (text.startsWith(secret, place)) {
        if (!covered[place]) begins.add(place);
        covered.fill(true, place, place + secret.length);
      }
  return [...text].map((char, at) => (begins.has(at) ? MASK : covered[at] ? "" : char)).join("");
}

test("of a text no secret is left, wherever a stream of it is cut", () => {
  fc.assert(
    fc.property(printed, ({ secrets, parts, cuts }) => {
      const text = parts.join("");
      const stream = createMasker(secrets).stream();
      const given = inPieces(Buffer.from(text), cuts).map((piece) => stream.write(piece));
      const masked = Buffer.concat([...given, stream.end()]).toString();
      for (const secret of secrets) expect(masked).not.toContain(secret);
      expect(createMasker(secrets).text(text)).toBe(masked);
    }),
    { numRuns: 500 },
  );
});

test("what is no secret stays as it is, and secrets that overlap become one mask", () => {
  const plain = fc.constantFrom("a", "b");
  const plainWord = (minLength: number, maxLength: number) =>
    fc.array(plain, { minLength, maxLength }).map((chars) => chars.join(""));
  const given = fc.record({
    secrets: fc.array(plainWord(6, 9), { minLength: 1, maxLength: 3 }),
    text: plainWord(0, 60),
    cuts: fc.array(fc.nat(60), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(given, ({ secrets, text, cuts }) => {
      const stream = createMasker(secrets).stream();
      const pieces = inPieces(Buffer.from(`${text}.`), cuts).map((piece) => stream.write(piece));
      const masked = Buffer.concat([...pieces, stream.end()]).toString();
      expect(masked).toBe(expected(`${text}.`, secrets));
    }),
    { numRuns: 1000 },
  );
});

test("a secret is found in JSON, URLs, forms and base64, whatever stands around it", () => {
  const value = fc
    .string({ minLength: 6, maxLength: 40, unit: "grapheme" })
    .filter((text) => text.trim() === text && text.isWellFormed());
  fc.assert(
    fc.property(value, fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), (secret, a, b) => {
      const masker = createMasker([secret]);
      const around = (form: string) => masker.text(`<${form}>`);
      expect(around(secret)).toBe(`<${MASK}>`);
      const json = JSON.stringify(secret).slice(1, -1);
      expect(around(json)).toBe(`<${MASK}>`);
      expect(around(encodeURIComponent(secret))).toBe(`<${MASK}>`);
      const form = new URLSearchParams({ x: secret }).toString().slice(2);
      expect(around(form)).toBe(`<${MASK}>`);
      for (const encoding of ["base64", "base64url"] as const) {
        const encoded = Buffer.from(`${a}${secret}${b}`).toString(encoding);
        const left = masker.text(encoded);
        expect(left).toContain(MASK);
        // At its ends a character of base64 holds bits of what stands beside it.
        expect(encoded.length - left.length + MASK.length).toBeGreaterThanOrEqual(
          Math.floor((Buffer.byteLength(secret) * 8) / 6) - 2,
        );
      }
    }),
    { numRuns: 500 },
  );
});

/** How an encoder of JSON writes what it may write in more than one way. */
const style = fc.record({
  ascii: fc.boolean(),
  slash: fc.boolean(),
  /** JavaScript's and Python's, Go's and Ruby's, PHP's when it is asked to, and .NET's. */
  escaped: fc.constantFrom(/(?!)/g, /[<>&\u2028\u2029]/g, /[<>&']/g, /[<>&'+`]/g),
  upper: fc.boolean(),
});

function inJson(text: string, how: typeof style extends fc.Arbitrary<infer T> ? T : never): string {
  const unicode = (char: string) => {
    const hex = char.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${how.upper ? hex.toUpperCase() : hex}`;
  };
  const plain = JSON.stringify(text).slice(1, -1).replace(how.escaped, unicode);
  const ascii = how.ascii ? plain.replace(/[\u007f-\uffff]/g, unicode) : plain;
  return how.slash ? ascii.replaceAll("/", "\\/") : ascii;
}

test("a secret is found in the JSON of any encoder, in JSON inside JSON inside JSON, wherever a stream is cut", () => {
  const char = fc.oneof(
    fc.constantFrom(..."aß/\\\"'<>&+`\n\t\u2028🔑"),
    fc.string({ unit: "grapheme" }),
  );
  const given = fc.record({
    secret: fc
      .array(char, { minLength: 6, maxLength: 20 })
      .map((chars) => chars.join(""))
      // What is shorter without its own escapes is found as it is, and as JavaScript writes it.
      .filter((text) => text.trim() === text && text.replace(/\\+.?/gsu, "").length >= 6)
      .filter((text) => text.isWellFormed()),
    styles: fc.array(style, { minLength: 1, maxLength: 3 }),
    cuts: fc.array(fc.nat(400), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(given, ({ secret, styles, cuts }) => {
      const text = styles.reduce(inJson, secret);
      const stream = createMasker([secret]).stream();
      const pieces = inPieces(Buffer.from(`(${text})`), cuts).map((piece) => stream.write(piece));
      const masked = Buffer.concat([...pieces, stream.end()]).toString();
      // Backslashes at its end may stand for what comes behind it.
      expect(masked).toMatch(/^\(\*\*\*\\*\)$/);
    }),
    { numRuns: 1000 },
  );
});
