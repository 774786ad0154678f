-- Sealing rows anew after a key was exposed. Three rules, kept by the database and not by whoever asks:
-- nothing new is kept under a record key whose class key is compromised; a sealed field is replaced only while its key
-- is exposed, by one under a fresh key of the same owner and class; and who looks for the last row under a key waits
-- for those who are adding one.

-- What the rules ask of keys: ids and states, never a wrapped key.
GRANT SELECT (tenant_id, id, data_class, owner, tier, kek) ON sotto.erasable_key TO sotto_lookup;
GRANT SELECT (id, state) ON sotto.key_record TO sotto_lookup;
CREATE POLICY lookup ON sotto.erasable_key FOR SELECT TO sotto_lookup USING (true);

-- Bytes 2 to 17 of a sealed field are the id of its record key. The lock comes before the look at the state: who holds
-- it alone afterwards knows that everyone who saw the key in order has ended.
CREATE FUNCTION sotto.require_fresh_key() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  field text;
  sealed bytea;
  key uuid;
  place text;
BEGIN
  IF NEW.tenant_id IS DISTINCT FROM nullif(current_setting('app.tenant', true), '')::uuid THEN
    RETURN NEW; -- row-level security refuses it
  END IF;
  FOREACH field IN ARRAY TG_ARGV LOOP
    EXECUTE format('SELECT ($1).%I', field) INTO sealed USING NEW;
    key := encode(substring(sealed FROM 2 FOR 16), 'hex')::uuid;
    place := NULL;
    SELECT format('rows/%s/%s/%s', tenant_id, data_class, owner) INTO place
      FROM sotto.erasable_key WHERE tenant_id = NEW.tenant_id AND id = key AND tier = 'primary';
    IF place IS NULL THEN
      RAISE EXCEPTION 'the record key of a field is gone' USING ERRCODE = 'SK001';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(place, 0));
    PERFORM 1 FROM sotto.erasable_key e
      JOIN sotto.key_record k ON k.tenant_id = e.tenant_id AND e.kek = 'key:' || k.id
      WHERE e.tenant_id = NEW.tenant_id AND e.id = key AND k.state <> 'COMPROMISED';
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the record key of a field is exposed' USING ERRCODE = 'SK001';
    END IF;
  END LOOP;
  RETURN NEW;
END
$$;

CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.subject FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('name_sealed', 'birth_date_sealed', 'phone_sealed');
CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.call FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('from_sealed');
CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.turn FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('text_sealed');
CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.slot FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('provider_sealed');
CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.appointment FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('reason_sealed');
CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.staff_user FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('email_sealed', 'password_hash_sealed');
CREATE TRIGGER fresh_key BEFORE INSERT ON sotto.call_insight FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_fresh_key('content_sealed');

-- Puts the fields of one row, sealed anew, in the place of those that were read, and adds one to its version. False if
-- the row is not as it was read. The application may still not update a sealed column: this is the one way, and it is
-- shut for a row once its key is in order. Runs as the owner, whom forced row-level security keeps to app.tenant.
CREATE FUNCTION sotto.reseal(target text, row_id uuid, part text, from_version bigint, old bytea[], fresh bytea[])
  RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  fields text[] := CASE target
    WHEN 'subject' THEN ARRAY['name_sealed', 'birth_date_sealed', 'phone_sealed']
    WHEN 'call' THEN ARRAY['from_sealed']
    WHEN 'turn' THEN ARRAY['text_sealed']
    WHEN 'slot' THEN ARRAY['provider_sealed']
    WHEN 'appointment' THEN ARRAY['reason_sealed']
    WHEN 'staff_user' THEN ARRAY['email_sealed', 'password_hash_sealed']
    WHEN 'call_insight' THEN ARRAY['content_sealed'] END;
  sets text;
  was text;
  changed integer;
  place text;
BEGIN
  IF fields IS NULL OR cardinality(old) <> cardinality(fields) OR cardinality(fresh) <> cardinality(fields) THEN
    RAISE EXCEPTION 'there are no such sealed fields' USING ERRCODE = '42501';
  END IF;
  SELECT string_agg(format('%I = $1[%s]', name, i), ', '), string_agg(format('%I = $2[%s]', name, i), ' AND ')
    INTO sets, was FROM unnest(fields) WITH ORDINALITY AS f(name, i);
  EXECUTE format('UPDATE sotto.%I SET version = version + 1, %s WHERE tenant_id = $3 AND %I = $4 AND version = $5'
      ' AND %s AND %s', target, sets, CASE target WHEN 'call_insight' THEN 'call_id' ELSE 'id' END, was,
      CASE target WHEN 'call_insight' THEN 'kind = $6' ELSE '$6 = ''''' END)
    USING fresh, old, tenant, row_id, from_version, part;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed = 0 THEN
    RETURN false;
  END IF;
  FOR i IN 1 .. cardinality(fields) LOOP
    SELECT format('rows/%s/%s/%s', tenant_id, data_class, owner) INTO place FROM sotto.erasable_key
      WHERE tenant_id = tenant AND id = encode(substring(fresh[i] FROM 2 FOR 16), 'hex')::uuid;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(place, 0));
    PERFORM 1 FROM sotto.erasable_key o
      JOIN sotto.key_record ok ON ok.tenant_id = o.tenant_id AND o.kek = 'key:' || ok.id
      JOIN sotto.erasable_key f ON f.tenant_id = o.tenant_id AND f.data_class = o.data_class AND f.owner = o.owner
        AND f.tier = o.tier AND f.version > o.version
      JOIN sotto.key_record fk ON fk.tenant_id = f.tenant_id AND f.kek = 'key:' || fk.id
      WHERE o.tenant_id = tenant AND o.id = encode(substring(old[i] FROM 2 FOR 16), 'hex')::uuid
        AND f.id = encode(substring(fresh[i] FROM 2 FOR 16), 'hex')::uuid
        AND ok.state = 'COMPROMISED' AND fk.state = 'ACTIVE';
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a sealed field may be replaced only while its key is exposed' USING ERRCODE = 'SK001';
    END IF;
  END LOOP;
  RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION sotto.require_fresh_key(), sotto.reseal(text, uuid, text, bigint, bytea[], bytea[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sotto.reseal(text, uuid, text, bigint, bytea[], bytea[]) TO sotto_app;
GRANT CREATE ON SCHEMA sotto TO sotto_lookup;
ALTER FUNCTION sotto.require_fresh_key() OWNER TO sotto_lookup;
REVOKE CREATE ON SCHEMA sotto FROM sotto_lookup;
