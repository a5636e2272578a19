/** What a client tells its model of this server before anything is asked. */
export const INSTRUCTIONS = `Yardmaster runs work durably: actions and workflows become runs, which survive restarts and can wait for days.
To do something: list_workflows or list_actions, get_workflow or get_action for its input, then start_run. A run that has not ended when start_run answers goes on; get_run with wait_seconds waits for it. Do not start it again.
When something failed or does not move: explain says why and what would help, get_run_logs what was written, retry_run goes on from where it failed.
What happens by itself: list_tasks (schedules), list_rules (what events start), list_events.
Ids are UUIDs, times RFC 3339 in UTC, durations texts such as 1h30m. Lists are pages: call again with cursor set to next_cursor.`;
