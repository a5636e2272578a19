// Many light clients in one process. Told `{ port, nodes: [{ name, token }] }` by its parent, it connects them all and
// answers when they are; told "report", it says what they have seen since.
import { connectLight } from "./light-client.mjs";

const AT_ONCE = 32;
const PING_EVERY_MS = 2_000;

const clients = [];
let closes = 0;

async function connectAll({ port, nodes }) {
  const left = [...nodes];
  async function caller() {
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      const { name, token } = node;
      // The number that it was asked for, by its own name: no answer of another can pass for it.
      const onExec = ({ argv }) => `${name} ${argv[1]}`;
      const client = await connectLight({ port, name, token, onExec });
      client.closed.then(() => {
        closes += 1;
      });
      clients.push(client);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

function pingOn() {
  setInterval(() => {
    for (const client of clients) client.ping();
  }, PING_EVERY_MS);
}

function report() {
  const sum = (key) => clients.reduce((total, { counts }) => total + counts[key], 0);
  const unasked = clients.filter(({ counts }) => counts.serverPings === 0).length;
  const [execs, serverPings, pings, pongs] = ["execs", "serverPings", "pings", "pongs"].map(sum);
  return { closes, unasked, execs, serverPings, pings, pongs };
}

process.on("message", async (message) => {
  if (message === "report") return process.send(report());
  await connectAll(message);
  pingOn();
  process.send("connected");
});
process.on("disconnect", () => process.exit());
