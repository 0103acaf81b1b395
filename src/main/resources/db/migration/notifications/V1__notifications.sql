-- Notifications, and the webhooks that deliver them. Rows hold data; texts are made from them when they are read.
-- Amounts are in minor units of their currency; times come from the database's clock.
-- The owner runs this; the application's role owns nothing and has only the rights granted here.

create schema notifications;
grant usage on schema notifications to ${applicationRole};

-- One row per owner. Its lock is taken before notifications are added, so that they are numbered without gaps and
-- become visible in the order of their numbers.
create table notifications.feed (
    owner text primary key,
    seq   bigint not null default 0 check (seq >= 0)
);
comment on column notifications.feed.seq is 'number of the owner''s latest notification';
grant select, insert on notifications.feed to ${applicationRole};
grant update (seq) on notifications.feed to ${applicationRole};

-- No foreign key from owner to feed: appending has locked the feed's row already, and the key would look it up again for
-- each notification. Columns of fixed size come first, so that no bytes are lost to their alignment.
create table notifications.notification (
    id           uuid primary key,
    account      uuid        not null,
    subject_id   uuid        not null,
    seq          bigint      not null check (seq > 0),
    amount       bigint,
    created_at   timestamptz not null default clock_timestamp(),
    read_at      timestamptz,
    owner        text        not null,
    type         text        not null,
    currency     text,
    account_name text        not null,
    counterparty text,
    reason       text,
    traceparent  text,
    unique (owner, seq)
);
comment on column notifications.notification.subject_id is 'id of what the type names before its dot';
comment on column notifications.notification.counterparty is 'name of the other account of a transfer';
comment on column notifications.notification.reason is 'code of a failure';
comment on column notifications.notification.traceparent is 'trace of the request that caused it (W3C Trace Context), if it is sampled; null for transfers';
-- The notifications of one account. It has one owner, so the index needs none.
create index notification_by_account on notifications.notification (account, seq);

-- What was told about a payment or a refund. Transfers, which are many, are left out.
create index notification_by_subject on notifications.notification (subject_id) where type not like 'transfer.%';
-- The same in the order of time: ids begin with it.
create index notification_not_transfer on notifications.notification (id) where type not like 'transfer.%';
-- Notifications are never changed, except that they are marked as read.
grant select, insert on notifications.notification to ${applicationRole};
grant update (read_at) on notifications.notification to ${applicationRole};

-- The URLs to which owners want their notifications sent. Deleted endpoints stay as rows without URL and secret, since
-- their deliveries refer to them.
create table notifications.webhook_endpoint (
    id              uuid primary key,
    owner           text        not null references notifications.feed,
    idempotency_key text        not null,
    fingerprint     bytea       not null,
    status          text        not null check (status in ('enabled', 'disabled', 'deleted', 'refused')),
    problem         text,
    url             text,
    types           text[],
    secret          text,
    fan_out_seq     bigint      not null,
    fan_out_end     bigint,
    created_at      timestamptz not null default clock_timestamp(),
    unique (owner, idempotency_key),
    check ((status = 'refused') = (problem is not null)),
    check ((status in ('enabled', 'disabled')) = (url is not null and secret is not null)),
    check ((status = 'disabled') = (fan_out_end is not null))
);
comment on column notifications.webhook_endpoint.problem is 'why the request was refused; kept so that the same key gets the same answer';
comment on column notifications.webhook_endpoint.types is 'types of notifications to send; null for all';
comment on column notifications.webhook_endpoint.fan_out_seq is 'number, in the owner''s feed, of the latest notification whose delivery has been added, if the endpoint wants it';
comment on column notifications.webhook_endpoint.fan_out_end is 'number of the last notification before the endpoint was disabled';
comment on column notifications.webhook_endpoint.secret is 'encrypted: id of the encryption key, a colon, Base64';
-- The endpoints that exist: an owner's list, and every pass of sending.
create index webhook_endpoint_by_owner on notifications.webhook_endpoint (owner, id) where url is not null;
-- For the purge: old refusals, and deleted endpoints whose deliveries can go.
create index webhook_endpoint_refused on notifications.webhook_endpoint (created_at) where status = 'refused';
create index webhook_endpoint_deleted on notifications.webhook_endpoint (id) where status = 'deleted';
grant select, insert, delete on notifications.webhook_endpoint to ${applicationRole};
grant update (status, url, secret, fan_out_seq, fan_out_end) on notifications.webhook_endpoint to ${applicationRole};

-- Secrets that were replaced and stay valid for a while: messages are also signed with them.
create table notifications.webhook_previous_secret (
    endpoint    uuid        not null references notifications.webhook_endpoint,
    secret      text        not null,
    valid_until timestamptz not null,
    primary key (endpoint, valid_until)
);
comment on column notifications.webhook_previous_secret.secret is 'encrypted like the endpoint''s current secret';
-- For the purge: secrets that are no longer valid.
create index webhook_previous_secret_expired on notifications.webhook_previous_secret (valid_until);
grant select, insert, delete on notifications.webhook_previous_secret to ${applicationRole};

-- The ids of the encryption keys that each endpoint's valid secrets need, one row for each secret.
create view notifications.webhook_encryption_key as
    select id as endpoint, split_part(secret, ':', 1) as key_id
    from notifications.webhook_endpoint where secret is not null
    union all
    select endpoint, split_part(secret, ':', 1)
    from notifications.webhook_previous_secret where valid_until > clock_timestamp();
grant select on notifications.webhook_encryption_key to ${applicationRole};

-- One row for each notification and each endpoint that wants it. The table is the queue. No unique key is needed: a row is
-- added in the transaction that moves the endpoint's fan_out_seq beyond the notification.
create table notifications.webhook_delivery (
    id              uuid primary key,
    endpoint        uuid        not null references notifications.webhook_endpoint,
    notification    uuid        not null references notifications.notification,
    status          text        not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
    attempts        int         not null default 0 check (attempts >= 0),
    last_error      text,
    next_attempt_at timestamptz default clock_timestamp(),
    check ((status = 'pending') = (next_attempt_at is not null))
);
comment on column notifications.webhook_delivery.next_attempt_at is 'during an attempt: a time by which it has surely ended';
-- An endpoint's pending deliveries in the order of the next attempt.
create index webhook_delivery_due on notifications.webhook_delivery (endpoint, next_attempt_at) where next_attempt_at is not null;
-- An endpoint's list of deliveries.
create index webhook_delivery_by_endpoint on notifications.webhook_delivery (endpoint, id);

-- A notification's deliveries.
create index webhook_delivery_by_notification on notifications.webhook_delivery (notification);
-- Old deliveries that have ended, for the purge: ids begin with the time.
create index webhook_delivery_ended on notifications.webhook_delivery (id) where next_attempt_at is null;
-- The few that were given up, for their metric.
create index webhook_delivery_dead on notifications.webhook_delivery (id) where status = 'dead';
grant select, insert, delete on notifications.webhook_delivery to ${applicationRole};
grant update (status, attempts, last_error, next_attempt_at) on notifications.webhook_delivery to ${applicationRole};
