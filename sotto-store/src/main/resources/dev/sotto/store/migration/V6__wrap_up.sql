-- What is made of a call once it ended. A row of wrap_up comes with the end of the call, in the same transaction, so
-- that nothing that is wanted can be forgotten; whichever node claims it first does the work. What was made is in
-- call_insight, sealed under the call's own keys.
CREATE TABLE sotto.wrap_up (
  tenant_id   uuid NOT NULL,
  call_id     uuid NOT NULL,
  state       text NOT NULL CHECK (state IN ('PENDING', 'DONE', 'OFF', 'FAILED')),
  due_at      timestamptz NOT NULL,
  attempts    integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  node_id     text NOT NULL DEFAULT '',
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, call_id),
  FOREIGN KEY (tenant_id, call_id) REFERENCES sotto.call (tenant_id, id),
  CHECK ((state = 'PENDING') = (finished_at IS NULL))
);
CREATE INDEX wrap_up_due ON sotto.wrap_up (due_at) WHERE state = 'PENDING';

CREATE TABLE sotto.call_insight (
  tenant_id      uuid NOT NULL,
  call_id        uuid NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('SUMMARY', 'ANALYTICS')),
  made_by        text NOT NULL,
  reason         text NOT NULL,
  made_at        timestamptz NOT NULL,
  content_sealed bytea NOT NULL,
  version        bigint NOT NULL CHECK (version >= 1),
  PRIMARY KEY (tenant_id, call_id, kind),
  FOREIGN KEY (tenant_id, call_id) REFERENCES sotto.call (tenant_id, id)
);

DO $$
DECLARE
  target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['wrap_up', 'call_insight'] LOOP
    EXECUTE format('ALTER TABLE sotto.%I ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE sotto.%I FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY one_tenant ON sotto.%I'
      ' USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
      ' WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', target);
  END LOOP;
END
$$;

GRANT SELECT, INSERT ON sotto.wrap_up, sotto.call_insight TO sotto_app;
GRANT UPDATE (state, due_at, attempts, node_id, finished_at) ON sotto.wrap_up TO sotto_app;

-- Whose work is due, whoever's it is: ids only, as with the other lookups.
GRANT SELECT (tenant_id, call_id, state, due_at) ON sotto.wrap_up TO sotto_lookup;
CREATE POLICY lookup ON sotto.wrap_up FOR SELECT TO sotto_lookup USING (true);

CREATE FUNCTION sotto.wrap_ups_due(at timestamptz) RETURNS TABLE (tenant_id uuid, call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, call_id FROM sotto.wrap_up WHERE state = ''PENDING'' AND due_at <= at
      ORDER BY due_at LIMIT 100';

REVOKE EXECUTE ON FUNCTION sotto.wrap_ups_due(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sotto.wrap_ups_due(timestamptz) TO sotto_app;
GRANT CREATE ON SCHEMA sotto TO sotto_lookup;
ALTER FUNCTION sotto.wrap_ups_due(timestamptz) OWNER TO sotto_lookup;
REVOKE CREATE ON SCHEMA sotto FROM sotto_lookup;
