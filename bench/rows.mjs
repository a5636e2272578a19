// A million finished runs of `bench.three` with all that the engine keeps of each: what an
// installation looks like after some weeks. Shapes and sizes are those of real runs.
import { connect } from "./postgres.mjs";

const BATCH_RUNS = 50_000;
const STEPS = "(VALUES (1, 'first'), (2, 'second'), (3, 'third')) AS step(number, slot)";

/** Runs from the past 20 days; ids in the order of time, as real ones are. */
const RUNS = `
INSERT INTO run_history (id, version, ref, input, created_at, created_by, status, output, finished_at)
SELECT uuidv7(at - clock_timestamp()), 3, 'bench.three', '{"n":1}', at, 'token:admin', 'success',
       '{"n":1}', at + interval '5 ms'
FROM generate_series($1::int, $2::int - 1) AS n,
     LATERAL (SELECT now() - interval '20 days' * (1 - n::float8 / $3::int) AS at) AS moment
ORDER BY n
RETURNING id`;

/** Three advances a run, each with the end of an attempt: its birth has the first. */
const JOURNAL = `
INSERT INTO journal (run_id, version, op_id, events, decisions, at)
SELECT id, number, uuidv7(),
       json_build_array(json_build_object('type', 'attempt_ended', 'slot', slot, 'number', 1,
         'startedAt', 1760000000000, 'at', 1760000000000, 'worker', id, 'random', 0.5,
         'status', 'success', 'output', json_build_object('n', 1))),
       '["dispatch second/1 +0 5d6c8a3f"]'::json, finished_at
FROM unnest($1::uuid[]) AS id JOIN run_history USING (id) CROSS JOIN ${STEPS}`;

/** A flush of ten runs is one row of the feed. */
const CHANGES = `
INSERT INTO changes (items)
SELECT json_agg(json_build_object('type', 'run.finished', 'id', id, 'status', 'success'))
FROM unnest($1::uuid[]) WITH ORDINALITY AS run(id, n) GROUP BY n / 10`;

async function fillBatch(client, { from, to, rows }) {
  await client.query("BEGIN");
  const { rows: made } = await client.query(RUNS, [from, to, rows]);
  const ids = [made.map(({ id }) => id)];
  for (const statement of [JOURNAL, CHANGES]) await client.query(statement, ids);
  await client.query("COMMIT");
}

/** Fills the migrated database at `url` and leaves it vacuumed; returns how many runs there are. */
export async function fillRows(url, rows) {
  const client = await connect(url);
  try {
    await client.query("SET synchronous_commit = off");
    for (let from = 0; from < rows; from += BATCH_RUNS) {
      await fillBatch(client, { from, to: Math.min(from + BATCH_RUNS, rows), rows });
    }
    await client.query("VACUUM (ANALYZE)");
    await client.query("CHECKPOINT");
    const { rows: counted } = await client.query("SELECT count(*)::int AS runs FROM run_history");
    return counted[0].runs;
  } finally {
    await client.end();
  }
}
