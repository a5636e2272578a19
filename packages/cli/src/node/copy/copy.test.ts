import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadNodeFile, WriteNodeFile } from "@yardmaster/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { callYard } from "../../testing/call-yard.ts";
import { execRoute } from "../../testing/fake-node.ts";
import { startWireServer, type WireAnswer, wireProblem } from "../../testing/wire-server.ts";
import { readPlace } from "./place.ts";

const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const isWindows = process.platform === "win32";

/** Different bytes at every place, so that nothing can stand where it does not belong. */
function someBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
  return bytes;
}

interface Stored {
  bytes: Buffer;
  mode: string;
  mtime: string;
}

interface FakeFiles {
  readonly files: Map<string, Stored>;
  readonly reads: ReadNodeFile[];
  readonly writes: WriteNodeFile[];
  /** Folders with their modes. */
  readonly folders: Map<string, string>;
  /** What is neither file nor folder. */
  readonly others: string[];
  /** What `find` says where it fails. */
  findFailure: (folder: string) => string | undefined;
  hasFind: boolean;
  /** Answers instead of the node, where it gives one. */
  intercept: (path: string, number: number) => WireAnswer | undefined;
}

/** A node with files, as the protocol says that ranges are read and written. */
async function startFiles(isBase = false) {
  const fake: FakeFiles = {
    files: new Map(),
    reads: [],
    writes: [],
    folders: new Map(),
    others: [],
    findFailure: () => undefined,
    hasFind: true,
    intercept: () => undefined,
  };
  const { files } = fake;
  const served = new Map<string, number>();
  let count = 0;
  const unsupported = wireProblem(422, "unsupported", "The node lacks ranges.");

  function read(body: ReadNodeFile): WireAnswer {
    fake.reads.push(body);
    if (isBase && (body.offset !== undefined || body.length !== undefined)) return unsupported;
    const stored = files.get(body.path);
    if (stored === undefined) return wireProblem(404, "file_not_found", `No ${body.path}`);
    const { bytes, mode, mtime } = stored;
    const { offset = 0, length = bytes.length } = body;
    const content = bytes.subarray(offset, offset + length);
    const end = offset + content.length;
    // Our client counts along, and knows the checksum at the end of all ranges in their order.
    const isInOrder = offset === 0 || served.get(body.path) === offset;
    served.set(body.path, isInOrder ? end : -1);
    const sum = isInOrder && end === bytes.length ? sha256(bytes) : null;
    const extras = isBase
      ? { sha256: null, mode: null, mtime: null }
      : { sha256: sum, mode, mtime };
    return {
      json: {
        request_id: "r",
        node: "lab-7",
        path: body.path,
        content_b64: content.toString("base64"),
        size_bytes: bytes.length,
        eof: end === bytes.length,
        ...extras,
      },
    };
  }

  function write(body: WriteNodeFile): WireAnswer {
    fake.writes.push(body);
    const { path, offset, expect_sha256: wanted, file_mode: mode = "0644" } = body;
    if (isBase && (wanted !== undefined || offset !== undefined)) return unsupported;
    if (body.folder === true) return makeFolder(body);
    const content = Buffer.from(body.content_b64 ?? "", "base64");
    const part = `${path}.yard-part`;
    const gathered =
      offset === undefined || offset === 0 ? Buffer.alloc(0) : files.get(part)?.bytes;
    if (gathered?.length !== (offset ?? 0)) return wireProblem(422, "io_error", "A gap.");
    const bytes = Buffer.concat([gathered, content]);
    const mtime = "2026-01-01T00:00:00.000Z";
    const isWhole = offset === undefined || wanted !== undefined;
    if (wanted !== undefined && sha256(bytes) !== wanted) {
      files.delete(part);
      return wireProblem(409, "hash_mismatch", "No.");
    }
    if (isWhole) files.delete(part);
    files.set(isWhole ? path : part, { bytes, mode, mtime });
    return {
      json: {
        request_id: "r",
        node: "lab-7",
        path,
        bytes_written: content.length,
        sha256: isWhole ? sha256(bytes) : null,
      },
    };
  }

  function makeFolder({ path, mode, file_mode: rights = "0755" }: WriteNodeFile): WireAnswer {
    if (fake.folders.has(path) && mode === "create")
      return wireProblem(409, "file_exists", `${path} already exists`);
    fake.folders.set(path, rights);
    return { json: { request_id: "r", node: "lab-7", path, bytes_written: 0, sha256: null } };
  }

  const { env } = await startWireServer({
    "POST /v1/nodes/lab-7/read": ({ body }) =>
      fake.intercept("read", ++count) ?? read(body as ReadNodeFile),
    "POST /v1/nodes/lab-7/write": ({ body }) =>
      fake.intercept("write", ++count) ?? write(body as WriteNodeFile),
    "POST /v1/nodes/lab-7/exec": execRoute((call) => {
      const argv = call.body["argv"] as string[];
      if (!fake.hasFind) {
        const message = 'there is no program "find", or no folder / (ENOENT)';
        return call.end({
          status: "error",
          exit_code: null,
          error: { code: "exec_failed", message },
        });
      }
      const failure = fake.findFailure(argv[1] as string);
      if (failure !== undefined) {
        call.output(failure, "stderr");
        return call.end({ status: "error", exit_code: 1 });
      }
      if (argv.includes("d") && !argv.includes("!")) {
        const told = [...fake.folders].map(([path, mode]) => `${lsMode(mode)} ${path}\0`);
        call.output(told.join(""));
        return call.end();
      }
      const paths = argv.includes("!") ? fake.others : [...files.keys()];
      call.output(paths.filter((path) => path.startsWith("/d/")).join("\0"));
      call.end();
    }),
  });
  const folder = mkdtempSync(join(tmpdir(), "yard-cp-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cp = (...argv: string[]) => callYard(["node", "cp", ...argv], { env, cwd: folder });
  return { fake, folder, cp, at: (name: string) => join(folder, name) };
}

/** As `ls -l` says a mode, here of a folder whose group sticks. */
function lsMode(mode: string): string {
  const bits = [...Number.parseInt(mode, 8).toString(2).padStart(9, "0")];
  const marks = bits.map((bit, at) => (bit === "0" ? "-" : (["r", "w", "x"][at % 3] as string)));
  marks[5] = marks[5] === "x" ? "s" : "S";
  return `d${marks.join("")}+`;
}

const stored = (bytes: Uint8Array, mode = "0640"): Stored => ({
  bytes: Buffer.from(bytes),
  mode,
  mtime: "2026-01-01T00:00:00.000Z",
});

test("says at once that a node is offline, and waits for one that went in the middle", async () => {
  const { fake, cp, at } = await startFiles();
  const detail = "Node lab-7 is disconnected since 00:58. Start it there: yard node run";
  const waits: unknown[] = [];
  writeFileSync(at("big"), someBytes(2 * MIB + 5));
  fake.intercept = () => wireProblem(409, "node_offline", detail);
  for (const pair of [
    ["big", "lab-7:/srv/big"],
    ["lab-7:/srv/big", "back"],
  ] as const)
    expect(await cp(...pair)).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining(detail),
    });
  fake.intercept = () => undefined;
  expect(await cp("big", "lab-7:/srv/big")).toMatchObject({ exitCode: 0 });
  for (const { wait } of [...fake.reads, ...fake.writes]) waits.push(wait);
  expect(waits).toEqual([undefined, "30s", "30s", "30s"]);
});

test("brings a file of many ranges here, whole, with its mode", async () => {
  const { fake, folder, cp, at } = await startFiles();
  const bytes = someBytes(3 * MIB + 7);
  fake.files.set("/srv/big", stored(bytes));
  const call = await cp("lab-7:/srv/big", ".", "--json");
  expect(call).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(call.stdout)).toEqual({
    source: "lab-7:/srv/big",
    target: at("big"),
    bytes: bytes.length,
    sha256: sha256(bytes),
    resumed_bytes: 0,
    verified: true,
  });
  expect(readFileSync(at("big")).equals(bytes)).toBe(true);
  if (!isWindows) expect(statSync(at("big")).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(["big"]);
  expect(fake.reads.map(({ offset }) => offset)).toEqual([0, MIB, 2 * MIB, 3 * MIB]);
});

test("leaves the file that was here alone when a copy is cut off, and goes on there the next time", async () => {
  const { fake, folder, cp, at } = await startFiles();
  const bytes = someBytes(2 * MIB);
  fake.files.set("/srv/big", stored(bytes));
  writeFileSync(at("big"), "old");
  const refuseSecond = (_: string, number: number) =>
    number === 2 ? wireProblem(403, "path_not_allowed", "No more.") : undefined;
  fake.intercept = refuseSecond;
  expect(await cp("lab-7:/srv/big", "big")).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("No more."),
  });
  expect(readFileSync(at("big"), "utf8")).toBe("old");
  fake.reads.length = 0;
  const resumed = await cp("lab-7:/srv/big", "big");
  expect(resumed.stdout).toMatch(/big {2}2\.0 MiB, 1\.0 MiB of it were there\n$/);
  expect(readFileSync(at("big")).equals(bytes)).toBe(true);
  expect(fake.reads.map(({ offset }) => offset)).toEqual([0, MIB]);
  expect(readdirSync(folder)).toEqual(["big"]);
});

test("says what stays of a copy for which the disk here has no room", async () => {
  const { fake, folder, cp, at } = await startFiles();
  fake.files.set("/srv/big", stored(someBytes(2 * MIB)));
  const handle = await open(folder);
  await handle.close();
  const full = Object.assign(new Error("full"), { code: "ENOSPC" });
  const writes = vi.spyOn(Object.getPrototypeOf(handle), "write").mockRejectedValueOnce(full);
  const { exitCode, stderr } = await cp("lab-7:/srv/big", "big");
  writes.mockRestore();
  expect(exitCode).toBe(1);
  const [part = ""] = readdirSync(folder);
  expect(part).toContain("big.yard-part-");
  expect(stderr).toContain(`What has arrived stays in ${at(part)}: make room and copy again`);
});

test("begins anew where the file has changed since, and leaves nothing of the old copy", async () => {
  const { fake, folder, cp, at } = await startFiles();
  fake.files.set("/srv/big", stored(someBytes(2 * MIB)));
  fake.intercept = (_, number) =>
    number === 2 ? wireProblem(403, "path_not_allowed", "No more.") : undefined;
  await cp("lab-7:/srv/big", "big");
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^big\.yard-part-[0-9a-f]{12}$/)]);
  const other = { ...stored(someBytes(2 * MIB).reverse()), mtime: "2026-01-02T00:00:00.000Z" };
  fake.files.set("/srv/big", other);
  const call = await cp("lab-7:/srv/big", "big", "--json");
  expect(JSON.parse(call.stdout)).toMatchObject({ resumed_bytes: 0, verified: true });
  expect(readFileSync(at("big")).equals(other.bytes)).toBe(true);
  expect(readdirSync(folder)).toEqual(["big"]);
});

test("tells a checksum that is not the node's, and keeps nothing of it", async () => {
  const { fake, folder, cp } = await startFiles();
  fake.files.set("/srv/a", stored(Buffer.from("text")));
  fake.intercept = () => ({
    json: {
      path: "/srv/a",
      content_b64: Buffer.from("torn").toString("base64"),
      size_bytes: 4,
      eof: true,
      sha256: sha256(Buffer.from("text")),
      mode: "0644",
      mtime: null,
    },
  });
  expect(await cp("lab-7:/srv/a", "a")).toMatchObject({ exitCode: 5 });
  expect(readdirSync(folder)).toEqual([]);
});

test("brings a file of the system, which says that it is empty, where it comes in one piece", async () => {
  const { fake, folder, cp, at } = await startFiles();
  const range = {
    size_bytes: 0,
    content_b64: Buffer.from("text").toString("base64"),
    sha256: null,
  };
  let eof = true;
  fake.intercept = () => ({ json: { path: "/proc/a", mode: "0444", mtime: null, eof, ...range } });
  expect(await cp("lab-7:/proc/a", "a")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(at("a"), "utf8")).toBe("text");
  eof = false;
  expect((await cp("lab-7:/proc/a", "b")).stderr).toContain(
    "yard node exec lab-7 -- cat /proc/a prints it",
  );
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("tells that a file changed while it was copied", async () => {
  const { fake, cp, at } = await startFiles();
  fake.files.set("/srv/big", stored(someBytes(2 * MIB)));
  fake.intercept = (_, number) => {
    if (number === 2) (fake.files.get("/srv/big") as Stored).mtime = "2026-01-02T00:00:00.000Z";
    return undefined;
  };
  expect(await cp("lab-7:/srv/big", "big")).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining("lab-7:/srv/big changed while it was copied"),
  });
  expect(existsSync(at("big"))).toBe(false);
});

test("takes a small file there in one piece, an empty one too, with its mode and checksum", async () => {
  const { fake, cp, at } = await startFiles();
  for (const [name, text] of [
    ["small", "text\n"],
    ["empty", ""],
  ] as const) {
    writeFileSync(at(name), text);
    chmodSync(at(name), 0o755);
    expect(await cp(name, `lab-7:/srv/${name}`)).toMatchObject({ exitCode: 0 });
    expect(fake.files.get(`/srv/${name}`)?.bytes.toString()).toBe(text);
  }
  expect(fake.writes).toHaveLength(2);
  expect(fake.writes[0]).toMatchObject({
    ...(isWindows ? {} : { file_mode: "0755" }),
    expect_sha256: sha256(Buffer.from("text\n")),
  });
  expect(fake.writes[0]).not.toHaveProperty("mkdirs");
});

test("takes a large file there in ranges, of which the last has the checksum of the whole", async () => {
  const { fake, cp, at } = await startFiles();
  const bytes = someBytes(2 * MIB + 1);
  writeFileSync(at("big"), bytes);
  expect(await cp("big", "lab-7:/srv/", "--mkdirs")).toMatchObject({
    exitCode: 0,
    stdout: "lab-7:/srv/big  2.0 MiB\n",
  });
  expect(fake.files.get("/srv/big")?.bytes.equals(bytes)).toBe(true);
  expect(
    fake.writes.map(({ offset, expect_sha256, mkdirs }) => [offset, expect_sha256, mkdirs]),
  ).toEqual([
    [0, undefined, true],
    [MIB, undefined, true],
    [2 * MIB, sha256(bytes), true],
  ]);
});

test("goes on with what gathered at the node, unless that is of another file", async () => {
  const { fake, cp, at } = await startFiles();
  const bytes = someBytes(3 * MIB);
  writeFileSync(at("big"), bytes);
  const part = "/srv/big.yard-part";
  fake.files.set(part, stored(bytes.subarray(0, 2 * MIB + 9)));
  const call = await cp("big", "lab-7:/srv/big", "--json");
  expect(JSON.parse(call.stdout)).toMatchObject({ resumed_bytes: 2 * MIB + 9 });
  expect(fake.writes.map(({ offset }) => offset)).toEqual([2 * MIB + 9]);
  expect(fake.files.get("/srv/big")?.bytes.equals(bytes)).toBe(true);
  fake.files.set(part, stored(someBytes(100).reverse()));
  const anew = await cp("big", "lab-7:/srv/big", "--json");
  expect(JSON.parse(anew.stdout)).toMatchObject({ resumed_bytes: 0 });
  // Its end is right and its beginning is not: the last range finds it out.
  const wrong = Buffer.from(bytes.subarray(0, MIB));
  wrong.fill("x", 0, 10);
  fake.files.set(part, stored(wrong));
  const third = await cp("big", "lab-7:/srv/big", "--json");
  expect(JSON.parse(third.stdout)).toMatchObject({ resumed_bytes: 0 });
  expect(fake.files.get("/srv/big")?.bytes.equals(bytes)).toBe(true);
  // All of it gathered, and only the end of the copy was lost.
  fake.files.set(part, stored(bytes));
  expect(await cp("big", "lab-7:/srv/big")).toMatchObject({ exitCode: 0 });
  expect(fake.writes.at(-1)).toMatchObject({ offset: 3 * MIB, content_b64: "" });
});

test("bears a link that is lost in between, and writes nothing twice", async () => {
  const { fake, cp, at } = await startFiles();
  const bytes = someBytes(2 * MIB);
  writeFileSync(at("big"), bytes);
  fake.files.set("/srv/other", stored(bytes));
  const lost = wireProblem(409, "node_disconnected", "Its link was lost.");
  // Of the upload: one look for a part, then a range, and the next is lost.
  fake.intercept = (_, number) => (number === 3 ? lost : undefined);
  expect(await cp("big", "lab-7:/srv/big")).toMatchObject({ exitCode: 0 });
  expect(fake.files.get("/srv/big")?.bytes.equals(bytes)).toBe(true);
  expect(fake.writes.map(({ offset }) => offset)).toEqual([0, MIB]);
  let failures = 0;
  fake.intercept = () => (failures++ === 1 ? lost : undefined);
  expect(await cp("lab-7:/srv/other", "other")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(at("other")).equals(bytes)).toBe(true);
});

test("goes on however often its link is lost, as long as it gets on in between", async () => {
  const { fake, cp, at } = await startFiles();
  const bytes = someBytes(8 * MIB);
  writeFileSync(at("big"), bytes);
  writeFileSync(at("small"), "text");
  // Each range once: more often than a copy is tried that gets nowhere.
  let losses = 0;
  let isNextLost = true;
  fake.intercept = (what) => {
    if (what === "read") return undefined;
    isNextLost = !isNextLost;
    if (isNextLost) return undefined;
    losses++;
    return wireProblem(409, "not_received", "Its link was lost before.");
  };
  expect(await cp("big", "lab-7:/srv/big")).toMatchObject({ exitCode: 0 });
  expect(fake.files.get("/srv/big")?.bytes.equals(bytes)).toBe(true);
  expect(await cp("small", "lab-7:/srv/small")).toMatchObject({ exitCode: 0 });
  expect(losses).toBe(9);
});

test("copies whole files to and from a client of the base protocol, and says what is too large", async () => {
  const { fake, cp, at } = await startFiles(true);
  const bytes = someBytes(2 * MIB);
  writeFileSync(at("big"), bytes);
  expect(await cp("big", "lab-7:/srv/big")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(fake.files.get("/srv/big")?.bytes.equals(bytes)).toBe(true);
  expect(await cp("lab-7:/srv/big", "back")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readFileSync(at("back")).equals(bytes)).toBe(true);
  writeFileSync(at("huge"), Buffer.alloc(10 * MIB + 1));
  expect(await cp("huge", "lab-7:/srv/huge")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("takes files up to 10 MiB"),
  });
});

test("copies a folder both ways, without links and whatever leads out of it", async () => {
  const { fake, cp, at } = await startFiles();
  mkdirSync(at("src/sub/empty"), { recursive: true });
  writeFileSync(at("src/a"), "a");
  writeFileSync(at("src/sub/b"), "b");
  if (!isWindows) symlinkSync("/etc/passwd", at("src/link"));
  const there = await cp("-r", "src", "lab-7:/d/");
  expect(there.exitCode).toBe(0);
  if (!isWindows) expect(there.stderr).toMatch(/src\/link is no file: not copied/);
  expect([...fake.files.keys()]).toEqual(["/d/src/a", "/d/src/sub/b"]);
  expect(fake.writes.every(({ mkdirs }) => mkdirs === true)).toBe(true);
  expect(await cp("-r", "lab-7:/d", "back")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(at("back/src/sub/b"), "utf8")).toBe("b");
  expect(await cp("-r", "src/a", "lab-7:/d/")).toMatchObject({ exitCode: 2 });
  const bare = await cp("src", "lab-7:/d/");
  expect(bare.exitCode).toBe(2);
  expect(bare.stderr).toMatch(/src is a folder; add -r to copy it whole\n$/);
  fake.files.set("/d/../../escaped", stored(Buffer.from("x")));
  expect(await cp("-r", "lab-7:/d", "evil")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("not below /d/"),
  });
  expect(existsSync(at("evil"))).toBe(false);
});

test.skipIf(isWindows)(
  "copies folders without files too, each that it makes with its mode",
  async () => {
    const { fake, cp, at } = await startFiles();
    mkdirSync(at("src/shut/empty"), { recursive: true });
    writeFileSync(at("src/shut/a"), "a");
    chmodSync(at("src/shut/empty"), 0o750);
    chmodSync(at("src/shut"), 0o500);
    chmodSync(at("src"), 0o711);
    fake.folders.set("/d", "0755");
    expect(await cp("-r", "src", "lab-7:/d")).toMatchObject({ exitCode: 0, stderr: "" });
    expect([...fake.folders]).toEqual([
      ["/d", "0755"],
      ["/d/shut", "0500"],
      ["/d/shut/empty", "0750"],
    ]);
    chmodSync(at("src/shut"), 0o700);
    // It is filled before it is shut.
    expect(fake.writes.map(({ path, file_mode }) => [path, file_mode])).toEqual([
      ["/d", "0711"],
      ["/d/shut", "0700"],
      ["/d/shut/empty", "0750"],
      ["/d/shut/a", "0644"],
      ["/d/shut", "0500"],
    ]);
    fake.folders.set("/d/", "0711").delete("/d");
    mkdirSync(at("there"), { mode: 0o755 });
    expect(await cp("-r", "lab-7:/d", "there/back")).toMatchObject({ exitCode: 0, stderr: "" });
    const modes = ["", "/back", "/back/shut", "/back/shut/empty"].map(
      (path) => statSync(at(`there${path}`)).mode & 0o777,
    );
    expect(modes).toEqual([0o755, 0o711, 0o500, 0o750]);
    chmodSync(at("there/back/shut"), 0o700);
  },
);

test("says of a node that makes folders only for files what is not copied, and copies the rest", async () => {
  const { fake, cp, at } = await startFiles();
  mkdirSync(at("src/empty"), { recursive: true });
  writeFileSync(at("src/a"), "a");
  fake.intercept = (_, number) =>
    number === 1 ? wireProblem(422, "unsupported", "It lacks folders.") : undefined;
  const { exitCode, stderr } = await cp("-r", "src", "lab-7:/d");
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^yard: the client of node lab-7 makes folders only for files: .*\n$/);
  expect([...fake.files.keys()]).toEqual(["/d/a"]);
});

test("tells what of a node's folder it leaves out, and copies the rest", async () => {
  const { fake, cp, at } = await startFiles();
  fake.files.set("/d/a", stored(Buffer.from("a")));
  fake.files.set("/d/na\u{fffd}me", stored(Buffer.from("b")));
  fake.others.push("/d/link", "/d/pipe");
  const { exitCode, stderr } = await cp("-r", "lab-7:/d", "back");
  expect(exitCode).toBe(0);
  expect(stderr.split("\n")).toEqual([
    "yard: lab-7:/d/link is no file: not copied",
    "yard: lab-7:/d/pipe is no file: not copied",
    "yard: lab-7:/d/na\u{fffd}me has a name that is no UTF-8: not copied",
    "",
  ]);
  expect(readdirSync(at("back"))).toEqual(["a"]);
});

test("says of a folder on a node that is not there, and of a file, what is the matter", async () => {
  const { fake, cp } = await startFiles();
  fake.findFailure = (path) => `find: '${path}': No such file or directory\n`;
  expect(await cp("-r", "lab-7:/none", "back")).toMatchObject({
    exitCode: 3,
    stderr: "yard: There is no folder lab-7:/none\n",
  });
  fake.findFailure = (path) => `find: '${path}': Not a directory\n`;
  expect(await cp("-r", "lab-7:/d/a", "back")).toMatchObject({
    exitCode: 2,
    stderr: "yard: lab-7:/d/a is no folder; copy it without -r\n",
  });
  fake.findFailure = (path) => `find: '${path}': Permission denied\n`;
  expect(await cp("-r", "lab-7:/d", "back")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("cannot be listed with find: find: '/d/': Permission denied"),
  });
  fake.hasFind = false;
  expect(await cp("-r", "lab-7:/d", "back")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(
      "The node lab-7 has no find, with which -r lists folders. Install",
    ),
  });
});

test("tells of a folder on a node as of one here that -r copies it, and how to copy into it", async () => {
  const { fake, cp, at } = await startFiles();
  fake.intercept = () => wireProblem(422, "is_folder", "/srv/d");
  expect(await cp("lab-7:/srv/d", "back")).toMatchObject({
    exitCode: 2,
    stderr: "yard: lab-7:/srv/d is a folder; add -r to copy it whole\n",
  });
  writeFileSync(at("a"), "a");
  expect(await cp("a", "lab-7:/srv/d")).toMatchObject({
    exitCode: 2,
    stderr: "yard: lab-7:/srv/d is a folder; write lab-7:/srv/d/ to copy into it\n",
  });
  fake.intercept = () => wireProblem(403, "path_not_allowed", "/srv is closed");
  expect((await cp("a", "lab-7:/srv/d")).stderr).toBe(
    "yard: /srv is closed; to copy into a folder, write lab-7:/srv/d/\n",
  );
  expect(await cp("lab-7:/srv/d", "-")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("yard node exec NODE -- cat PATH"),
  });
});

test("copies from node to node by way of this machine", async () => {
  const { fake, cp } = await startFiles();
  const bytes = someBytes(MIB + 1);
  fake.files.set("/a", stored(bytes, "0750"));
  expect(await cp("lab-7:/a", "lab-7:/b")).toMatchObject({ exitCode: 0 });
  expect(fake.files.get("/b")?.bytes.equals(bytes)).toBe(true);
  if (!isWindows) expect(fake.files.get("/b")?.mode).toBe("0750");
});

test("names what is not here, and makes no folder unasked", async () => {
  const { fake, cp, at } = await startFiles();
  fake.files.set("/a", stored(Buffer.from("a")));
  expect(await cp("none", "lab-7:/b")).toMatchObject({ exitCode: 3 });
  expect(await cp("lab-7:/none", "b")).toMatchObject({ exitCode: 3 });
  expect(await cp("lab-7:/a", "x/y/a")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("--mkdirs makes it"),
  });
  expect(await cp("lab-7:/a", "x/y/a", "--mkdirs")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(at("x/y/a"), "utf8")).toBe("a");
  const long = await cp("lab-7:/a", "n".repeat(300));
  expect(long).toMatchObject({ exitCode: 1 });
  expect(long.stderr).toMatch(/^yard: ENAMETOOLONG: .*\n$/);
  // Where nothing can be made, the recursion of Node.js never ends.
  if (process.platform === "linux")
    expect(await cp("lab-7:/a", "/proc/none/a", "--mkdirs")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^yard: The folder \/proc\/none cannot be made: ENOENT/),
    });
});

test.each([
  ["lab-7:/srv", "lab-7", "/srv"],
  ["lab 7:/srv:x", "lab 7", "/srv:x"],
  ["lab:7:/srv:x", "lab:7", "/srv:x"],
  ["a:bc:/srv", "a:bc", "/srv"],
  ["a:b:/srv", "a", "b:/srv"],
  ["pc:C:\\x", "pc", "C:\\x"],
  ["/srv/a:b", null, "/srv/a:b"],
  ["./a:/b", null, "./a:/b"],
  ["plain", null, "plain"],
])("reads %s as a place", (text, node, path) => {
  expect(readPlace(text, "linux")).toEqual({ node, path });
});

test("reads a drive of Windows as a place here, there", () => {
  expect(readPlace("C:\\x", "win32")).toEqual({ node: null, path: "C:\\x" });
  expect(() => readPlace("a:b", "linux")).toThrow("a path on a node is absolute");
});
