import { createHmac } from "node:crypto";
import type { PostEvent } from "@yardmaster/sdk";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser, TOO_WIDE } from "./browser.ts";
import { setUpPages } from "./pages.ts";

/** One that asks for two things, one that takes all, one that can break, and one to be paused. */
const SHOP = {
  "pack.yaml": "pack: shop\nversion: 1.0.0\n",
  "rules/large.yaml":
    "rule: shop.large\ndescription: Large orders.\non: shop.order\n" +
    'if: event.data.total > 100 && event.data.country == "NL"\nrun: core.echo\nwith: { total: "${{ event.data.total }}" }\n',
  "rules/any.yaml":
    'rule: shop.any\non: paged.*\nrun: core.echo\nwith: { type: "${{ event.type }}" }\n',
  "rules/voucher.yaml":
    'rule: shop.voucher\non: shop.voucher\nrun: core.echo\nwith: { code: "${{ event.data.code }}" }\n',
  "rules/return.yaml": "rule: shop.return\non: shop.back\nif: event.data.n > 1\nrun: core.echo\n",
};

describe.skipIf(!hasBrowser())("the page, in a browser, with events and rules,", () => {
  const pages = setUpPages({ shop: SHOP });
  const { visit, signIn } = pages;

  const send = async (event: PostEvent): Promise<string> =>
    (await pages.server.client.events.send(event)).id;
  const large = (subject: string, more: object = {}): Promise<string> =>
    send({ type: "shop.order", subject, data: { total: 200, country: "NL", ...more } });
  const eventRow = (page: Page, id: string) => page.locator(`a[href="/events/${id}"]`);
  const ruleRow = (page: Page, ref: string) => page.locator(`a[href="/rules/${ref}"]`);
  const isSectionCurrent = (page: Page, name: string) =>
    page
      .getByRole("navigation", { name: "Sections" })
      .locator("[aria-current=page]", { hasText: name })
      .waitFor();

  test("leads between the sections by keyboard, and says in which one is", async () => {
    const id = await large("of the way");
    const page = await visit("/");
    await signIn(page);
    await isSectionCurrent(page, "Runs");
    const sections = page.getByRole("navigation", { name: "Sections" });
    await sections.getByRole("link", { name: "Runs" }).focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Events" }).waitFor();
    await isSectionCurrent(page, "Events");
    await eventRow(page, id).press("Enter");
    await page.getByRole("heading", { name: "shop.order" }).waitFor();
    await isSectionCurrent(page, "Events");
    await page.goBack();
    await page.locator(`a[href="/events/${id}"]:focus-visible`).waitFor();
    await sections.getByRole("link", { name: "Rules" }).click();
    await page.getByRole("heading", { name: "Rules" }).waitFor();
    await expect.poll(() => sections.locator("[aria-current=page]").count()).toBe(1);
  });

  test("lists events as they come, by what became of them, and filters them as the address says", async () => {
    const page = await visit("/events?source=live");
    await signIn(page);
    await page.getByText("No event fits the filter").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const source = "live";
    const first = await send({ type: "shop.order", source, data: { total: 5, country: "NL" } });
    await eventRow(page, first).getByText("Not matched").waitFor();
    const broken = await send({ type: "shop.voucher", source, data: {} });
    await eventRow(page, broken).getByText("Error").waitFor();
    const unheard = await send({ type: "weather.storm", source });
    await eventRow(page, unheard).getByText("Unheard").waitFor();
    await page.getByRole("link", { name: "Error", exact: true }).click();
    const outcomes = page.getByRole("navigation", { name: "Filter by outcome" });
    await outcomes.locator("[aria-current]", { hasText: "Error" }).waitFor();
    await expect.poll(() => outcomes.locator("[aria-current]").count()).toBe(1);
    await eventRow(page, first).waitFor({ state: "detached" });
    await eventRow(page, broken).waitFor();
    await page.getByRole("link", { name: "All", exact: true }).click();
    await page.getByLabel("Filter by type").fill("shop.*");
    await page.getByLabel("Filter by type").press("Enter");
    await eventRow(page, unheard).waitFor({ state: "detached" });
    await eventRow(page, broken).waitFor();
    await page.reload();
    await eventRow(page, first).waitFor();
    expect(await page.getByLabel("Filter by type").inputValue()).toBe("shop.*");
    await page.getByRole("button", { name: "More filters" }).click();
    await page.getByLabel("Until").fill("2020-01-01T00:00:00");
    await page.getByLabel("Until").press("Enter");
    await page.getByText("No event fits the filter").waitFor();
    await page.getByRole("button", { name: "Last hour" }).click();
    await eventRow(page, first).waitFor();
  });

  test("goes on to older events page by page, without their data, a gap or a double", async () => {
    const text = "x".repeat(10_000);
    const ids: string[] = [];
    for (let n = 0; n < 60; n++) ids.unshift(await send({ type: `paged.n${n}`, data: { text } }));
    const page = await visit("/events?type=paged.*");
    const list = page.waitForResponse((response) => /\/v1\/events\?/.test(response.url()));
    await signIn(page);
    const shown = async () => {
      const links = await page.getByRole("listitem").getByRole("link").all();
      return await Promise.all(links.map((link) => link.getAttribute("href")));
    };
    await eventRow(page, ids[0] as string).waitFor();
    expect((await (await list).body()).length).toBeLessThan(ids.length * text.length * 0.1);
    const newest = await shown();
    await page.getByRole("link", { name: "Older events" }).press("Enter");
    await eventRow(page, ids[59] as string).waitFor();
    expect([...newest, ...(await shown())]).toEqual(ids.map((id) => `/events/${id}`));
    await page.getByRole("link", { name: "Newest events" }).click();
    await eventRow(page, ids[0] as string).waitFor();
  });

  test("says of an event which clause of a rule did not hold, and leads to the run that another started", async () => {
    const id = await large("of the clause", { country: "DE" });
    const page = await visit(`/events/${id}`);
    await signIn(page);
    const decisions = page.getByRole("region", { name: "Decisions" });
    await decisions.getByText('event.data.country == "NL"').waitFor();
    await decisions.getByText("did not hold").waitFor();
    await page.getByRole("region", { name: "Data" }).getByText('"DE"').waitFor();
    await page.getByRole("region", { name: "Delivery" }).getByText("token:admin").waitFor();
    await page.getByRole("region", { name: "Why" }).getByText("1 not matched").waitFor();
    const matched = await large("of the run");
    await page.goto(`${pages.server.url}/events/${matched}`);
    await decisions.getByText("Success").waitFor();
    await decisions.getByRole("link", { name: "A run of core.echo" }).click();
    const details = page.getByRole("region", { name: "Details" });
    await details.getByRole("link", { name: "shop.large" }).waitFor();
    await details.getByRole("link", { name: matched }).click();
    await page.getByRole("heading", { name: "shop.order" }).waitFor();
  });

  test("tells what judging an event again would do, does it once, and shows what came of it", async () => {
    const id = await large("of the replay");
    const page = await visit(`/events/${id}`);
    await signIn(page);
    await page.getByRole("button", { name: "Judge again" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("It would start core.echo with").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect((await pages.server.client.events.get(id)).decisions).toHaveLength(1);
    await page.getByRole("button", { name: "Judge again" }).click();
    await dialog.getByRole("button", { name: "Judge again" }).click();
    await dialog.waitFor({ state: "detached" });
    const replay = page.getByRole("list", { name: "Replay 1" });
    await replay.getByText("Success").waitFor();
    await page.getByRole("list", { name: "As it arrived" }).getByText("Success").waitFor();
    const { decisions } = await pages.server.client.events.get(id);
    expect(decisions.map(({ replay }) => replay).sort()).toEqual([0, 1]);
  });

  test("shows that an event is held while its rule is paused, and judges it after the rule is resumed", async () => {
    const page = await visit("/rules");
    await signIn(page);
    await ruleRow(page, "shop.return").click();
    await page.getByRole("button", { name: "Pause rule" }).click();
    await page.getByText(/It was paused .* by token:admin/).waitFor();
    const id = await send({ type: "shop.back", data: { n: 2 } });
    const decisions = page.getByRole("region", { name: "Decisions" });
    await decisions.getByText(/the rule is paused since/).waitFor();
    await decisions.getByRole("link", { name: "Its event" }).click();
    await page.getByRole("status").getByText("Held").waitFor();
    await page.getByRole("link", { name: "shop.return", exact: true }).first().click();
    await page.getByRole("button", { name: "Resume rule" }).click();
    await page.getByRole("status").getByText("Active").waitFor();
    await page.goto(`${pages.server.url}/events/${id}`);
    await page.getByRole("button", { name: "Judge again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Judge again" }).click();
    await page.getByRole("status").getByText("Matched").waitFor();
  });

  test("lists rules with what they listen on and when they matched, and finds them by words", async () => {
    await large("of the list");
    const page = await visit("/rules");
    await signIn(page);
    await ruleRow(page, "shop.large").getByText("shop.order").waitFor();
    await ruleRow(page, "shop.large").getByText("Large orders.").waitFor();
    await ruleRow(page, "shop.large")
      .getByText(/^matched/)
      .waitFor();
    await page.getByLabel(/^Filter by name/).fill("large");
    await page.getByLabel(/^Filter by name/).press("Enter");
    await ruleRow(page, "shop.any").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Off", exact: true }).click();
    await page.getByText("No rule fits the filter").waitFor();
    await page.getByRole("link", { name: "Show all rules" }).click();
    await ruleRow(page, "examples.on-assign").waitFor();
  });

  test("shows the text of a rule, and of its decisions those with an outcome", async () => {
    const held = await large("of the filter", { country: "DE" });
    await large("of the filter too");
    const page = await visit("/rules/shop.large");
    await signIn(page);
    const definition = page.getByRole("region", { name: "Definition" });
    await definition.getByText("rule: shop.large").waitFor();
    const decisions = page.getByRole("region", { name: "Decisions" });
    await decisions.getByRole("link", { name: /^run / }).first().waitFor();
    await decisions.getByRole("link", { name: "Not matched" }).click();
    await decisions.getByRole("link", { name: /^run / }).first().waitFor({ state: "detached" });
    await decisions.locator(`a[href="/events/${held}"]`).waitFor();
    await page
      .getByRole("region", { name: "Why" })
      .getByText(/It matched in \d+ of/)
      .waitFor();
  });

  test("tries a rule on an event, clause by clause, and starts nothing", async () => {
    await large("before the trial");
    const id = await large("of the trial", { total: 7 });
    const page = await visit(`/events/${id}`);
    await signIn(page);
    await page.getByRole("link", { name: "Clause by clause" }).click();
    const trial = page.getByRole("region", { name: "Try it" });
    const clauses = trial.getByRole("list", { name: "Clauses" });
    await clauses.getByText("event.data.total = 7").waitFor();
    expect(await clauses.getByRole("listitem").allInnerTexts()).toEqual([
      expect.stringContaining("does not hold"),
      expect.stringMatching(/"NL" holds/),
    ]);
    await trial.getByRole("button", { name: "On the events of a time" }).click();
    const decisions = page.getByRole("region", { name: "Decisions" });
    await decisions.getByRole("link", { name: "Try on it" }).nth(1).click();
    await clauses.waitFor();
    const other = await large("of the other trial");
    await trial.getByLabel("Event").fill(other);
    const before = await pages.server.client.runs.page({ event: other });
    await trial.getByRole("button", { name: "Try" }).click();
    const run = trial.getByRole("region", { name: "What it would start" });
    await run.getByText("200").waitFor();
    expect(await pages.server.client.runs.page({ event: other })).toEqual(before);
    await trial.getByLabel("Event").fill("yesterday");
    await trial.getByRole("button", { name: "Try" }).click();
    await trial.getByText(/event_id/).waitFor();
  });

  test("tries a rule on the events since a time, and counts what stood against it", async () => {
    await large("of the time", { country: "FR" });
    await large("of the time too");
    const page = await visit("/rules/shop.large");
    await signIn(page);
    const trial = page.getByRole("region", { name: "Try it" });
    await trial.getByRole("button", { name: "On the events of a time" }).click();
    await trial.getByRole("button", { name: "Try" }).click();
    await trial.getByText(/^\d+ events: [1-9]\d* matched, [1-9]\d* not/).waitFor();
    const against = trial.getByRole("list", { name: "What did not hold" });
    await against.getByText('event.data.country == "NL"').waitFor();
    const started = trial.getByRole("list", { name: "What it would have started" });
    await started.getByText("of the time too").waitFor();
  });

  test("lists what was delivered, with what was refused and what came again", async () => {
    const again = { type: "shop.order", id: "same", source: "deliveries", data: {} };
    const id = await send(again);
    await send(again);
    const page = await visit("/events");
    await signIn(page);
    await page.getByRole("link", { name: "Deliveries" }).click();
    await page.getByLabel("Filter by source").fill("deliveries");
    await page.getByLabel("Filter by source").press("Enter");
    await page.getByText(/^repeats delivery/).waitFor();
    await expect.poll(() => page.getByRole("listitem").count()).toBe(2);
    await page.getByRole("link", { name: "Its event" }).click();
    await page.getByRole("region", { name: "Delivery" }).getByText("once, not judged").waitFor();
    expect(page.url()).toBe(`${pages.server.url}/events/${id}`);
    const secret = "of-the-source-of-this-test";
    await pages.server.client.sources.create({ name: "hub", kind: "github", secret });
    const signature = `sha256=${createHmac("sha256", secret).update("{}").digest("hex")}`;
    // Signed well, and of no type.
    const headers = { "x-hub-signature-256": signature, "content-type": "application/json" };
    const refused = await fetch(`${pages.server.url}/webhook/hub`, {
      ...{ method: "POST", headers, body: "{}" },
    });
    expect(refused.status).toBe(400);
    await page.goto(`${pages.server.url}/deliveries`);
    await page.getByRole("link", { name: "Refused" }).click();
    await page
      .getByRole("listitem")
      .getByText(/X-GitHub-Event/i)
      .waitFor();
    await expect.poll(() => page.getByRole("listitem").count()).toBe(1);
  });

  test("says which scope a token lacks, in the place of what it may not read or do", async () => {
    const id = await large("of the scopes");
    const { tokens } = pages.server.client;
    const few = await tokens.create({ name: "runs-alone", scopes: ["runs:read"] });
    const page = await visit("/events");
    await signIn(page, few.token);
    await page
      .getByText("This token may not read events: it needs the scope events:read")
      .waitFor();
    await page.getByRole("link", { name: "Rules" }).click();
    await page.getByText("This token may not read rules: it needs the scope packs:read").waitFor();
    const reader = await tokens.create({
      name: "reader",
      scopes: ["runs:read", "events:read", "packs:read"],
    });
    const other = await visit(`/events/${id}`);
    await signIn(other, reader.token);
    await other.getByRole("button", { name: "Judge again" }).click();
    await other.getByRole("dialog").getByText("it needs the scope events:write").waitFor();
    await other.getByRole("button", { name: "Leave it" }).click();
    await other.goto(`${pages.server.url}/rules/shop.large`);
    await other.getByRole("button", { name: "Pause rule" }).click();
    await other
      .getByText("This token may not switch rules: it needs the scope packs:write")
      .waitFor();
    expect((await pages.server.client.rules.get("shop.large")).status).toBe("active");
  });

  test("says what to do where nothing is there yet, by its command", async () => {
    const page = await visit("/events");
    for (const list of ["events", "rules", "deliveries"])
      await page.route(new RegExp(`/v1/${list}(\\?|$)`), (route) => route.fulfill({ json: [] }));
    await signIn(page);
    await page.getByText("yard events send --type shop.order").waitFor();
    await page.getByRole("link", { name: "Deliveries" }).click();
    await page.getByText("yard sources").waitFor();
    await page.getByRole("link", { name: "Rules" }).click();
    await page.getByText("yard pack init packs/mine").waitFor();
  });

  test("says that there is no such event and no such rule, and leads back", async () => {
    const page = await visit("/events/0197a1b2-0000-7000-8000-000000000001");
    await signIn(page);
    await page.getByRole("heading", { name: "There is no such event" }).waitFor();
    await page.getByRole("link", { name: "Show all events" }).click();
    await page.getByRole("heading", { name: "Events" }).waitFor();
    await page.goto(`${pages.server.url}/rules/shop.larg`);
    await page.getByText("Did you mean shop.large?").waitFor();
    await page.getByRole("link", { name: "Show all rules" }).click();
    await ruleRow(page, "shop.large").waitFor();
  });

  test("fits a phone, in the dark", async () => {
    const id = await large(
      "of-a-subject-that-is-far-longer-than-a-phone-is-wide-and-has-no-spaces",
    );
    const page = await visit("/events", { width: 375 });
    await page.emulateMedia({ colorScheme: "dark" });
    await signIn(page);
    await eventRow(page, id).waitFor();
    await page.getByRole("button", { name: "More filters" }).click();
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    for (const [path, region] of [
      [`/events/${id}`, "Delivery"],
      [`/rules/shop.large?event=${id}`, "What it would start"],
    ] as const) {
      await page.goto(pages.server.url + path);
      await page.getByRole("region", { name: region }).waitFor();
      expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    }
    for (const path of ["/rules", "/deliveries"]) {
      await page.goto(pages.server.url + path);
      await page.getByRole("listitem").first().waitFor();
      expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    }
  });
});
