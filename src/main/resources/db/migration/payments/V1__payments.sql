-- Payments: money that comes in or goes out through the payment provider.
-- Amounts are in minor units of their currency; times come from the database's clock.
-- The owner runs this; the application's role owns nothing and has only the rights granted here.

create schema payments;
grant usage on schema payments to ${applicationRole};

-- Pay-ins, pay-outs and refunds. A refund is a payment of its own kind (docs/adr/0012).
create table payments.payment (
    id                 uuid primary key,
    owner              text        not null,
    idempotency_key    text        not null,
    fingerprint        bytea       not null,
    account            uuid        not null,
    kind               text        not null check (kind in ('PAY_IN', 'PAY_OUT', 'REFUND')),
    refund_of          uuid references payments.payment,
    amount             bigint      not null check (amount between 1 and 1000000000000000),
    currency           text        not null check (currency ~ '^[A-Z]{3}$'),
    instrument         text,
    description        text,
    reference          text,
    metadata           jsonb,
    manual_capture     boolean     not null default false,
    status             text        not null
        check (status in ('PENDING', 'PROCESSING', 'REQUIRES_ACTION', 'AUTHORIZED', 'SUCCEEDED', 'FAILED', 'CANCELED',
                          'RETURNED', 'REFUSED')),
    problem            text,
    failure_code       text,
    failure_message    text,
    failure_provider_code text,
    provider           text        not null,
    provider_charge    text,
    provider_operation text,
    expires_at         timestamptz,
    next_action        text,
    follow_up          text check (follow_up in ('CAPTURE', 'CANCEL', 'EXPIRE')),
    follow_up_at       timestamptz,
    capture_amount     bigint check (capture_amount between 1 and amount),
    moved              bigint check (moved between 1 and 9000000000000000),
    reported           bigint,
    returned           bigint      not null default 0 check (returned between 0 and coalesce(moved, amount)),
    attention          text[]
        check (attention <@ '{UNREADABLE, CONTRADICTION, AMOUNT_MISMATCH, EXPIRED_KEY, REJECTED, UNPLACED}' and attention <> '{}'),
    hold               uuid,
    attempts           int         not null,
    attempted_at       timestamptz[] not null default '{}' check (cardinality(attempted_at) <= 20),
    sends              int         not null check (sends between 0 and attempts),
    failures           int         not null default 0,
    first_sent_at      timestamptz,
    sent_body          text,
    hinted             boolean     not null default false,
    undecided          boolean     not null default false,
    claimed_until      timestamptz,
    next_attempt_at    timestamptz,
    traceparent        text,
    created_at         timestamptz not null,
    final_at           timestamptz,
    check ((kind = 'REFUND') = (refund_of is not null)),
    -- A refund goes back to where its payment came from.
    check ((kind = 'REFUND') = (instrument is null)),
    check (kind = 'REFUND' or provider_charge is null),
    check ((status = 'REFUSED') = (problem is not null)),
    check ((status = 'FAILED') = (failure_code is not null)),
    -- Only money that has moved can differ from what was asked, or be taken back.
    check (status in ('SUCCEEDED', 'RETURNED') or moved is null and returned = 0),
    check (status <> 'RETURNED' or returned > 0),
    check ((status in ('PENDING', 'PROCESSING', 'REQUIRES_ACTION', 'AUTHORIZED')) = (final_at is null)),
    -- The customer or a capture is waited for at the provider only, for a limited time.
    check (status not in ('REQUIRES_ACTION', 'AUTHORIZED') or kind = 'PAY_IN' and expires_at is not null and follow_up is null),
    check (expires_at is null or final_at is null and provider_operation is not null),
    check ((status = 'REQUIRES_ACTION') = (next_action is not null)),
    check (follow_up is null or status = 'PROCESSING' and expires_at is not null),
    check ((follow_up is null) = (follow_up_at is null)),
    check (manual_capture or status <> 'AUTHORIZED' and follow_up is distinct from 'CAPTURE'),
    check ((follow_up is not distinct from 'CAPTURE') = (capture_amount is not null)),
    check (not manual_capture or kind = 'PAY_IN'),
    -- A pending payment was never sent, so it can be canceled.
    check (status <> 'PENDING' or sends = 0),
    -- Money that leaves an account is held before the provider is asked to move it.
    check (kind = 'PAY_IN' or status = 'REFUSED' or hold is not null or attempts = 0),
    -- No payment is forgotten: until it is final, either a next attempt or a person is waiting for it.
    check (final_at is not null or next_attempt_at is not null or attention is not null)
);
comment on column payments.payment.problem is 'why the request was refused; kept so that the same key gets the same answer';
comment on column payments.payment.provider is 'the name of the gateway that takes the payment to its provider';
comment on column payments.payment.provider_charge is 'of a refund: the provider''s id of the charge that it gives back';
comment on column payments.payment.manual_capture is 'the provider only reserves the amount until the owner captures it';
comment on column payments.payment.expires_at is 'when a payment is ended that waits at the provider for its customer or its capture';
comment on column payments.payment.next_action is 'the provider''s page on which the customer has to act';
comment on column payments.payment.follow_up is 'what the provider is asked to do with the operation that waits';
comment on column payments.payment.moved is 'what has moved, once that may differ from the amount: a person decided it, or the provider took something back';
comment on column payments.payment.reported is 'another amount that the provider reported: the limit of a person''s decision';
comment on column payments.payment.returned is 'sum of what the provider has taken back: see payment_movement';
comment on column payments.payment.attention is 'why a person has to decide; null if nobody has to';
comment on column payments.payment.hold is 'the hold in the ledger, of a pay-out or a refund';
comment on column payments.payment.attempts is 'calls of the provider, counted before they begin';
comment on column payments.payment.sends is 'calls by which the request may have reached the provider';
comment on column payments.payment.attempted_at is 'when each of the first twenty attempts began';
comment on column payments.payment.failures is 'attempts in a row that failed on our side; after ten a person has to look';
comment on column payments.payment.first_sent_at is 'from this time on the provider may know the idempotency key';
comment on column payments.payment.sent_body is 'what was sent first and is sent again to the letter; null before that and once the payment is final';
comment on column payments.payment.hinted is 'the provider has sent a webhook since it was last asked';
comment on column payments.payment.undecided is 'the provider has the payment and has not decided yet';
comment on column payments.payment.claimed_until is 'until then only the claimer may call the provider';

-- What is left of a payment for refunds. Null for a null argument, and for a status of a newer release. A connection keeps the plan from
-- when the table was small, which would read the whole table, so the function goes by key.
create function payments.refundable(payment uuid) returns bigint language sql stable strict
    set enable_seqscan = off as $$
    select case
             when p.status in ('SUCCEEDED', 'RETURNED') then coalesce(p.moved, p.amount) - p.returned - (
               select coalesce(sum(coalesce(r.moved, r.amount) - r.returned), 0) from payments.payment r
               where r.refund_of = p.id and r.status = 'SUCCEEDED')
             when p.status in ('FAILED', 'CANCELED') then 0
           end
    from payments.payment p
    where p.id = $1
$$;

-- A request takes effect once. Idempotency keys of payments and of refunds are separate.
create unique index payment_key on payments.payment (owner, idempotency_key, (kind = 'REFUND'));

-- The table is the queue: recovery takes unfinished payments in the order of the next attempt, hinted ones first.
create index payment_unfinished on payments.payment (provider, hinted desc, next_attempt_at) where next_attempt_at is not null;
-- What time alone ends, looked for every few seconds.
create index payment_open on payments.payment (id) where final_at is null;

-- Lists of the API: all payments of an owner, of an account, by status and by the owner's reference; the refunds of a payment.
create index payment_by_owner on payments.payment (owner, id);
create index payment_by_account on payments.payment (account, id);
create index payment_by_status on payments.payment (owner, status, id);
-- Unfinished payments keep an account from being closed.
create index payment_under_way on payments.payment (account) where final_at is null;
create index payment_by_reference on payments.payment (owner, reference) where reference is not null;
create index payment_refunds on payments.payment (refund_of, id) where refund_of is not null;

-- Webhooks that name the provider's operation only.
create index payment_by_operation on payments.payment (provider_operation) where provider_operation is not null;

-- Operators' list of unfinished payments and of payments that need a decision.
create index payment_unresolved on payments.payment (id) where status in ('PENDING', 'PROCESSING') or attention is not null;
create index payment_attention on payments.payment (id) where attention is not null;

-- Reconciliation with the provider's records.
create index payment_by_time on payments.payment (created_at);

-- Requests to capture a payment, and their keys. What was refused keeps the refusal.
create table payments.capture_request (
    owner           text        not null,
    idempotency_key text        not null,
    fingerprint     bytea       not null,
    payment         uuid        not null references payments.payment,
    problem         text,
    created_at      timestamptz not null default clock_timestamp(),
    primary key (owner, idempotency_key)
);
-- A payment is captured once.
create unique index capture_request_accepted on payments.capture_request (payment) where problem is null;
-- Old refusals, for the purge.
create index capture_request_refused on payments.capture_request (created_at) where problem is not null;
grant select, insert, delete on payments.capture_request to ${applicationRole};

-- Old refusals, for the purge.
create index payment_refused on payments.payment (created_at) where status = 'REFUSED';

-- What the owner asked for never changes; only its progress does.
grant select, insert, delete on payments.payment to ${applicationRole};
grant update (status, problem, failure_code, failure_message, failure_provider_code, provider_operation, expires_at, next_action,
              follow_up, follow_up_at, capture_amount, traceparent, moved, reported, returned, attention, hold, attempts, attempted_at, sends, failures, first_sent_at, sent_body, hinted,
              undecided, claimed_until, next_attempt_at, final_at)
    on payments.payment to ${applicationRole};

-- The right to delete is for refusals, which are purged after 30 days. What was accepted stays.
create function payments.keep_accepted() returns trigger language plpgsql as $$
begin
    raise exception 'what was accepted cannot be deleted' using errcode = 'restrict_violation';
end $$;

create trigger keep_accepted before delete on payments.payment
    for each row when (old.status <> 'REFUSED') execute function payments.keep_accepted();
create trigger keep_accepted before delete on payments.capture_request
    for each row when (old.problem is null) execute function payments.keep_accepted();

-- The timeline of each payment, append-only.
create table payments.payment_step (
    payment uuid        not null references payments.payment,
    no      int         not null,
    status  text        not null,
    at      timestamptz not null,
    note    text        not null,
    primary key (payment, no)
);
grant select, insert on payments.payment_step to ${applicationRole};

-- The time since which a payment does not cover a refund of that amount: the last change of the payment or of a refund that
-- has succeeded. Null if it covers it, and for a null argument.
create function payments.uncovered_since(payment uuid, amount bigint) returns timestamptz language sql stable strict
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off as $$
    select max(s.at)
    from payments.payment_step s
    where payments.refundable($1) < $2 and s.payment in (
        select p.id from payments.payment p where p.id = $1 or p.refund_of = $1 and p.status = 'SUCCEEDED')
$$;

-- Money that moved for a payment beside or after the payment itself, append-only. Each has a posting of its own.
create table payments.payment_movement (
    payment uuid   not null references payments.payment,
    no      int    not null,
    kind    text   not null check (kind in ('RETURNED', 'REINSTATED', 'DECIDED')),
    source  text   not null,
    amount  bigint not null check (amount <> 0),
    primary key (payment, no),
    -- What the provider does is booked once, by the id of its operation.
    unique (source, kind, payment),
    check (kind = 'DECIDED' or (kind = 'REINSTATED') = (amount > 0))
);
comment on column payments.payment_movement.source is 'the provider''s operation, or the number of the decision';
comment on column payments.payment_movement.amount is 'negative if it reduces what the payment has moved';
grant select, insert on payments.payment_movement to ${applicationRole};

-- What operators were asked about: of each of the provider's operations what differed last. They are asked again once it changes.
create table payments.payment_finding (
    payment   uuid not null references payments.payment,
    operation text not null,
    finding   text not null,
    primary key (payment, operation)
);
comment on column payments.payment_finding.operation is 'the id that the provider gave its operation; empty if it does not have the payment';
comment on column payments.payment_finding.finding is 'what the provider has, such as "approved 1250 EUR, 100 returned"; empty if it does not have the payment';
grant select, insert, update, delete on payments.payment_finding to ${applicationRole};

-- The provider's report while a reconciliation runs. It is logged: a run that goes on after a crash of the database would take
-- what an unlogged table has lost for missing at the provider.
create table payments.reported_operation (
    id        text primary key,
    key       text  not null,
    at        timestamptz,
    operation jsonb not null
);
create index reported_operation_by_key on payments.reported_operation (key);
grant select, insert, update, truncate on payments.reported_operation to ${applicationRole};

-- The last reconciliation of each day (in UTC) with the provider's report.
create table payments.reconciliation (
    day     date primary key,
    ran_at  timestamptz not null,
    matched bigint      not null
);
grant select, insert, update on payments.reconciliation to ${applicationRole};

-- What the reconciliations of a day have found.
create table payments.reconciliation_difference (
    day       date        not null,
    kind      text        not null,
    payment   uuid references payments.payment,
    operation text,
    ours      text,
    theirs    text,
    found_at  timestamptz not null,
    resolved  boolean     not null default false,
    unique nulls not distinct (day, kind, payment, operation)
);
comment on column payments.reconciliation_difference.operation is 'the id that the provider gave its operation';
comment on column payments.reconciliation_difference.found_at is 'the last run that found it; it is resolved once a later run does not';
grant select, insert, update on payments.reconciliation_difference to ${applicationRole};
