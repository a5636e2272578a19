/**
 * Every named point of the engine, with who is killed there and after how many times of passing it. Workers do not
 * recover others' work: those points are the owner's.
 */
const OWNER_ONLY = [
  "timers.found",
  "stop.committed",
  "recovery.ended_sessions",
  "recovery.found_lost",
  "recovery.posted_lost",
];
/** Passed many times a second, or seldom: how often it is passed before the kill. */
const PASSES = {
  "flush.before": 20,
  "flush.after": 20,
  "advance.committed": 20,
  "worker.accepted": 10,
  "worker.carried_out": 10,
  "worker.posted": 10,
  "session.renewed": 1,
  "timers.found": 3,
};

/** Each point once; `everywhere`: in the owner and in a worker where workers pass it, just after their start. */
export function pointKills(points, { random, everywhere }) {
  return points.flatMap((point) => {
    const most = PASSES[point] ?? 1;
    const kill = (victim) => ({
      kind: "point",
      victim,
      point,
      nth: random.between(1, most),
      fresh: everywhere === true,
    });
    if (OWNER_ONLY.includes(point)) return [kill("owner")];
    return everywhere ? [kill("owner"), kill("worker")] : [kill(random.pick(["owner", "worker"]))];
  });
}

const VICTIMS = [
  "owner",
  "worker",
  "worker",
  "owner+worker",
  "postmaster",
  "backend",
  "spawner",
  "spawner",
];

/** Each victim once, as far as `count` goes, then by chance. */
export function randomKills(count, random) {
  const first = new Set(Array.from({ length: 50 }, () => random.pick(VICTIMS)));
  return Array.from({ length: count }, (_, i) => ({
    kind: "random",
    victim: [...first][i] ?? random.pick(VICTIMS),
    afterMs: random.between(200, 900),
  }));
}

/** Where a worker holds work that others take over while it stands still: it must not go on with it afterwards. */
const FROZEN_AT = [
  "claim.leased",
  "flush.after",
  "worker.accepted",
  "worker.carried_out",
  "flush.before",
];

export function freezes(random) {
  return FROZEN_AT.map((point) => ({
    kind: "freeze",
    victim: "worker",
    point,
    nth: random.between(1, PASSES[point] ?? 3),
  }));
}
