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
