-- Clear columns hold ids, times, counts and codes, and what is the business's own. Whatever names or reaches a person
-- is in a column named *_sealed. Row-level security is forced on every table: a transaction sees the rows of the tenant
-- it named in app.tenant, and none if it named none.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON SCHEMA sotto FROM PUBLIC;
GRANT USAGE ON SCHEMA sotto TO sotto_app, sotto_keys, sotto_lookup;
ALTER DEFAULT PRIVILEGES IN SCHEMA sotto REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE sotto.tenant (
  id              uuid PRIMARY KEY,
  name            text NOT NULL,
  vertical        text NOT NULL,
  zone            text NOT NULL,
  recording       boolean NOT NULL,
  transfer_number text,
  inbound_number  text NOT NULL UNIQUE,
  created_at      timestamptz NOT NULL
);

CREATE TABLE sotto.subject (
  tenant_id         uuid NOT NULL REFERENCES sotto.tenant,
  id                uuid NOT NULL,
  name_sealed       bytea NOT NULL,
  birth_date_sealed bytea NOT NULL,
  phone_sealed      bytea NOT NULL,
  birth_phone_index bytea NOT NULL CHECK (octet_length(birth_phone_index) = 16),
  name_birth_index  bytea NOT NULL CHECK (octet_length(name_birth_index) = 16),
  version           bigint NOT NULL CHECK (version >= 1),
  created_at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX subject_by_birth_phone ON sotto.subject (tenant_id, birth_phone_index);
CREATE INDEX subject_by_name_birth ON sotto.subject (tenant_id, name_birth_index);

CREATE TABLE sotto.call (
  tenant_id           uuid NOT NULL REFERENCES sotto.tenant,
  id                  uuid NOT NULL,
  carrier_call_id     text NOT NULL UNIQUE,
  state               text NOT NULL CHECK (state IN ('OFFERED', 'CONNECTED', 'ENDED')),
  mode                text NOT NULL,
  node_id             text NOT NULL DEFAULT '',
  offered_at          timestamptz NOT NULL,
  started_at          timestamptz,
  announced_at        timestamptz,
  recording_announced boolean NOT NULL DEFAULT false,
  ended_at            timestamptz,
  outcome             text CHECK (outcome IN ('HUNG_UP', 'TRANSFERRED', 'FAILED', 'COMPLETED', 'LOST', 'VOICEMAIL')),
  subject_id          uuid,
  turn_count          integer NOT NULL DEFAULT 0,
  token_hash          bytea CHECK (octet_length(token_hash) = 32),
  token_expires       timestamptz,
  from_sealed         bytea NOT NULL,
  version             bigint NOT NULL CHECK (version >= 1),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, subject_id) REFERENCES sotto.subject (tenant_id, id),
  CHECK ((state = 'ENDED') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (outcome IS NULL)),
  CHECK (state <> 'CONNECTED' OR (started_at IS NOT NULL AND token_hash IS NULL AND node_id <> ''))
);
CREATE INDEX call_connected ON sotto.call (node_id) WHERE state = 'CONNECTED';
CREATE INDEX call_offered ON sotto.call (token_expires) WHERE state = 'OFFERED';

CREATE TABLE sotto.turn (
  tenant_id     uuid NOT NULL,
  id            uuid NOT NULL,
  call_id       uuid NOT NULL,
  ordinal       integer NOT NULL CHECK (ordinal >= 1),
  speaker       text NOT NULL CHECK (speaker IN ('CALLER', 'AGENT', 'SYSTEM')),
  kind          text NOT NULL CHECK (kind IN ('SPEECH', 'KEYPAD', 'PROMPT', 'TOOL')),
  at_millis     bigint NOT NULL CHECK (at_millis >= 0),
  length_millis bigint NOT NULL CHECK (length_millis >= 0),
  text_sealed   bytea NOT NULL,
  version       bigint NOT NULL CHECK (version >= 1),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, call_id, ordinal),
  FOREIGN KEY (tenant_id, call_id) REFERENCES sotto.call (tenant_id, id)
);

-- A sealed object on disk: a recording or a message. The watermark counts whole chunks known to be on the disk.
CREATE TABLE sotto.artifact (
  tenant_id        uuid NOT NULL,
  id               uuid NOT NULL,
  call_id          uuid NOT NULL,
  kind             text NOT NULL CHECK (kind IN ('RECORDING', 'MESSAGE')),
  state            text NOT NULL CHECK (state IN ('WRITING', 'SEALED', 'RECOVERED', 'TAMPERED')),
  node_id          text NOT NULL,
  started_at       timestamptz NOT NULL,
  finished_at      timestamptz,
  watermark_chunks bigint NOT NULL DEFAULT 0 CHECK (watermark_chunks >= 0),
  audio_bytes      bigint NOT NULL DEFAULT 0 CHECK (audio_bytes >= 0),
  sealed_bytes     bigint NOT NULL DEFAULT 0 CHECK (sealed_bytes >= 0),
  digest           bytea CHECK (octet_length(digest) = 32),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, call_id) REFERENCES sotto.call (tenant_id, id)
);
CREATE INDEX artifact_of_call ON sotto.artifact (tenant_id, call_id);
CREATE INDEX artifact_of_kind ON sotto.artifact (tenant_id, kind, id);
CREATE INDEX artifact_writing ON sotto.artifact (node_id) WHERE state = 'WRITING';

-- taken_by is the appointment that holds the slot; the unique index below says the same a second time.
CREATE TABLE sotto.slot (
  tenant_id       uuid NOT NULL REFERENCES sotto.tenant,
  id              uuid NOT NULL,
  starts_at       timestamptz NOT NULL,
  length_minutes  integer NOT NULL CHECK (length_minutes > 0),
  provider_sealed bytea NOT NULL,
  taken_by        uuid,
  version         bigint NOT NULL CHECK (version >= 1),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX slot_free ON sotto.slot (tenant_id, starts_at) WHERE taken_by IS NULL;

CREATE TABLE sotto.appointment (
  tenant_id     uuid NOT NULL,
  id            uuid NOT NULL,
  subject_id    uuid NOT NULL,
  slot_id       uuid NOT NULL,
  state         text NOT NULL CHECK (state IN ('BOOKED', 'CANCELLED')),
  booked_at     timestamptz NOT NULL,
  cancelled_at  timestamptz,
  reason_sealed bytea NOT NULL,
  version       bigint NOT NULL CHECK (version >= 1),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, subject_id) REFERENCES sotto.subject (tenant_id, id),
  FOREIGN KEY (tenant_id, slot_id) REFERENCES sotto.slot (tenant_id, id),
  CHECK ((state = 'CANCELLED') = (cancelled_at IS NOT NULL))
);
CREATE UNIQUE INDEX appointment_holds_slot ON sotto.appointment (tenant_id, slot_id) WHERE state = 'BOOKED';
CREATE INDEX appointment_of_subject ON sotto.appointment (tenant_id, subject_id);

-- Counters under keyed hashes that hold the hour, so that a row says nothing of a person and lives two hours at most
-- (one day for those of a call).
CREATE TABLE sotto.identity_attempt (
  tenant_id  uuid NOT NULL REFERENCES sotto.tenant,
  key        bytea NOT NULL CHECK (octet_length(key) = 16),
  expires_at timestamptz NOT NULL,
  attempts   integer NOT NULL CHECK (attempts >= 1),
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX identity_attempt_expiry ON sotto.identity_attempt (tenant_id, expires_at);

CREATE TABLE sotto.staff_user (
  tenant_id            uuid NOT NULL REFERENCES sotto.tenant,
  id                   uuid NOT NULL,
  email_sealed         bytea NOT NULL,
  email_index          bytea NOT NULL UNIQUE CHECK (octet_length(email_index) = 16),
  password_hash_sealed bytea NOT NULL,
  role                 text NOT NULL CHECK (role IN ('ADMIN', 'OPERATOR', 'AUDITOR')),
  version              bigint NOT NULL CHECK (version >= 1),
  created_at           timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE sotto.staff_session (
  tenant_id    uuid NOT NULL,
  user_id      uuid NOT NULL,
  token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  started_at   timestamptz NOT NULL,
  seen_at      timestamptz NOT NULL,
  idle_seconds integer NOT NULL CHECK (idle_seconds > 0),
  ends_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES sotto.staff_user (tenant_id, id)
);

CREATE TABLE sotto.setup_token (
  tenant_id  uuid PRIMARY KEY REFERENCES sotto.tenant,
  token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  expires_at timestamptz NOT NULL
);

-- What the application may do: never more than it does.
GRANT SELECT, INSERT ON sotto.tenant, sotto.subject, sotto.call, sotto.turn, sotto.artifact, sotto.slot,
  sotto.appointment, sotto.identity_attempt, sotto.staff_user, sotto.staff_session, sotto.setup_token TO sotto_app;
GRANT UPDATE (state, node_id, started_at, announced_at, recording_announced, ended_at, outcome, subject_id, turn_count,
  token_hash, token_expires) ON sotto.call TO sotto_app;
GRANT UPDATE (state, finished_at, watermark_chunks, audio_bytes, sealed_bytes, digest) ON sotto.artifact TO sotto_app;
GRANT UPDATE (taken_by) ON sotto.slot TO sotto_app;
GRANT UPDATE (state, cancelled_at) ON sotto.appointment TO sotto_app;
GRANT UPDATE (attempts), DELETE ON sotto.identity_attempt TO sotto_app;
GRANT UPDATE (token_hash, started_at, seen_at, idle_seconds, ends_at), DELETE ON sotto.staff_session TO sotto_app;
GRANT UPDATE (token_hash, expires_at), DELETE ON sotto.setup_token TO sotto_app;
