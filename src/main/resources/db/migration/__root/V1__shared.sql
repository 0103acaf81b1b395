-- The schema shared by all modules: the event registry, and the locks of jobs that one instance at a time may run.
-- The owner runs this; the application's role owns nothing and has only the rights granted here.

create schema shared;
grant usage on schema shared to ${applicationRole};

-- Events that have been published and not yet handled, in Spring Modulith's table (its schema version 2) with three
-- columns of our own for retries. Modulith inserts without naming these, so a new event can be attempted at once.
-- Flyway creates the table because Modulith would do so as the application's role, which may not create schemas.
create table shared.event_publication (
    id                     uuid primary key,
    listener_id            text        not null,
    event_type             text        not null,
    serialized_event       text        not null,
    publication_date       timestamptz not null,
    completion_date        timestamptz,
    status                 text,
    completion_attempts    int,
    last_resubmission_date timestamptz,
    next_attempt_at        timestamptz          default clock_timestamp(),
    failures               int         not null default 0 check (failures >= 0),
    last_error             text
);
comment on column shared.event_publication.next_attempt_at is 'null for a dead event: it waits for an operator';

-- The table is the queue, and the worker reads it in the order of the next attempt. Modulith's own indexes (by content
-- and by completion) are left out: handled events are deleted, and no query of ours looks for events by content.
create index event_publication_due on shared.event_publication (next_attempt_at) where next_attempt_at is not null;
grant select, insert, update, delete on shared.event_publication to ${applicationRole};

-- The table that ShedLock reads and writes. It updates its rows and never deletes one.
create table shared.shedlock (
    name       text primary key,
    lock_until timestamptz not null,
    locked_at  timestamptz not null,
    locked_by  text        not null
);
grant select, insert, update on shared.shedlock to ${applicationRole};
