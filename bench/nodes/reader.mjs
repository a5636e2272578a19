// Reads an exec's stream of JSON lines as a client does: every line is parsed, and its output counted.
import { request } from "node:http";
import { AUTHORIZED } from "../legs/yard-server.mjs";

/** Runs a command; gives `{ bytes, seconds, ended }`. */
export function readExec({ port, node, body }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const asked = request(
      {
        ...{ host: "127.0.0.1", port, method: "POST", path: `/v1/nodes/${node}/exec` },
        headers: {
          ...AUTHORIZED,
          "content-type": "application/json",
          accept: "application/x-ndjson",
        },
      },
      (response) => {
        let bytes = 0;
        let ended;
        const take = createLines((line) => {
          if (line === "") return;
          const event = JSON.parse(line);
          if (event.type === "output") bytes += Buffer.byteLength(event.data_b64, "base64");
          else if (event.type === "ended") ended = event;
        });
        response.on("data", take);
        response.on("error", reject);
        response.on("end", () =>
          resolve({ bytes, seconds: (performance.now() - began) / 1_000, ended }),
        );
      },
    );
    asked.on("error", reject);
    asked.end(JSON.stringify(body));
  });
}

/** Calls back with each line of the chunks that it is given. */
function createLines(onLine) {
  let parts = [];
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      onLine(Buffer.concat(parts).toString("latin1"));
      parts = [];
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
  };
}
