// How fast the output of one command comes through, from its pipe to a client of the HTTP API that reads all of it.
import { fileURLToPath } from "node:url";
import { othersCpuSeconds } from "../measure.mjs";
import { cpuSecondsOf, treeOf } from "../processes.mjs";
import { amount } from "../table.mjs";
import { alternate } from "./alternate.mjs";
import { IN_MODULES, startPlace } from "./place.mjs";
import { readExec } from "./reader.mjs";

const WITHOUT_BINARY = fileURLToPath(new URL("without-binary.mjs", import.meta.url));
const OUTPUT_BYTES = 400_000_000;
const MEGABYTE = 1_000_000;
const LEAST_MB_PER_SECOND = 60;

export async function measureOutput(house, { rounds }) {
  const place = await startPlace(house, "output");
  try {
    const json = { nodeArgs: ["--import", WITHOUT_BINARY], ...IN_MODULES };
    const contenders = [
      await outputOf(place, { name: "JSON frames", node: "json", how: json }),
      await outputOf(place, { name: "binary frames", node: "binary", how: IN_MODULES }),
    ];
    const medians = await alternate(contenders, { rounds });
    return contenders.map(({ name }) => verdictOf(name, medians[name]));
  } finally {
    await place.close();
  }
}

async function outputOf(place, { name, node, how }) {
  const program = await place.startNode(node, how);
  await expectCapability(place, node, name === "binary frames");
  const body = { argv: ["head", "-c", String(OUTPUT_BYTES), "/dev/zero"] };
  const cpu = () => [place.server.pid, program.pid].map((pid) => cpuSecondsOf(treeOf(pid)));
  return {
    name,
    async leg() {
      const [serverBefore, nodeBefore] = cpu();
      const driverBefore = process.cpuUsage();
      const othersBefore = othersCpuSeconds();
      const { bytes, seconds, ended } = await readExec({ port: place.port, node, body });
      if (bytes !== OUTPUT_BYTES || ended?.status !== "ok")
        throw new Error(`${name}: ${bytes} bytes, ${JSON.stringify(ended)}`);
      const [serverAfter, nodeAfter] = cpu();
      const driver = process.cpuUsage(driverBefore);
      return {
        megabytesPerSecond: bytes / MEGABYTE / seconds,
        serverCores: (serverAfter - serverBefore) / seconds,
        nodeCores: (nodeAfter - nodeBefore) / seconds,
        readerCores: (driver.user + driver.system) / 1e6 / seconds,
        othersCores: (othersCpuSeconds() - othersBefore) / seconds,
      };
    },
  };
}

async function expectCapability(place, node, isBinary) {
  const { capabilities } = await place.ask("GET", `/v1/nodes/${node}`);
  if (capabilities.includes("binary") !== isBinary)
    throw new Error(`node ${node} agreed on ${capabilities.join(", ")}`);
}

function verdictOf(name, medians) {
  const { megabytesPerSecond, serverCores, nodeCores, readerCores, othersCores } = medians;
  const cores = Object.entries({ server: serverCores, node: nodeCores, reader: readerCores });
  const used = cores.map(([who, value]) => `${who} ${amount(value)}`).join(", ");
  return {
    title: `output of one exec in ${name}, to a reading client`,
    value: megabytesPerSecond,
    unit: "MB/s",
    atLeast: LEAST_MB_PER_SECOND,
    detail: `cores: ${used}; others' ${amount(othersCores)}`,
  };
}
