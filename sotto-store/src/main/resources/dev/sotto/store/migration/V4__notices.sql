-- What somebody outside is to be told, and how far that has come. Ids, codes, times and counts only: nothing here is
-- sealed because nothing here may need it. details holds lines name=value whose values are codes or ids.
CREATE TABLE sotto.notice (
  tenant_id   uuid NOT NULL REFERENCES sotto.tenant,
  id          uuid NOT NULL,
  type        text NOT NULL CHECK (type IN ('call.completed', 'call.transferred', 'message.taken',
    'disclosure.denied', 'identity.locked')),
  call_id     uuid,
  happened_at timestamptz NOT NULL,
  occurrences integer NOT NULL CHECK (occurrences >= 1),
  details     text NOT NULL CHECK (octet_length(details) <= 2048),
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- One notice on its way to one endpoint. next_attempt_at of a delivery that a node has claimed is the end of the claim:
-- if the node dies, another takes it then. attempts is the fence: who claimed earlier settles nothing.
CREATE TABLE sotto.delivery (
  tenant_id       uuid NOT NULL,
  notice_id       uuid NOT NULL,
  endpoint        text NOT NULL CHECK (length(endpoint) BETWEEN 1 AND 64),
  state           text NOT NULL CHECK (state IN ('WAITING', 'SENT', 'DENIED', 'FAILED')),
  attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  next_attempt_at timestamptz,
  last_attempt_at timestamptz,
  finished_at     timestamptz,
  claimed_by      text,
  last_error      text CHECK (length(last_error) <= 64),
  PRIMARY KEY (tenant_id, notice_id, endpoint),
  FOREIGN KEY (tenant_id, notice_id) REFERENCES sotto.notice (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state = 'WAITING') = (next_attempt_at IS NOT NULL) AND (state = 'WAITING') = (finished_at IS NULL))
);
CREATE INDEX delivery_due ON sotto.delivery (endpoint, next_attempt_at) WHERE state = 'WAITING';
CREATE INDEX delivery_waiting ON sotto.delivery (tenant_id, expires_at) WHERE state = 'WAITING';
CREATE INDEX delivery_claimed ON sotto.delivery (claimed_by) WHERE state = 'WAITING' AND claimed_by IS NOT NULL;
CREATE INDEX delivery_unsent ON sotto.delivery (tenant_id, notice_id) WHERE state IN ('WAITING', 'DENIED', 'FAILED');

-- Which writes of the API were asked for under which key. Hashes only; answers are not kept. The tenant of tools on the
-- node's machine is the operator, who is no business.
CREATE TABLE sotto.idempotency_key (
  tenant_id    uuid NOT NULL,
  key_hash     bytea NOT NULL CHECK (octet_length(key_hash) = 32),
  user_hash    bytea NOT NULL CHECK (octet_length(user_hash) = 32),
  request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
  expires_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key_hash)
);
CREATE INDEX idempotency_key_of_user ON sotto.idempotency_key (tenant_id, user_hash);
CREATE INDEX idempotency_key_expiry ON sotto.idempotency_key (tenant_id, expires_at);

GRANT SELECT, INSERT, DELETE ON sotto.idempotency_key TO sotto_app;
GRANT SELECT, INSERT, DELETE ON sotto.notice TO sotto_app;
GRANT SELECT, INSERT ON sotto.delivery TO sotto_app;
GRANT UPDATE (state, attempts, expires_at, next_attempt_at, last_attempt_at, finished_at, claimed_by, last_error)
  ON sotto.delivery TO sotto_app;

DO $$
DECLARE
  target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['notice', 'delivery', 'idempotency_key'] LOOP
    EXECUTE format('ALTER TABLE sotto.%I ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE sotto.%I FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY one_tenant ON sotto.%I'
      ' USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
      ' WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', target);
  END LOOP;
END
$$;

-- What a dispatcher must find over all tenants.
GRANT SELECT (tenant_id, notice_id, endpoint, state, next_attempt_at, claimed_by) ON sotto.delivery
  TO sotto_lookup;
CREATE POLICY lookup ON sotto.delivery FOR SELECT TO sotto_lookup USING (true);

CREATE FUNCTION sotto.deliveries_due(to_endpoint text, due_by timestamptz, most integer)
  RETURNS TABLE (tenant_id uuid, notice_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, notice_id FROM sotto.delivery WHERE state = ''WAITING'' AND endpoint = to_endpoint
      AND next_attempt_at <= due_by ORDER BY next_attempt_at, notice_id LIMIT most';

CREATE FUNCTION sotto.deliveries_claimed_by(node text) RETURNS TABLE (tenant_id uuid, notice_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, notice_id FROM sotto.delivery WHERE state = ''WAITING'' AND claimed_by = node';

CREATE FUNCTION sotto.tenants_with_unsent() RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT DISTINCT tenant_id FROM sotto.delivery WHERE state IN (''WAITING'', ''DENIED'', ''FAILED'')
      ORDER BY tenant_id';

REVOKE EXECUTE ON FUNCTION sotto.deliveries_due(text, timestamptz, integer), sotto.deliveries_claimed_by(text),
  sotto.tenants_with_unsent() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sotto.deliveries_due(text, timestamptz, integer), sotto.deliveries_claimed_by(text),
  sotto.tenants_with_unsent() TO sotto_app;

GRANT CREATE ON SCHEMA sotto TO sotto_lookup;
ALTER FUNCTION sotto.deliveries_due(text, timestamptz, integer) OWNER TO sotto_lookup;
ALTER FUNCTION sotto.deliveries_claimed_by(text) OWNER TO sotto_lookup;
ALTER FUNCTION sotto.tenants_with_unsent() OWNER TO sotto_lookup;
REVOKE CREATE ON SCHEMA sotto FROM sotto_lookup;
