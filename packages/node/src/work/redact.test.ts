import { expect, test } from "vitest";
import { redactCommand } from "./redact.ts";

const TOKEN = "q0JxW2v7Zk9PzR4tYbN1mA8sLdF3gH6jK5cXvBqWeRt";

test.each([
  ["a variable", "DB_PASSWORD=hunter2 make", "hunter2"],
  ["a quoted variable", 'export API_KEY="two words"', "two words"],
  ["an option", "mysql --password hunter2 -u root", "hunter2"],
  ["an option with =", "tool --api-key=hunter2", "hunter2"],
  ["a user of curl", "curl -u ada:hunter2 https://x.test/", "hunter2"],
  ["a field of JSON", `curl -d '{"token": "hunter2"}'`, "hunter2"],
  ["a header", "curl -H 'Authorization: Bearer abcdefgh12345678'", "abcdefgh12345678"],
  ["credentials in a URL", "git clone https://ada:hunter2@x.test/r", "hunter2"],
  ["a token of a node", `yard-node pair --with ${TOKEN}`, TOKEN],
  ["a token of GitHub", "gh auth ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_16C7e42F"],
  ["a JSON web token", "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abc", "eyJzdWIiOiIx"],
  ["a private key", "echo -----BEGIN PRIVATE KEY-----\nMIIabc", "MIIabc"],
])("masks %s", (_, command, secret) => {
  const clean = redactCommand(command);
  expect(clean).toContain("[redacted]");
  expect(clean).not.toContain(secret);
});

test.each([
  "make -s test && echo done > /srv/app/out.txt",
  "git checkout 3f786850e387550fdab836ed7e6dc881de23001b",
  "docker run -u 1000:1000 alpine id",
  "kill 5d3c0f9e-0c7e-4a52-9f0e-6a1d2b3c4d5e",
])("leaves alone: %s", (command) => {
  expect(redactCommand(command)).toBe(command);
});

// A pattern that goes back over it would not be done in the time of a test.
test("a long command is cut, in one pass", () => {
  for (const word of ["a", "token", "secret=", "--", "eyJ", "://a:"]) {
    expect(redactCommand(word.repeat(60_000)).length).toBeLessThan(10_000);
  }
});
