-- The same rule on every table, forced on the owner too.
DO $$
DECLARE
  target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['subject', 'call', 'turn', 'artifact', 'slot', 'appointment', 'identity_attempt',
      'staff_user', 'staff_session', 'setup_token', 'key_record', 'erasable_key', 'destroyed_key'] LOOP
    EXECUTE format('ALTER TABLE sotto.%I ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE sotto.%I FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY one_tenant ON sotto.%I'
      ' USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
      ' WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', target);
  END LOOP;
END
$$;
ALTER TABLE sotto.tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE sotto.tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON sotto.tenant
  USING (id = nullif(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (id = nullif(current_setting('app.tenant', true), '')::uuid);

-- What must be found before a tenant is known. Each function runs as sotto_lookup, who may read the few columns named
-- here and cannot log in, and gives ids only.
GRANT SELECT (id, inbound_number) ON sotto.tenant TO sotto_lookup;
GRANT SELECT (tenant_id, id, carrier_call_id, state, node_id, token_expires) ON sotto.call TO sotto_lookup;
GRANT SELECT (tenant_id, id, call_id, state, node_id) ON sotto.artifact TO sotto_lookup;
GRANT SELECT (tenant_id, id, email_index) ON sotto.staff_user TO sotto_lookup;
GRANT SELECT (tenant_id, user_id, token_hash) ON sotto.staff_session TO sotto_lookup;
GRANT SELECT (tenant_id, token_hash) ON sotto.setup_token TO sotto_lookup;
GRANT SELECT (tenant_id) ON sotto.key_record TO sotto_lookup;
CREATE POLICY lookup ON sotto.tenant FOR SELECT TO sotto_lookup USING (true);
CREATE POLICY lookup ON sotto.call FOR SELECT TO sotto_lookup USING (true);
CREATE POLICY lookup ON sotto.artifact FOR SELECT TO sotto_lookup USING (true);
CREATE POLICY lookup ON sotto.staff_user FOR SELECT TO sotto_lookup USING (true);
CREATE POLICY lookup ON sotto.staff_session FOR SELECT TO sotto_lookup USING (true);
CREATE POLICY lookup ON sotto.setup_token FOR SELECT TO sotto_lookup USING (true);
CREATE POLICY lookup ON sotto.key_record FOR SELECT TO sotto_lookup USING (true);

CREATE FUNCTION sotto.tenants() RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT id FROM sotto.tenant ORDER BY id';

CREATE FUNCTION sotto.tenant_of_number(number text) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT id FROM sotto.tenant WHERE inbound_number = number';

CREATE FUNCTION sotto.call_of_carrier(carrier text) RETURNS TABLE (tenant_id uuid, call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, id FROM sotto.call WHERE carrier_call_id = carrier';

CREATE FUNCTION sotto.calls_connected_on(node text) RETURNS TABLE (tenant_id uuid, call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, id FROM sotto.call WHERE state = ''CONNECTED'' AND node_id = node ORDER BY id';

CREATE FUNCTION sotto.calls_never_connected(expired_before timestamptz) RETURNS TABLE (tenant_id uuid, call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, id FROM sotto.call WHERE state = ''OFFERED'' AND token_expires < expired_before
      ORDER BY id LIMIT 1000';

CREATE FUNCTION sotto.calls_with_torn_audio(node text) RETURNS TABLE (tenant_id uuid, call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT DISTINCT tenant_id, call_id FROM sotto.artifact WHERE state = ''WRITING'' AND node_id = node
      ORDER BY call_id';

CREATE FUNCTION sotto.staff_of_email(index bytea) RETURNS TABLE (tenant_id uuid, user_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, id FROM sotto.staff_user WHERE email_index = index';

CREATE FUNCTION sotto.staff_of_session(hash bytea) RETURNS TABLE (tenant_id uuid, user_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id, user_id FROM sotto.staff_session WHERE token_hash = hash';

CREATE FUNCTION sotto.tenant_of_setup(hash bytea) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT tenant_id FROM sotto.setup_token WHERE token_hash = hash';

CREATE FUNCTION sotto.tenants_with_keys() RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT DISTINCT tenant_id FROM sotto.key_record ORDER BY tenant_id';

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA sotto FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sotto.tenants(), sotto.tenant_of_number(text), sotto.call_of_carrier(text),
  sotto.calls_connected_on(text), sotto.calls_never_connected(timestamptz), sotto.calls_with_torn_audio(text), sotto.staff_of_email(bytea),
  sotto.staff_of_session(bytea), sotto.tenant_of_setup(bytea) TO sotto_app;
GRANT EXECUTE ON FUNCTION sotto.tenants_with_keys() TO sotto_keys;

GRANT CREATE ON SCHEMA sotto TO sotto_lookup;
DO $$
DECLARE
  target regprocedure;
BEGIN
  FOR target IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = 'sotto' AND p.prosecdef LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO sotto_lookup', target);
  END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA sotto FROM sotto_lookup;
