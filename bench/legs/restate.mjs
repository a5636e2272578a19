// Restate: its single server binary with its defaults, driven through its HTTP ingress.
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { openConnection, postOf } from "../http.mjs";
import { folderOf, versionOf } from "../installed.mjs";
import { cpuSecondsOf, pssBytesOf } from "../processes.mjs";
import { alive, until } from "../wait.mjs";

const BINARY = `${folderOf("@restatedev/restate-server-linux-x64")}/bin/restate-server`;
const SERVICE = fileURLToPath(new URL("restate-service.mjs", import.meta.url));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Loopback only, no telemetry, quiet; nothing that touches its speed or safety. */
function environment({ nodePort, adminPort, ingressPort }) {
  return {
    PATH: process.env.PATH,
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LISTEN_MODE: "tcp",
    RESTATE_LOG_FILTER: "warn",
    RESTATE_BIND_ADDRESS: `127.0.0.1:${nodePort}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${nodePort}/`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
  };
}

/** The durability settings that are in force, as the binary itself states them. */
function policyOf(env) {
  const config = execFileSync(BINARY, ["--dump-config"], { env, encoding: "utf8" });
  const keys = ["default-provider", "rocksdb-disable-wal-fsync", "default-num-partitions"];
  return keys
    .flatMap((key) => [...config.matchAll(new RegExp(`^(${key} = .*)$`, "gm"))])
    .map((match) => match[1].replaceAll(" ", ""))
    .filter((line, index, lines) => lines.indexOf(line) === index)
    .join(" ");
}

export async function createRestate(house) {
  const ports = { nodePort: await freePort(), adminPort: await freePort() };
  ports.ingressPort = await freePort();
  const env = environment(ports);
  const folder = house.folder("restate");
  const server = house.start(BINARY, ["--no-logo", "--base-dir", folder], { env, cwd: folder });
  const service = house.start(process.execPath, [SERVICE]);
  const servicePort = await until(
    "the Restate service",
    alive(service, () => /^\d+$/m.exec(service.output())?.[0]),
  );
  const register = alive(server, async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.adminPort}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri: `http://127.0.0.1:${servicePort}` }),
    });
    return answer.ok;
  });
  await until("Restate", register, { everyMs: 200 });

  const pids = [server.pid, service.pid];
  const request = postOf({ port: ports.ingressPort, path: "/bench/three", body: 1 });

  return {
    name: "Restate",
    version: versionOf("@restatedev/restate-server"),
    notes: [
      `SDK ${versionOf("@restatedev/restate-sdk")} in a process of its own, HTTP ingress`,
      policyOf(env),
    ],
    measures: {
      three: async ({ inFlight }) => {
        const connections = await Promise.all(
          Array.from({ length: inFlight }, () => openConnection(ports.ingressPort)),
        );
        return {
          async once(slot) {
            const { status, body } = await connections[slot].send(request);
            if (status !== 200 || !body.includes("4"))
              throw new Error(`Restate: ${status} ${body}`);
          },
          async close() {
            for (const connection of connections) connection.close();
          },
        };
      },
    },
    readCost: async () => ({ cpuSeconds: cpuSecondsOf(pids) }),
    pssBytes: () => pssBytesOf(pids),
    async close() {
      await server.stop();
      await service.stop();
    },
  };
}
