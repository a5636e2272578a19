import { expect, test } from "vitest";
import { startYardNode } from "../yard-node.fixture.ts";

const BY = { actor: "token:test" };
const GRANTS = { exec: true, read: true, write: true, jobs: true };

test.each([
  [["/srv"], "/srv/app/a.txt"],
  [["/data", "/srv/"], "/srv"],
  [["/"], "/etc/passwd"],
  [null, "/a/../b"],
])("of %j %s may be read", async (paths, path) => {
  const { hub, yard, registry, node } = await startYardNode();
  registry.change(node, { grants: { ...GRANTS, paths } });
  const read = hub.read("lab-7", { path }, BY);
  const { id } = await yard.next("read");
  yard.send({ type: "read_result", id, status: "ok" });
  expect(await read).toMatchObject({ sizeBytes: 0 });
});

test.each([
  [["/srv"], "/srvx/a"],
  [["/srv"], "/etc/passwd"],
  [["/srv"], "/srv/../etc/passwd"],
  [[], "/srv/a"],
])("of %j %s is asked for in no way", async (paths, path) => {
  const { hub, yard, registry, node } = await startYardNode();
  registry.change(node, { grants: { ...GRANTS, paths } });
  const asked = [
    hub.read("lab-7", { path }, BY),
    hub.write("lab-7", { path, content: Buffer.from("x") }, BY),
    hub.write("lab-7", { path, content: Buffer.alloc(0), folder: true }, BY),
    hub.exec("lab-7", { command: "ls", cwd: path }, BY),
  ];
  const refused = {
    code: "not_granted",
    message: expect.stringMatching(/^Node lab-7 is granted .*yard node grant lab-7 --path FOLDER$/),
  };
  await Promise.all(asked.map((one) => expect(one).rejects.toMatchObject(refused)));
  const without = hub.exec("lab-7", { command: "ls" }, BY);
  yard.finish((await yard.next("exec"))["id"]);
  await without;
  expect(yard.received.filter(({ type }) => type === "read" || type === "write")).toEqual([]);
});
