import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { sendJson, serve } from "../testing/serve.ts";

const CONTENT = Buffer.from("0123456789");
const FILE = {
  bytes: CONTENT.length,
  sha256: createHash("sha256").update(CONTENT).digest("hex"),
};

async function read(url: string, from?: number): Promise<string> {
  const parts: Uint8Array[] = [];
  const options = from === undefined ? {} : { from };
  for await (const part of createClient({ url }).runs.readFile("r1", FILE, options))
    parts.push(part);
  return Buffer.concat(parts).toString();
}

test("reads a file over a broken connection, going on at the byte where it ended", async () => {
  const asked: (string | undefined)[][] = [];
  const url = await serve((request, response, number) => {
    asked.push([request.url, request.headers.range, request.headers["if-range"] as string]);
    if (number === 0) {
      response.writeHead(200, { "content-length": "10" });
      response.write(CONTENT.subarray(0, 4), () => response.destroy());
    } else {
      response.writeHead(206, { "content-length": "6" });
      response.end(CONTENT.subarray(4));
    }
  });
  expect(await read(url)).toBe("0123456789");
  const path = `/v1/runs/r1/files/${FILE.sha256}`;
  expect(asked).toEqual([
    [path, undefined, undefined],
    [path, "bytes=4-", `"${FILE.sha256}"`],
  ]);
});

test("begins where one is told to, and takes no whole file for its rest", async () => {
  const url = await serve((_, response, number) => {
    response.writeHead(number === 0 ? 206 : 200);
    response.end(CONTENT.subarray(number === 0 ? 7 : 0));
  });
  expect(await read(url, 7)).toBe("789");
  await expect(read(url, 7)).rejects.toMatchObject({ code: "hash_mismatch" });
});

test("asks for nothing of a file that is there, and tells a server that is not", async () => {
  expect(await read("http://127.0.0.1:9", 10)).toBe("");
  await expect(read("http://127.0.0.1:9")).rejects.toMatchObject({ code: "unavailable" });
});

test("lists the files of all pages", async () => {
  const url = await serve((request, response) => {
    const isFirst = request.url === "/v1/runs/r1/files?limit=200";
    const headers = isFirst ? { link: '</v1/runs/r1/files?cursor=a%2F0>; rel="next"' } : {};
    if (!isFirst) expect(request.url).toBe("/v1/runs/r1/files?cursor=a%2F0&limit=200");
    sendJson(response, [{ path: isFirst ? "one" : "two" }], { headers });
  });
  const files = await createClient({ url }).runs.files("r1");
  expect(files.map(({ path }) => path)).toEqual(["one", "two"]);
});
