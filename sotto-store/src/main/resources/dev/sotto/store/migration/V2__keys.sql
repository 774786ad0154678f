-- Wrapped keys. The application cannot read them: only sotto_keys can, through connections of its own.

CREATE TABLE sotto.key_record (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  level      text NOT NULL CHECK (level IN ('tenant', 'class', 'purpose')),
  name       text NOT NULL,
  tier       text NOT NULL CHECK (tier IN ('primary', 'backup')),
  version    integer NOT NULL CHECK (version >= 1),
  state      text NOT NULL,
  algorithm  text NOT NULL,
  kek        text NOT NULL,
  wrapped    bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, level, name, tier, version)
);

-- Record keys, in a table of their own, apart from all they seal: deleting a row makes what it sealed unreadable. Dead
-- rows are vacuumed at once; until then, and in the write-ahead log, the deleted key lives on in its wrapped form.
CREATE TABLE sotto.erasable_key (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  data_class text NOT NULL,
  owner      text NOT NULL,
  tier       text NOT NULL CHECK (tier IN ('primary', 'backup')),
  version    integer NOT NULL CHECK (version >= 1),
  algorithm  text NOT NULL,
  kek        text NOT NULL,
  wrapped    bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, data_class, owner, tier, version)
) WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);

-- Which versions of a record key were destroyed. Holds no key.
CREATE TABLE sotto.destroyed_key (
  tenant_id       uuid NOT NULL,
  data_class      text NOT NULL,
  owner           text NOT NULL,
  tier            text NOT NULL CHECK (tier IN ('primary', 'backup')),
  through_version integer NOT NULL CHECK (through_version >= 0),
  destroyed_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, data_class, owner, tier)
);

GRANT SELECT, INSERT ON sotto.key_record TO sotto_keys;
GRANT UPDATE (state) ON sotto.key_record TO sotto_keys;
GRANT SELECT, INSERT, DELETE ON sotto.erasable_key TO sotto_keys;
GRANT SELECT, INSERT ON sotto.destroyed_key TO sotto_keys;
GRANT UPDATE (through_version, destroyed_at) ON sotto.destroyed_key TO sotto_keys;
