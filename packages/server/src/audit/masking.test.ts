import { describe, expect, it, test } from "vitest";
import { boundedDetails, cutText, storable } from "./bounds.ts";
import { createMasks } from "./masking.ts";

const masks = createMasks(["known-secret-value"]);
const TOKEN = "q0JxW2v7Zk9PzR4tYbN1mA8sLdF3gH6jK5cXvBqWeRt";

test.each([
  ["a known one", "echo known-secret-value", "known-secret-value"],
  ["a token of ours", "yard --token yard_0123456789abcdefghijklmnop", "0123456789"],
  ["a token of a node", `yard-node pair --with ${TOKEN}`, TOKEN],
  ["a variable", "DB_PASSWORD=hunter2 make", "hunter2"],
  ["a quoted variable", `export API_KEY="two words"`, "two words"],
  ["an option", "mysql --password hunter2 -u root", "hunter2"],
  ["an option with =", "tool --api-key=hunter2", "hunter2"],
  ["a user of curl", "curl -u ada:hunter2 https://x.test/", "hunter2"],
  ["a field of JSON", `curl -d '{"token": "hunter2"}'`, "hunter2"],
  ["a query", "curl https://x.test/?access_token=hunter2&a=1", "hunter2"],
  ["a field that is called token", "tool by=1 token:hunter2", "hunter2"],
  ["a header", "curl -H 'Authorization: Bearer abcdefgh12345678'", "abcdefgh12345678"],
  ["credentials in a URL", "git clone https://ada:hunter2@x.test/r", "hunter2"],
  ["a key of AWS", "aws configure set x AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"],
  ["a token of GitHub", "gh auth ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_16C7e42F"],
  ["a JSON web token", "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abc", "eyJzdWIiOiIx"],
  ["a private key", "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "MIIabc"],
  ["a private key without an end", "-----BEGIN RSA PRIVATE KEY-----\nMIIabc", "MIIabc"],
])("masks %s", (_, text, secret) => {
  const clean = masks.text(text);
  expect(clean).toContain("[redacted]");
  expect(clean).not.toContain(secret);
});

test.each([
  "make -s test && echo done > /srv/app/out.txt",
  "git checkout 3f786850e387550fdab836ed7e6dc881de23001b",
  "docker run -u 1000:1000 alpine id",
  "sha256sum -c e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "kill 5d3c0f9e-0c7e-4a52-9f0e-6a1d2b3c4d5e",
  "cat /usr/local/share/Application20Support/Some/Very/Long/Path/Of2/Folders",
  "It was revoked by token:admin. Pair the machine anew: yard node pair lab-7",
  "ls --author --tokens-per-line=",
])("leaves alone: %s", (text) => {
  expect(masks.text(text)).toBe(text);
});

it("is not slowed down by long words", () => {
  const began = performance.now();
  for (const word of ["a", "a.", "-", "token", "secret=", "eyJ"]) masks.text(word.repeat(60_000));
  expect(performance.now() - began).toBeLessThan(5_000);
});

describe("details", () => {
  it("hide the word behind an option that says that it is a secret", () => {
    const argv = ["tool", "--password", "hunter2", "-x", "y"];
    expect(boundedDetails({ argv }, masks)).toEqual({
      argv: ["tool", "--password", "[redacted]", "-x", "y"],
    });
  });

  it("hide fields that are named like secrets, wherever they stand", () => {
    const env = { PATH: "/bin", GITHUB_TOKEN: "a", api_key: 7, empty: null };
    expect(boundedDetails({ env, password: null }, masks)).toEqual({
      env: { PATH: "/bin", GITHUB_TOKEN: "[redacted]", api_key: "[redacted]", empty: null },
      password: null,
    });
  });

  it("hold few fields and items of what has many, and say so", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}`, n]));
    const kept = boundedDetails({ many, list: Array.from({ length: 300 }, (_, n) => n) }, masks);
    expect(Object.keys(kept["many"] as object)).toHaveLength(65);
    expect(kept["many"]).toMatchObject({ cut: "100 fields in all" });
    expect(kept["list"]).toHaveLength(257);
    expect((kept["list"] as unknown[]).at(-1)).toBe("[cut: 300 in all]");
  });

  it("cut texts between characters, to no more than was said", () => {
    const cut = cutText("ä".repeat(100), 60);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(60);
    expect(cut).toMatch(/^ä+… \[cut: 200 bytes in all\]$/);
    expect(cutText("ä".repeat(30), 60)).toBe("ä".repeat(30));
    expect(storable("a\0\ud83d\ude82\ud83d")).toBe("a\ufffd\ud83d\ude82\ufffd");
  });
});
