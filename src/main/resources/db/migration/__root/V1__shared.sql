-- The schema shared by all modules: the outbox of events, and the locks of jobs that one instance at a time may run.
-- The owner runs this; the application's role owns nothing and has only the rights granted here.

create schema shared;
grant usage on schema shared to ${applicationRole};

-- Events that have been published and not yet processed, once for each consumer. An event is inserted by the transaction
-- of the change that it describes, and deleted by the one that processes it.
create table shared.outbox (
    id              uuid        primary key,
    consumer        text        not null,
    type            text        not null,
    event           text        not null,
    published_at    timestamptz not null default clock_timestamp(),
    next_attempt_at timestamptz          default clock_timestamp(),
    failures        int         not null default 0 check (failures >= 0),
    last_error      text
);
comment on column shared.outbox.type is 'the name of the event''s Java class';
comment on column shared.outbox.event is 'JSON';
comment on column shared.outbox.next_attempt_at is 'null for a dead event: it waits for an operator';

-- The table is the queue, and each consumer reads its events in the order of the next attempt.
create index outbox_due on shared.outbox (consumer, next_attempt_at) where next_attempt_at is not null;
-- The few that are dead.
create index outbox_dead on shared.outbox (consumer) where next_attempt_at is null;
grant select, insert, update, delete on shared.outbox to ${applicationRole};

-- The table that ShedLock reads and writes. It updates its rows and never deletes one.
create table shared.shedlock (
    name       text primary key,
    lock_until timestamptz not null,
    locked_at  timestamptz not null,
    locked_by  text        not null
);
grant select, insert, update on shared.shedlock to ${applicationRole};
