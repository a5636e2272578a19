import { Link } from "@tanstack/react-router";
import type { Pack, Rule, Sensor, Task } from "@yardmaster/protocol";
import { RuleLink } from "../decisions/rule-link.tsx";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import type { Part } from "../live/read-part.ts";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { scheduleWords, taskName } from "../tasks/task-words.ts";
import { Age } from "../time/moments.tsx";

const RULE_WORDS = { active: "", paused: "paused", off: "off in its file" } as const;

/** The rules of a pack: on which events each starts what. */
export function RulesCard({ rules: { data, error } }: { readonly rules: Part<Rule[]> }) {
  if (data?.length === 0) return null;
  return (
    <Card title="Rules">
      {data === undefined && <NotRead error={error} to="read rules" />}
      <ul className="divide-y divide-line">
        {data?.map((rule) => (
          <li key={rule.rule} className="px-4 py-2 wrap-anywhere">
            <RuleLink rule={rule.rule} />{" "}
            {rule.status !== "active" && (
              <span className="text-warn">{RULE_WORDS[rule.status]}</span>
            )}
            <span className="block text-muted">
              on {rule.on}, starts {rule.run}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The tasks of a pack, each a way to its page. */
export function TasksCard({ tasks: { data, error } }: { readonly tasks: Part<Task[]> }) {
  if (data?.length === 0) return null;
  return (
    <Card title="Tasks">
      {data === undefined && <NotRead error={error} to="read tasks" />}
      <ul className="divide-y divide-line">
        {data?.map((task) => (
          <li key={task.id}>
            <Link
              to="/tasks/$task"
              params={{ task: taskName(task) }}
              className="block px-4 py-2 wrap-anywhere hover:bg-hover focus-visible:-outline-offset-2"
            >
              <span className="font-medium">{task.title}</span>
              <span className="block text-muted">
                {scheduleWords(task)}
                {task.status !== "active" && `, ${task.status}`}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The sensors of a pack: whether each runs, and why not. */
export function SensorsCard({ sensors: { data, error } }: { readonly sensors: Part<Sensor[]> }) {
  if (data?.length === 0) return null;
  return (
    <Card title="Sensors">
      {data === undefined && <NotRead error={error} to="read sensors" />}
      <ul className="divide-y divide-line">
        {data?.map((sensor) => (
          <li key={sensor.ref} className="space-y-1 px-4 py-2 wrap-anywhere">
            <span className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{sensor.ref}</span>
              <Badge look={HOUSE_LOOKS[sensor.status]} />
            </span>
            <span className="block text-muted">
              {sensor.reason} · {sensor.stored.toLocaleString()} events
              {sensor.last_event_at !== null && (
                <>
                  , the last <Age at={sensor.last_event_at} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The queues of a pack, each a way to its page. */
export function QueuesCard({ queues }: Pick<Pack, "queues">) {
  if (queues.length === 0) return null;
  return (
    <Card title="Queues">
      <ul className="px-4 py-3">
        {queues.map((name) => (
          <li key={name}>
            <Link to="/queues/$name" params={{ name }} className="text-accent underline">
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function NotRead({ error, to }: { readonly error: unknown; readonly to: string }) {
  return (
    <div className="p-4">
      <Failure error={error} to={to} />
    </div>
  );
}
