-- The audit log. Rows of entry, tile and checkpoint are only ever inserted; docs/spec/audit-log.md says what they hold.

create table log (
    log_id text primary key check (log_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    origin text not null,
    -- Who may append: only a statement that names this epoch, and the size it continues, changes anything.
    epoch bigint not null check (epoch >= 0),
    holder uuid not null,
    size bigint not null check (size >= 0),
    root bytea not null check (octet_length(root) = 32)
);

create table entry (
    log_id text not null,
    sequence bigint not null check (sequence >= 0),
    header bytea not null,
    body bytea,
    body_hash bytea not null check (octet_length(body_hash) = 32),
    leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
    -- Taken out of header and body for queries. The resource is text as JSON escapes it, so it may hold anything.
    tenant uuid not null,
    tenant_sequence bigint not null check (tenant_sequence >= 0),
    type text not null,
    actor text not null,
    resource text,
    at timestamptz not null,
    primary key (log_id, sequence)
);

create unique index entry_event on entry (body_hash);
create unique index entry_tenant on entry (log_id, tenant, tenant_sequence);
create index entry_resource on entry (log_id, resource, sequence);
create index entry_type on entry (log_id, type, sequence);

create table tile (
    log_id text not null,
    level smallint not null check (level >= 0),
    index bigint not null check (index >= 0),
    hashes bytea not null check (octet_length(hashes) = 8192),
    root bytea not null check (octet_length(root) = 32),
    primary key (log_id, level, index)
);

-- Hashes do not compress.
alter table tile alter column hashes set storage external;

create table checkpoint (
    log_id text not null,
    size bigint not null check (size >= 0),
    number bigint generated always as identity,
    note bytea not null,
    primary key (log_id, size, number)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of audit.% are never changed or removed', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create function refuse_step_back() returns trigger language plpgsql as $$
begin
    if new.log_id <> old.log_id or new.origin <> old.origin or new.epoch < old.epoch or new.size < old.size then
        raise exception 'the head of an audit log only grows' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;

create trigger log_grows before update on log for each row execute function refuse_step_back();
create trigger log_stays before delete on log for each row execute function refuse_change();
create trigger log_not_emptied before truncate on log for each statement execute function refuse_change();
create trigger entry_stays before update or delete on entry for each row execute function refuse_change();
create trigger entry_not_emptied before truncate on entry for each statement execute function refuse_change();
create trigger tile_stays before update or delete on tile for each row execute function refuse_change();
create trigger tile_not_emptied before truncate on tile for each statement execute function refuse_change();
create trigger checkpoint_stays before update or delete on checkpoint for each row execute function refuse_change();
create trigger checkpoint_not_emptied before truncate on checkpoint for each statement execute function refuse_change();
