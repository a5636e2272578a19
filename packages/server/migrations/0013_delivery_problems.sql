-- Deliveries from which no event could be made are looked for by themselves; they are few, and cost the others nothing.
CREATE INDEX deliveries_refused ON deliveries (id) WHERE problem IS NOT NULL;
