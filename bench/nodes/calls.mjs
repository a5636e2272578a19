// Calls per second with several in flight, beside `ssh localhost true` over a multiplexed connection.
import { amount, printLoad } from "../table.mjs";
import { alternate } from "./alternate.mjs";
import { bareSpawn, yardExec } from "./contenders.mjs";
import { startPlace } from "./place.mjs";
import { multiplexedSsh } from "./ssh.mjs";

const LEAST_TIMES_SSH = 5;

export async function measureCalls(house, { durationMs, warmUpMs, rounds, sshd }) {
  const place = await startPlace(house, "calls");
  const ssh = await multiplexedSsh(house, sshd);
  if (ssh.missing) console.log(`\nssh: skipped, ${ssh.missing}`);
  const spawn = await bareSpawn(house);
  const others = ssh.missing ? [spawn] : [ssh, spawn];
  const results = [];
  try {
    await place.startNode("lab");
    // By a shell, as ssh does it, one session for each caller: what ssh is given, `true`, which a shell carries out by
    // itself; and beside that a program, which ssh is spared.
    const inSession = (command) => (slot) => ({ command, session: `caller-${slot}` });
    const bodies = {
      "true by session": inSession("true"),
      "/bin/true by session": inSession("/bin/true"),
      "/bin/true by argv": () => ({ argv: ["/bin/true"] }),
    };
    const ours = Object.entries(bodies).map(([name, bodyOf]) =>
      yardExec(place, { name, node: "lab", bodyOf }),
    );
    for (const inFlight of [8, 32]) {
      const options = { rounds, inFlight, warmUpMs, durationMs };
      const medians = await alternate([...ours, ...others], options);
      printLoad({ title: `commands on a node, ${inFlight} in flight` }, medians);
      for (const { name } of ours) results.push(verdictOf(name, inFlight, medians));
    }
  } finally {
    for (const each of others) await each.close();
    await place.close();
  }
  return results;
}

function verdictOf(name, inFlight, { [name]: ours, ssh, "bare spawn": spawn }) {
  const title = `calls of ${name}, ${inFlight} in flight`;
  const beside = `bare spawn ${amount(spawn.ratePerSecond)}/s`;
  if (ssh === undefined)
    return {
      title,
      value: ours.ratePerSecond,
      unit: "/s",
      detail: `no sshd to compare; ${beside}`,
    };
  return {
    title,
    value: ours.ratePerSecond / ssh.ratePerSecond,
    unit: "× ssh",
    atLeast: LEAST_TIMES_SSH,
    detail: `${amount(ours.ratePerSecond)}/s; ssh ${amount(ssh.ratePerSecond)}/s; ${beside}`,
  };
}
