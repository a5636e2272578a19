import { OUTCOMES } from "./outcomes.mjs";

const INTRO = `# What may fail, and what happens then

<!-- Written by \`npm run test:crash -- --docs docs/reliability.md\`, from what the tests found. Do not edit. -->

Each fault befalls a real installation under load: runs of every kind, cancels, webhooks and a live stream, through a client that asks again when nobody answers. An outside ledger, written by the processes of the runs themselves, says afterwards what really ran.

`;

const LEGEND = `
"database" is the network between the server and PostgreSQL, "http" that between a client and the server. *cut* ends all connections, *reset* with RST; *delay* makes all that is sent late; *hold* keeps it until the fault is over; *mute* accepts connections and says nothing; *lose* drops what is sent to the target (up), from it (down) or both ways, and tells nobody.
`;

/** The page from a report in which every scenario ran. @throws where one is missing, or a check did not hold. */
export function renderPage(report) {
  const rows = OUTCOMES.map(({ fault, outcome, of }) => {
    const found = of(report);
    if (found.length === 0) throw new Error(`the report has no "${fault}"; run every scenario`);
    const worstMs = Math.max(...found.map(({ recoveredMs }) => recoveredMs));
    return `| ${fault} | ${outcome} | ${found.length} | ${(worstMs / 1_000).toFixed(1)} s |`;
  });
  const head =
    "| fault | what happens | times | at work again after, at most |\n| --- | --- | --- | --- |";
  const { seed, ...scenarios } = report;
  return `${INTRO}${head}\n${rows.join("\n")}\n${LEGEND}${checksOf(Object.entries(scenarios))}`;
}

function checksOf(scenarios) {
  const where = new Map();
  for (const [scenario, { checks }] of scenarios)
    for (const { name, violations } of checks) {
      if (violations.length > 0) throw new Error(`"${name}" did not hold in ${scenario}`);
      where.set(name, [...(where.get(name) ?? []), scenario]);
    }
  const rows = [...where].map(([name, all]) => `| ${name} | ${all.join(", ")} |`);
  return `\n## What held\n\n| check | in |\n| --- | --- |\n${rows.join("\n")}\n`;
}

/** What a page says of each fault; the figures are of one machine and one day, and no part of it. */
export function outcomesIn(page) {
  const table = page.slice(page.indexOf("| fault |"), page.indexOf('\n"database" is'));
  return table
    .split("\n")
    .slice(2)
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, 3)
        .map((cell) => cell.trim()),
    );
}
