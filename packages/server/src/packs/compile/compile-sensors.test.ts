import { expect, test } from "vitest";
import { compile, good, problemsOf } from "./compile.fixture.ts";

type Files = { readonly [path: string]: string };

const EVENTS = "events:\n  hot: { room: string!, celsius: number! }\n  beat: {}\n";

/** What is wrong with the sensor, and with the other files. */
function wrong(text: string, files: Files = {}): string[] {
  return problemsOf({ "run.py": "", "sensors/s.yaml": `sensor: p.s\n${text}`, ...files });
}

const rule = (text: string): Files => ({ "rules/r.yaml": `rule: p.r\n${text}` });

test("a sensor starts a process, is given its config, and declares what it sends", () => {
  const { sensors } = good({
    "run.py": "",
    "sensors/s.yaml": `sensor: p.s\ndescription: Reads.\nentry: run.py\nargs: [-v]\nenv: { A: b }\ncwd: work\nconfig: { every: 10s, rooms: [a] }\n${EVENTS}`,
  });
  expect(sensors).toMatchObject([
    {
      ref: "p.s",
      description: "Reads.",
      process: { kind: "process", entry: "run.py", args: ["-v"], env: { A: "b" }, cwd: "work" },
      config: { every: "10s", rooms: ["a"] },
    },
  ]);
  const [sensor] = sensors;
  expect([...(sensor?.events.keys() ?? [])]).toEqual(["p.hot", "p.beat"]);
  const hot = sensor?.events.get("p.hot");
  expect(hot?.validate({ room: "a", celsius: 41, more: true }).ok).toBe(true);
  expect(hot?.validate({ room: "a" }).ok).toBe(false);
});

test("what a rule reads of an event of its pack's sensor is checked against what that declares", () => {
  const sensor = { "run.py": "", "sensors/s.yaml": `sensor: p.s\nentry: run.py\n${EVENTS}` };
  const of = (text: string) => problemsOf({ ...sensor, ...rule(text) });
  const listens = "on: p.hot\nrun: core.log\n";
  expect(
    of(
      `${listens}if: event.data.celsius > 40 && event.data.room != "x"\nwith: { text: "\${{ event.data.room }}" }`,
    ),
  ).toEqual([]);
  expect(of(`${listens}if: event.data.celcius > 40\nwith: { text: x }`)).toEqual([
    "rules/r.yaml:4:16: event.data has no field celcius (did you mean celsius?)",
  ]);
  expect(of(`${listens}if: event.data.room > 40\nwith: { text: x }`)).toHaveLength(1);
  expect(of(`${listens}with: { text: "\${{ event.data.rooms }}" }`)).toHaveLength(1);
  // Of what is not declared anything may come, and of several types nothing is known.
  expect(of('on: p.beat\nrun: core.noop\nif: event.data.x == "1"')).toEqual([]);
  expect(of('on: p.*\nrun: core.noop\nif: event.data.x == "1"')).toEqual([]);
  expect(of('on: other.hot\nrun: core.noop\nif: event.data.x == "1"')).toEqual([]);
});

test("what is wrong with a sensor is told with its place and a way out", () => {
  expect(wrong("entry: run.py\n")).toEqual([
    'sensors/s.yaml:1:1: a sensor needs "events" (write events: { NAME: { field: string! } }, of each type what its data is)',
  ]);
  expect(wrong(EVENTS)).toEqual([
    'sensors/s.yaml:1:1: a sensor needs "entry", "command" or "script"',
  ]);
  expect(wrong(`entry: runn.py\n${EVENTS}`)).toEqual([
    'sensors/s.yaml:2:8: the pack has no file "runn.py" (did you mean "run.py"?)',
  ]);
  expect(wrong(`command: python run.py\n${EVENTS}`)).toHaveLength(1);
  expect(wrong(`entry: run.py\nconfig: [1]\n${EVENTS}`)).toEqual([
    "sensors/s.yaml:3:9: config must be a map, not a list (write config: { every: 10s })",
  ]);
  expect(wrong(`entry: run.py\nconfig: { a: ["\${{ input.x }}"] }\n${EVENTS}`)).toEqual([
    "sensors/s.yaml:3:16: config takes no expressions (a sensor is given its config as it stands here)",
  ]);
  expect(wrong(`entry: run.py\nargs: ["\${{ input.x }}"]\n${EVENTS}`)).toEqual([
    "sensors/s.yaml:3:9: args takes no expressions (config arrives as JSON in the first line of stdin)",
  ]);
  expect(wrong("entry: run.py\nevents: {}\n")).toHaveLength(1);
  expect(wrong("entry: run.py\nevents: [hot]\n")).toHaveLength(1);
  expect(wrong("entry: run.py\nevents: { hot: { room: strin! } }\n")).toEqual([
    expect.stringMatching(/^sensors\/s\.yaml:3:24: hot\.room: .*string/),
  ]);
  expect(wrong("entry: run.py\nevents: { Hot: {} }\n")).toEqual([
    'sensors/s.yaml:3:11: "Hot" cannot be the name of an event (small letters, digits, - and _, beginning with a letter)',
  ]);
  expect(wrong("entry: run.py\nevents: { p.hot: {} }\n")).toEqual([
    'sensors/s.yaml:3:11: "p.hot" is named without its pack here (write hot: the type begins with the pack by itself)',
  ]);
  expect(wrong(`entry: run.py\ninput_as: file\n${EVENTS}`)).toEqual([
    expect.stringContaining('"input_as" is not known in a sensor'),
  ]);
  expect(wrong(`entry: run.py\nrunner: process\n${EVENTS}`)).toEqual([
    'sensors/s.yaml:3:1: "runner" is not known in a sensor (leave it out: a sensor is a process)',
  ]);
  expect(wrong(`entry: run.py\nenv: { YARD_SENSOR: x }\n${EVENTS}`)).toEqual([
    expect.stringContaining("env.YARD_SENSOR is set by Yardmaster itself"),
  ]);
});

test("a type has one sender, and is not one of a kind of sources", () => {
  const other = "sensor: p.other\nentry: run.py\nevents: { hot: {} }\n";
  expect(wrong(`entry: run.py\n${EVENTS}`, { "sensors/t.yaml": other })).toEqual([
    'sensors/t.yaml:3:11: another sensor of the pack sends "p.hot" already (a type has one sender: give it another name, or make one sensor of the two)',
  ]);
  const { problems } = compile({
    "pack.yaml": "pack: gitea\nversion: 1.0.0\n",
    "run.py": "",
    "sensors/s.yaml": "sensor: gitea.s\nentry: run.py\nevents: { push: {} }\n",
  });
  expect(problems).toMatchObject([{ file: "sensors/s.yaml", line: 3, column: 1 }]);
});

test("a sensor belongs into its folder, and to its pack", () => {
  const sensor = `sensor: p.s\nentry: run.py\n${EVENTS}`;
  expect(problemsOf({ "run.py": "", "actions/s.yaml": sensor })).toEqual([
    "actions/s.yaml:1:1: a sensor does not belong here (put it into the folder sensors)",
  ]);
  expect(problemsOf({ "run.py": "", "sensors/a/s.yaml": sensor })).toHaveLength(1);
  expect(problemsOf({ "run.py": "", "sensors.yaml": sensor })).toEqual([
    expect.stringContaining("this looks like a sensor"),
  ]);
  expect(problemsOf({ "run.py": "", "sensors/s.yaml": sensor.replace("p.s", "q.s") })).toEqual([
    'sensors/s.yaml:1:9: "q.s" does not belong to the pack "p" (did you mean "p.s"?)',
  ]);
});
