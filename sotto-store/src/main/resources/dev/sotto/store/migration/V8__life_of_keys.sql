-- The life of keys: what changed about them, how old a version may be, how often they are used, and what is to be
-- destroyed. Only sotto_keys reads and writes any of it, as with the keys themselves.

-- Nodes ask each second whether the operator's number grew, and then whose did. Every change takes the operator's row
-- first and holds it until it commits, so that the numbers come in the order of the commits: who reads n sees all up to
-- n.
CREATE TABLE sotto.key_state (
  tenant_id  uuid NOT NULL PRIMARY KEY,
  epoch      bigint NOT NULL CHECK (epoch >= 1),
  changed_at timestamptz NOT NULL
);

-- The oldest versions that may still be used.
CREATE TABLE sotto.key_floor (
  tenant_id  uuid NOT NULL,
  level      text NOT NULL CHECK (level IN ('tenant', 'class', 'purpose')),
  name       text NOT NULL,
  tier       text NOT NULL CHECK (tier IN ('primary', 'backup')),
  seals_from integer NOT NULL CHECK (seals_from >= 0),
  opens_from integer NOT NULL CHECK (opens_from >= 1),
  PRIMARY KEY (tenant_id, level, name, tier)
);

CREATE TABLE sotto.key_usage (
  tenant_id    uuid NOT NULL,
  key_id       uuid NOT NULL,
  wraps        bigint NOT NULL CHECK (wraps >= 0),
  seals        bigint NOT NULL CHECK (seals >= 0),
  opens        bigint NOT NULL CHECK (opens >= 0),
  unwraps      bigint NOT NULL CHECK (unwraps >= 0),
  bytes        bigint NOT NULL CHECK (bytes >= 0),
  last_used_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key_id)
);

-- Requests to destroy, and what was certified. The certificate is in the audit log too; this copy is to be shown.
CREATE TABLE sotto.key_destruction (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  target       text NOT NULL CHECK (length(target) <= 128),
  reason       text NOT NULL CHECK (length(reason) <= 64),
  requested_by text NOT NULL CHECK (length(requested_by) <= 80),
  requested_at timestamptz NOT NULL,
  not_before   timestamptz NOT NULL,
  certificate  text CHECK (length(certificate) <= 8192),
  PRIMARY KEY (tenant_id, id)
);

-- The owner sees no row of a tenant it did not name; here it must see all.
ALTER TABLE sotto.key_record NO FORCE ROW LEVEL SECURITY;
INSERT INTO sotto.key_floor (tenant_id, level, name, tier, seals_from, opens_from)
  SELECT tenant_id, level, name, tier, max(version), 1 FROM sotto.key_record GROUP BY tenant_id, level, name, tier;
ALTER TABLE sotto.key_record FORCE ROW LEVEL SECURITY;
INSERT INTO sotto.key_state (tenant_id, epoch, changed_at) VALUES ('00000000-0000-0000-0000-000000000000', 1, now());

-- Record keys under one class key, in the order of their ids: what is wrapped anew, and counted.
CREATE INDEX erasable_key_kek ON sotto.erasable_key (tenant_id, kek, id);

DO $$
DECLARE
  target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['key_state', 'key_floor', 'key_usage', 'key_destruction'] LOOP
    EXECUTE format('ALTER TABLE sotto.%I ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE sotto.%I FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY one_tenant ON sotto.%I'
      ' USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
      ' WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', target);
  END LOOP;
END
$$;

GRANT UPDATE (kek, wrapped) ON sotto.key_record, sotto.erasable_key TO sotto_keys;
GRANT SELECT, INSERT ON sotto.key_state, sotto.key_floor, sotto.key_usage, sotto.key_destruction TO sotto_keys;
GRANT UPDATE (epoch, changed_at) ON sotto.key_state TO sotto_keys;
GRANT UPDATE (seals_from, opens_from) ON sotto.key_floor TO sotto_keys;
GRANT UPDATE (wraps, seals, opens, unwraps, bytes, last_used_at) ON sotto.key_usage TO sotto_keys;
GRANT UPDATE (certificate) ON sotto.key_destruction TO sotto_keys;

-- Whose keys changed, whoever's they are: ids only, as with the other lookups.
GRANT SELECT (tenant_id, epoch) ON sotto.key_state TO sotto_lookup;
CREATE POLICY lookup ON sotto.key_state FOR SELECT TO sotto_lookup USING (true);

CREATE FUNCTION sotto.keys_changed_since(since bigint) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id FROM sotto.key_state WHERE epoch > since';

REVOKE EXECUTE ON FUNCTION sotto.keys_changed_since(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sotto.keys_changed_since(bigint) TO sotto_keys;
GRANT CREATE ON SCHEMA sotto TO sotto_lookup;
ALTER FUNCTION sotto.keys_changed_since(bigint) OWNER TO sotto_lookup;
REVOKE CREATE ON SCHEMA sotto FROM sotto_lookup;

-- Unusual uses of keys are told as denied disclosures are.
ALTER TABLE sotto.notice DROP CONSTRAINT notice_type_check;
ALTER TABLE sotto.notice ADD CONSTRAINT notice_type_check CHECK (type IN ('call.completed', 'call.transferred',
  'message.taken', 'disclosure.denied', 'identity.locked', 'key.anomaly'));
