-- The ledger. Amounts are minor units of the currency; times are the database's clock.
-- Run by the owner; the application's role may do what is granted here and nothing else.

create schema accounts;
grant usage on schema accounts to ${applicationRole};

-- Customers' accounts. System accounts have no row: their balance is the sum of their entries, so they need no lock.
create table accounts.account (
    id                 uuid primary key,
    owner              text        not null,
    name               text        not null,
    currency           text        not null check (currency ~ '^[A-Z]{3}$'),
    overdraft_limit    bigint      not null check (overdraft_limit between 0 and 1000000000000000),
    status             text        not null default 'open' check (status in ('open', 'frozen', 'closed')),
    frozen_by_operator boolean     not null default false check (status = 'frozen' or not frozen_by_operator),
    posted             bigint      not null default 0 check (posted between -9000000000000000 and 9000000000000000),
    held               bigint      not null default 0 check (held >= 0),
    seq                bigint      not null default 0 check (seq >= 0),
    changed_at         timestamptz,
    created_at         timestamptz not null default clock_timestamp(),
    idempotency_key    text        not null,
    fingerprint        bytea       not null,
    check (posted - held >= -overdraft_limit),
    check (status <> 'closed' or (posted = 0 and held = 0)),
    unique (owner, idempotency_key)
);
comment on column accounts.account.changed_at is 'of its latest entry or hold: the next one is not earlier';
create index account_by_owner on accounts.account (owner, id);
grant select, insert on accounts.account to ${applicationRole};
grant update (posted, held, seq, changed_at, status, frozen_by_operator) on accounts.account to ${applicationRole};

-- One row for each posting that was asked for under a key: posted, held, or refused for good with its problem.
create table accounts.transfer (
    id              uuid primary key,
    owner           text   not null,
    operation       text   not null,
    idempotency_key text   not null,
    fingerprint     bytea  not null,
    problem         jsonb,
    from_account    uuid,
    to_account      uuid,
    amount          bigint check (amount > 0),
    currency        text,
    description     text,
    reference       text,
    metadata        jsonb,
    payment         uuid,
    reversal_of     uuid references accounts.transfer,
    hold            uuid,
    posted_at       timestamptz not null,
    unique (owner, operation, idempotency_key),
    check ((problem is null) = (num_nonnulls(from_account, to_account, amount, currency) = 4))
);
comment on column accounts.transfer.problem is 'why it was refused; null for what was posted';
comment on column accounts.transfer.hold is 'what it captured';
create unique index transfer_reversed_once on accounts.transfer (reversal_of) where reversal_of is not null;
create unique index transfer_captured_once on accounts.transfer (hold) where hold is not null;
create index transfer_holds on accounts.transfer (owner, id) where operation = 'hold';
create index transfer_by_reference on accounts.transfer (owner, reference) where problem is null and reference is not null;
create index transfer_refused on accounts.transfer (posted_at) where problem is not null;
-- Refusals are deleted when they are old enough; nothing else can be: its entries or its hold refer to it.
grant select, insert, delete on accounts.transfer to ${applicationRole};

-- Append-only: corrections are new postings. Entries of system accounts have neither seq nor balance_after.
create table accounts.entry (
    id            uuid        not null,
    transfer      uuid        not null references accounts.transfer,
    account       uuid        not null,
    amount        bigint      not null check (amount <> 0),
    currency      text        not null,
    seq           bigint check (seq > 0),
    balance_after bigint,
    posted_at     timestamptz not null,
    primary key (transfer, account),
    unique (account, seq),
    check ((seq is null) = (balance_after is null)),
    -- system accounts, and only they, have ids of this form: see SystemAccount
    check ((seq is null) = (account::text like '00000000-0000-8000-8000-%'))
);
create index entry_by_time on accounts.entry (account, posted_at, seq) where seq is not null;
grant select, insert on accounts.entry to ${applicationRole};

-- Money that is promised to somebody: a transfer that has not been posted yet. It stays in the account, but cannot be spent.
create table accounts.hold (
    id         uuid primary key references accounts.transfer,
    account    uuid        not null,
    amount     bigint      not null check (amount > 0),
    captured   bigint      not null default 0 check (captured between 0 and amount),
    status     text        not null default 'held' check (status in ('held', 'captured', 'released', 'expired')),
    expires_at timestamptz,
    placed_at  timestamptz not null,
    ended_at   timestamptz check (ended_at >= placed_at),
    check ((status = 'held') = (ended_at is null)),
    check ((status = 'captured') = (captured > 0))
);
comment on column accounts.hold.expires_at is 'null for a payment''s, which never expires';
create index hold_by_account on accounts.hold (account, placed_at);
create index hold_open on accounts.hold (expires_at) where status = 'held';
grant select, insert on accounts.hold to ${applicationRole};
grant update (status, captured, ended_at) on accounts.hold to ${applicationRole};

-- Transfers that came together. Each is a row of its own; its key is the batch's id and its index.
create table accounts.batch (
    id              uuid primary key,
    owner           text        not null,
    idempotency_key text        not null,
    fingerprint     bytea       not null,
    problem         jsonb,
    size            int         not null check (size > 0),
    created_at      timestamptz not null default clock_timestamp(),
    unique (owner, idempotency_key)
);
comment on column accounts.batch.problem is 'why an atomic one was refused as a whole';
grant select, insert on accounts.batch to ${applicationRole};

-- The last line: whatever inserts entries, they balance and continue their accounts without a gap.
create function accounts.check_new_entries() returns trigger language plpgsql set search_path = '' as $$
begin
    -- All entries of a transfer come in one statement, balance, and are about its amount.
    if exists (select
               from (select transfer, count(*) as entries, sum(amount) as total,
                            sum(amount) filter (where amount > 0) as moved,
                            min(currency) as currency, count(distinct currency) as currencies
                     from new_entries group by transfer) e
               left join accounts.transfer t on t.id = e.transfer and t.problem is null and t.operation <> 'hold'
               where e.entries < 2 or e.total <> 0 or e.currencies > 1
                  or (e.moved, e.currency) is distinct from (t.amount, t.currency)
                  or e.entries < (select count(*) from accounts.entry a where a.transfer = e.transfer)) then
        raise exception 'the entries of a transfer do not balance' using errcode = 'check_violation';
    end if;
    if exists (select from new_entries e
               left join accounts.entry before on before.account = e.account and before.seq = e.seq - 1
               left join accounts.account a on a.id = e.account
               where e.seq is not null
                 and (a.currency is distinct from e.currency
                      or (e.seq > 1 and before.seq is null)
                      or e.balance_after <> coalesce(before.balance_after, 0) + e.amount)) then
        raise exception 'an entry does not continue its account' using errcode = 'check_violation';
    end if;
    return null;
end $$;

create trigger check_new_entries after insert on accounts.entry
    referencing new table as new_entries for each statement execute function accounts.check_new_entries();
