import { FINAL } from "./load.mjs";
import { until } from "./waiting.mjs";

/** Waits until no run is live any more, then reads everything that is known of every run. */
export async function readEnd(client, database, load) {
  const live = async () =>
    (await database.pool.query("SELECT count(*)::int AS count FROM runs")).rows[0].count;
  let stuck = [];
  await until("every run is final", async () => (await live()) === 0, { everyMs: 250 }).catch(
    async () => {
      const { rows } = await database.pool.query("SELECT id FROM runs LIMIT 20");
      stuck = await Promise.all(rows.map(({ id }) => client.get(`/v1/runs/${id}/explain`)));
    },
  );
  const records = await client.list("/v1/runs?limit=200");
  const known = [];
  for (const record of records) {
    const { id } = record;
    const [steps, verification] = await Promise.all([
      client.get(`/v1/runs/${id}/steps`),
      client.get(`/v1/runs/${id}/verify`),
    ]);
    const files = await filesOf(client, id);
    known.push({ id, record, steps, verification, files, acknowledged: load.runs.get(id) });
  }
  return {
    stuck: stuck.map((why) => `${why.id}: ${why.summary} ${why.chain.join(" ")}`),
    runs: new Map(known.map((run) => [run.id, run])),
    decisions: await client.list("/v1/decisions?limit=200"),
    left: await leftRows(database.pool),
    torn: await tornContents(database.pool),
    isFinal: (record) => FINAL.has(record.status),
  };
}

/** The files of a run; `found` is the checksum of what is given out. */
async function filesOf(client, id) {
  const files = await client.get(`/v1/runs/${id}/files`);
  return await Promise.all(
    files.map(async (file) => ({
      ...file,
      found: await client.sum(`/v1/runs/${id}/files/${file.sha256}`),
    })),
  );
}

/** Contents that a run has and that are not whole, and whole ones that none has. */
async function tornContents(pool) {
  const { rows } = await pool.query(
    `SELECT id FROM file_contents c
     WHERE (sha256 IS NOT NULL) <> EXISTS (SELECT FROM file_uses u WHERE u.content_id = c.id)
       OR bytes <> (SELECT coalesce(sum(length(piece)), 0) FROM file_pieces p WHERE p.content_id = c.id)`,
  );
  return rows.map(({ id }) => id);
}

async function leftRows(pool) {
  const { rows } = await pool.query(
    `SELECT (SELECT count(*)::int FROM dispatch) AS dispatch, (SELECT count(*)::int FROM timers) AS timers,
       (SELECT count(*)::int FROM leases) AS leases, (SELECT count(*)::int FROM children) AS children,
       (SELECT count(*)::int FROM queue_keys) AS queue_keys, (SELECT count(*)::int FROM runs) AS runs,
       (SELECT count(*)::int FROM inquiries WHERE status = 'open') AS inquiries`,
  );
  return rows[0];
}
