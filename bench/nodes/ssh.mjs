// `ssh localhost true` over a multiplexed connection, with an sshd of our own: its port, keys and configuration are in
// a temporary folder, and it runs as whoever runs the bench.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { drive } from "../measure.mjs";
import { cpuSecondsOf, treeOf } from "../processes.mjs";
import { alive, until } from "../wait.mjs";

const PLACES = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
/** Those that have ended are counted until the server has seen to it. */
const SESSIONS = 1_000;

/** `{ name, leg, close }`, or `{ missing }` that says why there is none. */
export async function multiplexedSsh(house, given) {
  const sshd = given ?? PLACES.find((path) => existsSync(path));
  if (sshd === undefined) return { missing: "there is no sshd (Debian: openssh-server)" };
  if (spawnSync("ssh", ["-V"]).error) return { missing: "there is no ssh" };
  const folder = house.folder("ssh");
  const port = await freePort();
  makeKeys(folder);
  writeFileSync(`${folder}/sshd_config`, serverConfig(folder, port));
  writeFileSync(`${folder}/config`, clientConfig(folder, port));
  const server = house.start(sshd, ["-D", "-e", "-f", `${folder}/sshd_config`]);
  try {
    await until(
      "sshd",
      alive(server, () => listensAt(port)),
    );
  } catch {
    await server.stop();
    return { missing: `sshd does not run here: ${server.output().trim().split("\n").at(-1)}` };
  }
  // The connection that all calls share.
  const master = house.start("ssh", [
    "-F",
    `${folder}/config`,
    "-o",
    "ControlMaster=yes",
    "-N",
    "bench",
  ]);
  await until(
    "ssh",
    alive(master, () => existsSync(`${folder}/control`)),
  );
  const pids = [server.pid, master.pid];
  return {
    name: "ssh",
    leg: (options) =>
      drive({
        ...options,
        readCost: async () => ({ cpuSeconds: cpuSecondsOf(pids.flatMap(treeOf)) }),
        async once() {
          const { code, said } = await callOnce(folder);
          if (code !== 0) throw new Error(`ssh: exit ${code}: ${said}${master.output()}`);
        },
      }),
    async close() {
      await master.stop();
      await server.stop();
    },
  };
}

/** One `ssh localhost true`, as a shell starts it; its exit code, and what it complains of. */
async function callOnce(folder) {
  const stdio = ["ignore", "ignore", "pipe"];
  const child = spawn("ssh", ["-F", `${folder}/config`, "bench", "true"], { stdio });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const [code] = await once(child, "close");
  return { code, said };
}

function makeKeys(folder) {
  for (const name of ["host", "user"]) {
    const args = ["-q", "-t", "ed25519", "-N", "", "-f", `${folder}/${name}`];
    const { status, stderr } = spawnSync("ssh-keygen", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  }
  copyFileSync(`${folder}/user.pub`, `${folder}/authorized_keys`);
}

/** A home of its own: what this user's shells start with is no fault of ssh. */
function serverConfig(folder, port) {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
MaxSessions ${SESSIONS}
SetEnv HOME=${folder}
LogLevel ERROR
`;
}

function clientConfig(folder, port) {
  return `Host bench
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${folder}/user
  IdentitiesOnly yes
  UserKnownHostsFile ${folder}/known_hosts
  StrictHostKeyChecking accept-new
  BatchMode yes
  ControlMaster no
  ControlPath ${folder}/control
  LogLevel ERROR
`;
}

async function listensAt(port) {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  socket.destroy();
  return true;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
