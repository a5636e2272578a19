// Rows in bulk: one run that the product itself has carried out or enqueued, multiplied with all that
// the engine keeps of it. So their shapes and sizes are those of real runs, whatever the engine keeps.
import { connect } from "./postgres.mjs";

const BATCH_RUNS = 50_000;

const COLUMNS = `
SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum`;

/** The ids of a batch, in the order of time as real ones are: over so many days up to now. */
const FRESH = `
INSERT INTO fresh SELECT n, uuidv7(at - clock_timestamp()), at
FROM generate_series($1::int, $2::int - 1) AS n,
     LATERAL (SELECT now() - $4::float8 * interval '1 day' * (1 - n::float8 / $3::int) AS at) AS moment`;

/** A flush of ten runs is one row of the feed. */
const CHANGES = `
INSERT INTO changes (items)
SELECT ('[' || string_agg(replace(said, $1, fresh.id::text), ',') || ']')::json
FROM fresh, (SELECT string_agg(item::text, ',') AS said
             FROM changes, json_array_elements(items) AS item WHERE item ->> 'id' = $1) AS told
GROUP BY n / 10`;

/** The statement that multiplies a run's rows of one table; what names the run names its copy. */
async function copyOf(client, template, { table, id, ...moved }) {
  const { rows: columns } = await client.query(COLUMNS, [table]);
  const values = columns.map(({ name, type }) => {
    if (name === id) return "fresh.id";
    if (name in moved) return moved[name];
    return type === "json"
      ? `replace(t.${name}::text, '${template}', fresh.id::text)::json`
      : `t.${name}`;
  });
  return `INSERT INTO ${table} (${columns.map(({ name }) => name)}) SELECT ${values}
          FROM fresh CROSS JOIN ${table} t WHERE t.${id} = '${template}' ORDER BY fresh.n`;
}

const JOURNAL = { table: "journal", id: "run_id", op_id: "gen_random_uuid()", at: "fresh.at" };
const FINISHED = [
  {
    table: "run_history",
    id: "id",
    created_at: "fresh.at",
    finished_at: "fresh.at + (t.finished_at - t.created_at)",
  },
  JOURNAL,
];
const WAITING = [
  { table: "runs", id: "id", created_at: "fresh.at" },
  JOURNAL,
  { table: "dispatch", id: "run_id" },
];

async function multiply(url, template, rows, { tables, days }) {
  const client = await connect(url);
  try {
    await client.query("SET synchronous_commit = off");
    await client.query("CREATE TEMP TABLE fresh (n int, id uuid, at timestamptz)");
    const copies = [];
    for (const table of tables) copies.push(await copyOf(client, template, table));
    for (let from = 0; from < rows; from += BATCH_RUNS) {
      await client.query("BEGIN");
      await client.query("TRUNCATE fresh");
      await client.query(FRESH, [from, Math.min(from + BATCH_RUNS, rows), rows, days]);
      for (const copy of copies) await client.query(copy);
      await client.query(CHANGES, [template]);
      await client.query("COMMIT");
    }
    await client.query("VACUUM (ANALYZE)");
    await client.query("CHECKPOINT");
  } finally {
    await client.end();
  }
}

/** What an installation looks like after some weeks: `rows` more runs like this finished one. */
export function multiplyFinished(url, template, rows) {
  return multiply(url, template, rows, { tables: FINISHED, days: 20 });
}

/** A backlog: `rows` more runs like this one, whose first attempt waits for a worker. */
export function multiplyWaiting(url, template, rows) {
  return multiply(url, template, rows, { tables: WAITING, days: 0.01 });
}
