-- What the modules share: the registry of event publications, and locks for what runs on one instance at a time.
-- Run by the owner; the application's role owns nothing.

create schema shared;
grant usage on schema shared to ${applicationRole};

-- The table that Spring Modulith 2.1 writes and reads (its schema version 2).
create table shared.event_publication (
    id                     uuid primary key,
    listener_id            text        not null,
    event_type             text        not null,
    serialized_event       text        not null,
    publication_date       timestamptz not null,
    completion_date        timestamptz,
    status                 text,
    completion_attempts    int,
    last_resubmission_date timestamptz
);
create index event_publication_by_event on shared.event_publication using hash (serialized_event);
create index event_publication_by_completion on shared.event_publication (completion_date);
grant select, insert, update, delete on shared.event_publication to ${applicationRole};

-- The table that ShedLock writes and reads.
create table shared.shedlock (
    name       text primary key,
    lock_until timestamptz not null,
    locked_at  timestamptz not null,
    locked_by  text        not null
);
grant select, insert, update on shared.shedlock to ${applicationRole};
