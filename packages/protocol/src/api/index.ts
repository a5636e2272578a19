/**
 * What the HTTP API speaks. Lists are JSON arrays, times RFC 3339 in UTC, names snake_case.
 *
 *   POST   /v1/runs               StartRun -> 202 Run (Location), or 200 within `Prefer: wait=N`
 *   GET    /v1/runs               ListRuns -> Run[]
 *   GET    /v1/runs/{id}          Run
 *   GET    /v1/runs/{id}/steps    ListSteps -> Step[]
 *   GET    /v1/runs/{id}/logs     ReadLogs -> LogLine[], or JSON lines with `follow=true`
 *   GET    /v1/runs/{id}/explain  Explanation
 *   GET    /v1/runs/{id}/verify   Verification
 *   POST   /v1/runs/{id}/cancel   202 Run
 *   POST   /v1/tokens             CreateToken -> 201 CreatedToken
 *   GET    /v1/tokens             Token[]
 *   DELETE /v1/tokens/{id}        204
 *   POST   /v1/sources            CreateSource -> 201 Source
 *   GET    /v1/sources            Source[]
 *   GET    /v1/sources/{name}     Source
 *   DELETE /v1/sources/{name}     204
 *   POST   /v1/sources/{name}/rotate  RotateSource -> Source
 *   POST   /v1/trackers           CreateTracker -> 201 Tracker
 *   GET    /v1/trackers           Tracker[]
 *   GET    /v1/trackers/{name}    Tracker
 *   PATCH  /v1/trackers/{name}    ChangeTracker -> Tracker
 *   DELETE /v1/trackers/{name}    204
 *   POST   /v1/trackers/{name}/check  TrackerCheckup
 *   POST   /v1/trackers/{name}/poll   202 Tracker
 *   POST   /v1/trackers/{name}/pause, /resume  Tracker
 *   GET    /v1/work-orders        WorkOrder[]
 *   GET    /v1/work-orders/{tracker}  WorkOrder
 *   PUT    /v1/work-orders/{tracker}  PutWorkOrder -> WorkOrder
 *   DELETE /v1/work-orders/{tracker}  204
 *   GET    /v1/work-items         ListWorkItems -> WorkItem[]
 *   GET    /v1/work-items/{id}    WorkItemDetail
 *   PATCH  /v1/work-items/{id}    ChangeWorkItem -> WorkItem
 *   GET    /v1/work-items/{id}/explain  Explanation
 *   POST   /v1/work-items/{id}/retry, /cancel  WorkItem
 *   POST   /v1/events             PostEvent -> 200 AcceptedEvent
 *   GET    /v1/events             ListEvents -> ListedEvent[]
 *   GET    /v1/events/{id}        EventDetail
 *   POST   /v1/events/{id}/replay ReplayEvent -> Replayed
 *   POST   /v1/events/replay      ReplayEvents -> ReplayReport
 *   GET    /v1/deliveries         ListDeliveries -> DeliveryRecord[]
 *   GET    /v1/decisions          ListDecisions -> Decision[]
 *   GET    /v1/rules              Rule[]
 *   GET    /v1/rules/{ref}        RuleDetail
 *   POST   /v1/rules/{ref}/pause  Rule
 *   POST   /v1/rules/{ref}/resume Rule
 *   GET    /v1/rules/{ref}/explain RuleExplanation
 *   POST   /v1/rules/test         TestRule -> RuleTrial or RuleHistory
 *   GET    /v1/packs              Pack[]
 *   POST   /v1/packs/reload       Pack[]
 *   GET    /v1/actions, /v1/workflows            Action[], Workflow[]; /{ref} for one
 *   GET    /v1/queues             Queue[]
 *   GET    /v1/queues/{name}      QueueDetail
 *   GET    /v1/queues/{name}/explain  QueueExplanation
 *   GET    /v1/inquiries          ListInquiries -> Inquiry[]
 *   GET    /v1/inquiries/{id}     Inquiry
 *   POST   /v1/inquiries/{id}/answer  AnswerInquiry -> Inquiry
 *   GET    /v1/sensors            Sensor[]
 *   GET    /v1/sensors/{ref}      Sensor
 *   GET    /v1/sensors/{ref}/logs     ReadSensorLogs -> SensorLogLine[]
 *   GET    /v1/sensors/{ref}/explain  SensorExplanation
 *   POST   /v1/sensors/{ref}/pause, /resume, /restart  Sensor
 *   GET    /v1/secrets            Secret[]
 *   GET    /v1/secrets/{name}     Secret
 *   PUT    /v1/secrets/{name}     PutSecret -> 201 or 200 Secret
 *   PATCH  /v1/secrets/{name}     ChangeSecret -> Secret
 *   DELETE /v1/secrets/{name}     204
 *   POST   /v1/nodes              PairNode -> 201 PairedNode
 *   POST   /v1/nodes/pair         SwapPairingToken -> SwappedToken
 *   GET    /v1/nodes              Node[]
 *   GET    /v1/nodes/{name}       Node
 *   PATCH  /v1/nodes/{name}       ChangeNode -> Node
 *   POST   /v1/nodes/{name}/rotate    RotateNode -> RotatedNode
 *   POST   /v1/nodes/{name}/revoke    RevokeNode -> Node
 *   POST   /v1/nodes/{name}/exec      ExecOnNode -> ExecResult, or JSON lines of ExecEvent
 *   POST   /v1/nodes/{name}/calls/{call}/input, /resize, /cancel
 *   GET    /v1/nodes/{name}/sessions  NodeSession[]
 *   POST   /v1/nodes/{name}/sessions/{session}/reset  ResetSession -> ResetResult
 *   POST   /v1/nodes/{name}/read      ReadNodeFile -> NodeFileContent
 *   POST   /v1/nodes/{name}/write     WriteNodeFile -> WrittenNodeFile
 *   GET    /v1/doctor             Checkup
 *   GET    /v1/status             ServerStatus
 *   GET    /v1/stream             StreamQuery -> text/event-stream of Change
 *   GET    /ws                    StreamQuery -> a WebSocket of SocketMessage
 *   GET    /healthz, /readyz      Health, Readiness
 *   GET    /v1/audit              ListAudit -> AuditRecord[]
 *   GET    /v1/audit/verify       VerifyAudit -> AuditVerification
 * Errors: Problem, as application/problem+json.
 */
export * from "./audit.ts";
export * from "./catalog.ts";
export * from "./changes.ts";
export * from "./decisions.ts";
export * from "./deliveries.ts";
export * from "./doctor.ts";
export * from "./events.ts";
export * from "./explain.ts";
export * from "./inquiries.ts";
export * from "./logs.ts";
export { MAX_NODE_PATH, MAX_NODE_WAIT_MS } from "./node-call-values.ts";
export * from "./node-calls.ts";
export * from "./node-files.ts";
export * from "./node-tokens.ts";
export * from "./nodes.ts";
export * from "./packs.ts";
export * from "./page.ts";
export * from "./problem.ts";
export * from "./queues.ts";
export * from "./replays.ts";
export * from "./rules.ts";
export * from "./runs.ts";
export * from "./secrets.ts";
export * from "./sensors.ts";
export * from "./server-status.ts";
export * from "./sources.ts";
export * from "./step-files.ts";
export * from "./steps.ts";
export * from "./task-times.ts";
export * from "./task-verbs.ts";
export * from "./tasks.ts";
export * from "./tokens.ts";
export * from "./trackers.ts";
export * from "./values.ts";
export * from "./work.ts";
