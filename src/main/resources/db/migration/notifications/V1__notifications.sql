-- What owners are told. Rows hold facts; texts are made from them when they are read.

create schema notifications;
grant usage on schema notifications to ${applicationRole};

-- One row per owner: its lock puts the owner's notifications into an order without gaps.
create table notifications.feed (
    owner text primary key,
    seq   bigint not null default 0 check (seq >= 0)
);
grant select, insert on notifications.feed to ${applicationRole};
grant update (seq) on notifications.feed to ${applicationRole};

create table notifications.notification (
    id           uuid primary key,
    owner        text        not null references notifications.feed,
    seq          bigint      not null check (seq > 0),
    event        uuid        not null,
    account      uuid        not null,
    type         text        not null,
    subject_kind text        not null,
    subject_id   uuid        not null,
    amount       bigint,
    currency     text,
    account_name text        not null,
    counterparty text,
    reason       text,
    occurred_at  timestamptz not null,
    created_at   timestamptz not null default clock_timestamp(),
    read_at      timestamptz,
    unique (owner, seq),
    -- makes effects happen once, however often the event is delivered
    unique (event, account, type, subject_id)
);
comment on column notifications.notification.counterparty is 'the name of the other account of a transfer';
comment on column notifications.notification.reason is 'the code of a failure';
create index notification_by_account on notifications.notification (owner, account, seq);
grant select, insert on notifications.notification to ${applicationRole};
grant update (read_at) on notifications.notification to ${applicationRole};
