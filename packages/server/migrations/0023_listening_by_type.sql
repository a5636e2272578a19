-- Since when rules have listened, for each type of own event: one on nodes that came long after one on runs was told
-- of what had happened before it was there. Where rules listened, all types are as if they were listened to since
-- then; those to which none listens are taken out at the first look.
ALTER TABLE own_event_place ADD COLUMN listening jsonb NOT NULL DEFAULT '{}';
UPDATE own_event_place SET listening = (
    SELECT jsonb_object_agg(type, to_char(listening_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    FROM unnest('{yard.run.finished,yard.node.paired,yard.node.connected,yard.node.reconnected,yard.node.reconnecting,yard.node.draining,yard.node.disconnected,yard.node.revoked,yard.node.renamed,yard.node.changed,yard.node.rotated,yard.node.conflict}'::text[]) AS type)
  WHERE listening_since IS NOT NULL;
ALTER TABLE own_event_place DROP COLUMN listening_since;
