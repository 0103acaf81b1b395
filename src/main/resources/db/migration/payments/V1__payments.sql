-- Payments to and from the outside. Amounts are minor units; times are the database's clock.

create schema payments;
grant usage on schema payments to ${applicationRole};

create table payments.payment (
    id                uuid primary key,
    owner             text        not null,
    idempotency_key   text        not null,
    fingerprint       bytea       not null,
    account           uuid        not null,
    kind              text        not null check (kind in ('PAY_IN')),
    amount            bigint      not null check (amount between 1 and 1000000000000000),
    currency          text        not null check (currency ~ '^[A-Z]{3}$'),
    instrument        text        not null,
    description       text,
    reference         text,
    metadata          jsonb,
    status            text        not null
        check (status in ('PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'REFUSED')),
    problem           text,
    failure_code      text,
    failure_message   text,
    provider_operation text,
    attention         text check (attention in ('contradiction')),
    attempts          int         not null,
    sends             int         not null check (sends between 0 and attempts),
    claimed_until     timestamptz,
    next_attempt_at   timestamptz,
    traceparent       text,
    created_at        timestamptz not null,
    final_at          timestamptz,
    unique (owner, idempotency_key),
    check ((status = 'REFUSED') = (problem is not null)),
    check ((status = 'FAILED') = (failure_code is not null)),
    check ((status in ('PENDING', 'PROCESSING')) = (next_attempt_at is not null)),
    check (status <> 'PENDING' or sends = 0)
);
comment on column payments.payment.problem is 'why it was refused, kept for the same key';
comment on column payments.payment.sends is 'attempts that may have reached the provider';
comment on column payments.payment.claimed_until is 'until then its claimer alone may call the provider';

-- The row is the queue: all unfinished work, in the order in which it is due.
create index payment_unfinished on payments.payment (next_attempt_at) where next_attempt_at is not null;

create table payments.payment_step (
    payment uuid        not null references payments.payment,
    no      int         not null,
    status  text        not null,
    at      timestamptz not null,
    note    text        not null,
    primary key (payment, no)
);

grant select, insert on payments.payment to ${applicationRole};
grant update (status, failure_code, failure_message, provider_operation, attention, attempts, sends, claimed_until,
              next_attempt_at, final_at)
    on payments.payment to ${applicationRole};
grant select, insert on payments.payment_step to ${applicationRole};
