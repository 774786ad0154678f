-- Replacing the keys of blind indexes. A row says under which version of the key its index is. Rules that the database
-- keeps: a new row is under the version in use; whoever looks for the last row under an older one waits for those who
-- are adding one; an index is replaced only by one under the version in use; and a search that did not ask for every
-- version under which there are rows fails instead of finding less.

ALTER TABLE sotto.subject ADD COLUMN birth_phone_key uuid, ADD COLUMN name_birth_key uuid;
ALTER TABLE sotto.staff_user ADD COLUMN email_key uuid;
ALTER TABLE sotto.identity_attempt ADD COLUMN index_key uuid;

-- Until now there was one version. Where the keys are not here yet, the columns stay empty until the index is computed
-- anew. The owner sees no row of a tenant it did not name; here it must see all.
ALTER TABLE sotto.key_record NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sotto.subject NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sotto.staff_user NO FORCE ROW LEVEL SECURITY;
UPDATE sotto.subject s SET birth_phone_key = k.id FROM sotto.key_record k WHERE k.tenant_id = s.tenant_id
  AND k.level = 'purpose' AND k.tier = 'primary' AND k.name = 'blind-index/subject-birth-phone' AND k.version = 1;
UPDATE sotto.subject s SET name_birth_key = k.id FROM sotto.key_record k WHERE k.tenant_id = s.tenant_id
  AND k.level = 'purpose' AND k.tier = 'primary' AND k.name = 'blind-index/subject-name-birth' AND k.version = 1;
UPDATE sotto.staff_user SET email_key = k.id FROM sotto.key_record k
  WHERE k.tenant_id = '00000000-0000-0000-0000-000000000000'
  AND k.level = 'purpose' AND k.tier = 'primary' AND k.name = 'blind-index/staff-email' AND k.version = 1;
ALTER TABLE sotto.staff_user FORCE ROW LEVEL SECURITY;
ALTER TABLE sotto.subject FORCE ROW LEVEL SECURITY;
ALTER TABLE sotto.key_record FORCE ROW LEVEL SECURITY;

-- Whether there are rows outside some versions is asked at each search.
CREATE INDEX subject_birth_phone_key ON sotto.subject (tenant_id, birth_phone_key);
CREATE INDEX subject_name_birth_key ON sotto.subject (tenant_id, name_birth_key);
CREATE INDEX staff_user_email_key ON sotto.staff_user (email_key);

GRANT SELECT (level, name, tier, version) ON sotto.key_record TO sotto_lookup;
GRANT SELECT ON sotto.key_floor TO sotto_lookup;
CREATE POLICY lookup ON sotto.key_floor FOR SELECT TO sotto_lookup USING (true);
GRANT SELECT (email_key) ON sotto.staff_user TO sotto_lookup;

-- Whether new rows may be under that version. Takes the lock before the look: who holds it alone afterwards knows that
-- everyone who saw an older version in use has ended. Counters of identity checks may be under an older version too,
-- until that one is retired, and end by themselves.
CREATE FUNCTION sotto.index_key_in_use(whose uuid, purpose text, key uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF purpose <> 'identity-attempt' THEN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(format('index/%s/%s', whose, purpose), 0));
  END IF;
  PERFORM 1 FROM sotto.key_record k
    LEFT JOIN sotto.key_floor f ON f.tenant_id = k.tenant_id AND f.level = k.level AND f.name = k.name
      AND f.tier = k.tier
    WHERE k.tenant_id = whose AND k.id = key AND k.level = 'purpose' AND k.tier = 'primary'
      AND k.name = 'blind-index/' || purpose AND k.version >= coalesce(f.opens_from, 1)
      AND (k.state = 'ACTIVE' OR (purpose = 'identity-attempt' AND k.state IN ('DEACTIVATED', 'COMPROMISED')));
  RETURN FOUND;
END
$$;

CREATE FUNCTION sotto.require_index_key() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  key uuid;
  purpose text;
BEGIN
  IF NEW.tenant_id IS DISTINCT FROM nullif(current_setting('app.tenant', true), '')::uuid THEN
    RETURN NEW; -- row-level security refuses it
  END IF;
  FOR i IN 0 .. TG_NARGS / 2 - 1 LOOP
    EXECUTE format('SELECT ($1).%I', TG_ARGV[2 * i]) INTO key USING NEW;
    purpose := TG_ARGV[2 * i + 1];
    IF NOT sotto.index_key_in_use(CASE purpose WHEN 'staff-email' THEN '00000000-0000-0000-0000-000000000000'
        ELSE NEW.tenant_id END, purpose, key) THEN
      RAISE EXCEPTION 'the index key of a row is not in use' USING ERRCODE = 'SK002';
    END IF;
  END LOOP;
  RETURN NEW;
END
$$;

CREATE TRIGGER index_key BEFORE INSERT ON sotto.subject FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_index_key(
    'birth_phone_key', 'subject-birth-phone', 'name_birth_key', 'subject-name-birth');
CREATE TRIGGER index_key BEFORE INSERT ON sotto.staff_user FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_index_key('email_key', 'staff-email');
CREATE TRIGGER index_key BEFORE INSERT ON sotto.identity_attempt FOR EACH ROW WHEN (current_user = 'sotto_app')
  EXECUTE FUNCTION sotto.require_index_key('index_key', 'identity-attempt');

-- Who has one of these addresses, which are one address under each of these versions. There may be no row under any
-- other version.
DROP FUNCTION sotto.staff_of_email(bytea);
CREATE FUNCTION sotto.staff_of_email(indexes bytea[], keys uuid[]) RETURNS TABLE (tenant_id uuid, user_id uuid)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  low uuid := least(keys[1], keys[2]);
  high uuid := greatest(keys[1], keys[2]);
BEGIN
  IF low IS NULL OR cardinality(keys) > 2
      OR EXISTS (SELECT 1 FROM sotto.staff_user s WHERE s.email_key < low)
      OR EXISTS (SELECT 1 FROM sotto.staff_user s WHERE s.email_key > high)
      OR EXISTS (SELECT 1 FROM sotto.staff_user s WHERE s.email_key > low AND s.email_key < high) THEN
    RAISE EXCEPTION 'there are rows under other index keys' USING ERRCODE = 'SK002';
  END IF;
  RETURN QUERY SELECT s.tenant_id, s.id FROM sotto.staff_user s WHERE s.email_index = ANY (indexes);
END
$$;

-- Whose staff is not under that version.
CREATE FUNCTION sotto.tenants_with_staff_behind(key uuid) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT DISTINCT tenant_id FROM sotto.staff_user WHERE email_key IS DISTINCT FROM key ORDER BY tenant_id';

-- Puts an index computed anew in the place of the one that was read; a row that names no key was read with zeros. False if the row is not as it was read. The
-- application may not update an index otherwise. Runs as the owner, whom forced row-level security keeps to app.tenant.
CREATE FUNCTION sotto.reindex(target text, row_id uuid, from_version bigint, old uuid[], fresh uuid[], indexes bytea[])
  RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  none CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
  purposes text[] := CASE target
    WHEN 'subject' THEN ARRAY['subject-birth-phone', 'subject-name-birth']
    WHEN 'staff_user' THEN ARRAY['staff-email'] END;
  changed integer;
BEGIN
  IF purposes IS NULL OR cardinality(old) <> cardinality(purposes) OR cardinality(fresh) <> cardinality(purposes)
      OR cardinality(indexes) <> cardinality(purposes) OR old IS NOT DISTINCT FROM fresh THEN
    RAISE EXCEPTION 'there are no such indexes' USING ERRCODE = '42501';
  END IF;
  FOR i IN 1 .. cardinality(purposes) LOOP
    IF NOT sotto.index_key_in_use(CASE purposes[i] WHEN 'staff-email' THEN '00000000-0000-0000-0000-000000000000'
        ELSE tenant END, purposes[i], fresh[i]) THEN
      RAISE EXCEPTION 'the index key of a row is not in use' USING ERRCODE = 'SK002';
    END IF;
  END LOOP;
  IF target = 'subject' THEN
    UPDATE sotto.subject SET birth_phone_index = indexes[1], name_birth_index = indexes[2],
        birth_phone_key = fresh[1], name_birth_key = fresh[2]
      WHERE tenant_id = tenant AND id = row_id AND version = from_version
        AND coalesce(birth_phone_key, none) = old[1] AND coalesce(name_birth_key, none) = old[2];
  ELSE
    UPDATE sotto.staff_user SET email_index = indexes[1], email_key = fresh[1]
      WHERE tenant_id = tenant AND id = row_id AND version = from_version
        AND coalesce(email_key, none) = old[1];
  END IF;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed > 0;
END
$$;

REVOKE EXECUTE ON FUNCTION sotto.index_key_in_use(uuid, text, uuid), sotto.require_index_key(),
  sotto.staff_of_email(bytea[], uuid[]), sotto.tenants_with_staff_behind(uuid),
  sotto.reindex(text, uuid, bigint, uuid[], uuid[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sotto.staff_of_email(bytea[], uuid[]), sotto.tenants_with_staff_behind(uuid),
  sotto.reindex(text, uuid, bigint, uuid[], uuid[], bytea[]) TO sotto_app;
GRANT CREATE ON SCHEMA sotto TO sotto_lookup;
ALTER FUNCTION sotto.index_key_in_use(uuid, text, uuid) OWNER TO sotto_lookup;
ALTER FUNCTION sotto.require_index_key() OWNER TO sotto_lookup;
ALTER FUNCTION sotto.staff_of_email(bytea[], uuid[]) OWNER TO sotto_lookup;
ALTER FUNCTION sotto.tenants_with_staff_behind(uuid) OWNER TO sotto_lookup;
REVOKE CREATE ON SCHEMA sotto FROM sotto_lookup;
SET ROLE sotto_lookup;
GRANT EXECUTE ON FUNCTION sotto.index_key_in_use(uuid, text, uuid) TO sotto_owner;
RESET ROLE;
