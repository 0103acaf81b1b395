-- Where owners want their notifications sent to, and the sending of each.

create table notifications.webhook_endpoint (
    id              uuid primary key,
    owner           text        not null,
    idempotency_key text        not null,
    fingerprint     bytea       not null,
    status          text        not null check (status in ('enabled', 'disabled', 'deleted', 'refused')),
    problem         text,
    url             text,
    types           text[],
    secret          text,
    previous_secret text,
    previous_until  timestamptz,
    created_at      timestamptz not null default clock_timestamp(),
    unique (owner, idempotency_key),
    check ((status = 'refused') = (problem is not null)),
    check ((status in ('enabled', 'disabled')) = (url is not null and secret is not null)),
    check ((previous_secret is null) = (previous_until is null))
);
comment on column notifications.webhook_endpoint.problem is 'why it was refused, kept for the same key';
comment on column notifications.webhook_endpoint.types is 'of which it wants to hear; null for all';
comment on column notifications.webhook_endpoint.secret is 'encrypted: the id of the key, a colon, Base64';
comment on column notifications.webhook_endpoint.previous_until is 'until then the secret before a rotation signs too';
create index webhook_endpoint_by_owner on notifications.webhook_endpoint (owner, id);
grant select, insert on notifications.webhook_endpoint to ${applicationRole};
grant update (status, url, secret, previous_secret, previous_until) on notifications.webhook_endpoint to ${applicationRole};

-- One row for each notification and endpoint. The row is the queue: what is pending and due.
create table notifications.webhook_delivery (
    id              uuid primary key,
    endpoint        uuid        not null references notifications.webhook_endpoint,
    notification    uuid        not null references notifications.notification,
    status          text        not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
    attempts        int         not null default 0 check (attempts >= 0),
    last_error      text,
    next_attempt_at timestamptz default clock_timestamp(),
    unique (endpoint, notification),
    check ((status = 'pending') = (next_attempt_at is not null))
);
comment on column notifications.webhook_delivery.next_attempt_at is 'while one is under way: when that has surely ended';
create index webhook_delivery_due on notifications.webhook_delivery (endpoint, next_attempt_at) where next_attempt_at is not null;
create index webhook_delivery_by_endpoint on notifications.webhook_delivery (endpoint, id);
grant select, insert, delete on notifications.webhook_delivery to ${applicationRole};
grant update (status, attempts, last_error, next_attempt_at) on notifications.webhook_delivery to ${applicationRole};
