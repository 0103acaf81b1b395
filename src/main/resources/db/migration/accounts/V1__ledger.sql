-- The ledger: customers' accounts, transfers, and the entries and holds they make.
-- Amounts are in minor units of their currency; times come from the database's clock.
-- In tables that grow with each transfer, columns of fixed size come first, so that no bytes are lost to their alignment.
-- The owner runs this; the application's role owns nothing and has only the rights granted here.

create schema accounts;
grant usage on schema accounts to ${applicationRole};

-- Customers' accounts with their current balance. System accounts have no row here: their balance is the sum of their
-- entries, so that postings do not queue for their lock (docs/adr/0007).
-- What most postings change is in adjacent columns, because an update logs all bytes from the first to the last change.
create table accounts.account (
    id                 uuid primary key,
    owner              text        not null,
    name               text        not null,
    currency           text        not null check (currency ~ '^[A-Z]{3}$'),
    overdraft_limit    bigint      not null check (overdraft_limit between 0 and 1000000000000000),
    status             text        not null default 'open' check (status in ('open', 'frozen', 'closed')),
    frozen_by_operator boolean     not null default false check (status = 'frozen' or not frozen_by_operator),
    owed               bigint      not null default 0 check (owed >= 0),
    held               bigint      not null default 0 check (held >= 0),
    posted             bigint      not null default 0 check (posted between -9000000000000000 and 9000000000000000),
    seq                bigint      not null default 0 check (seq >= 0),
    changed_at         timestamptz,
    created_at         timestamptz not null default clock_timestamp(),
    idempotency_key    text        not null,
    fingerprint        bytea       not null,
    -- An account never goes below its limit, whatever the code above does.
    check (posted - held >= -overdraft_limit),
    -- An account that owes has nothing free: whatever comes in or is released repays the debt first.
    constraint owing_account_has_nothing_free check (owed = 0 or posted - held = -overdraft_limit),
    check (status <> 'closed' or (posted = 0 and held = 0 and owed = 0)),
    unique (owner, idempotency_key)
) with (fillfactor = 70); -- Balances change all the time: with room on its page, an update touches no index.
comment on column accounts.account.posted is 'sum of all its entries';
comment on column accounts.account.held is 'sum of its open holds: still in the account, but not available';
comment on column accounts.account.owed is 'what a charge-back took beyond what was free (docs/adr/0027)';
comment on column accounts.account.seq is 'number of its latest entry';
comment on column accounts.account.changed_at is 'time of its latest entry or hold: the next one is not earlier';
create index account_by_owner on accounts.account (owner, id);
-- What accounts owe, for the audit.
create index account_owing on accounts.account (currency) where owed > 0;
-- Owner, currency, limit and key never change, and accounts are never deleted.
grant select, insert on accounts.account to ${applicationRole};
grant update (posted, held, owed, seq, changed_at, status, frozen_by_operator) on accounts.account to ${applicationRole};

-- One row for each posting requested under an idempotency key: posted, held, or refused with a problem that is kept so
-- that the same key gets the same answer.
create table accounts.transfer (
    id              uuid primary key,
    from_account    uuid,
    to_account      uuid,
    payment         uuid,
    reversal_of     uuid references accounts.transfer,
    hold            uuid,
    amount          bigint check (amount > 0),
    posted_at       timestamptz not null,
    owner           text   not null,
    operation       text   not null,
    idempotency_key text   not null,
    fingerprint     bytea  not null,
    problem         jsonb,
    currency        text,
    description     text,
    reference       text,
    metadata        jsonb,
    provider        text,
    -- A request takes effect once: concurrent duplicates meet here.
    unique (owner, operation, idempotency_key),
    check ((problem is null) = (num_nonnulls(from_account, to_account, amount, currency) = 4))
);
comment on column accounts.transfer.operation is 'see PostingRequest.Operation; each has idempotency keys of its own';
comment on column accounts.transfer.problem is 'why the request was refused; null for a posting';
comment on column accounts.transfer.payment is 'the payment that the transfer settles; for a refund, the payment that is refunded';
comment on column accounts.transfer.provider is 'the provider with which the transfer changes what it owes us';
comment on column accounts.transfer.hold is 'the hold that the transfer captures';
-- A transfer is reversed at most once, and a hold is captured at most once, however many requests compete.
create unique index transfer_reversed_once on accounts.transfer (reversal_of) where reversal_of is not null;
create unique index transfer_captured_once on accounts.transfer (hold) where hold is not null;
-- An owner's list of holds: all of them, and those from or to an account.
create index transfer_holds on accounts.transfer (owner, id) where operation = 'hold';
create index transfer_holds_from on accounts.transfer (owner, from_account, id) where operation = 'hold';
create index transfer_holds_to on accounts.transfer (owner, to_account, id) where operation = 'hold';
create index transfer_by_reference on accounts.transfer (owner, reference, id) where problem is null and reference is not null;
-- The settlement of a payment, and all settlements in the order of their keys, for the audit of payments.
create index transfer_settlement on accounts.transfer (idempotency_key) where operation = 'payment';
-- A payment's own postings, to sum its money in suspense.
create index transfer_by_payment on accounts.transfer (payment) where payment is not null;
-- The purge finds old refusals by it; refusals within a batch are kept.
create index transfer_refused on accounts.transfer (posted_at) where problem is not null and operation <> 'batch';
-- Nothing is updated. Deletion is for refusals only, see keep_posted_transfers.
grant select, insert, delete on accounts.transfer to ${applicationRole};

-- Entries and holds refer to transfers that were posted or held, so only refusals can be deleted. This trigger stands in
-- for a foreign key from entry to transfer, which would look up and lock the transfer again for each entry.
create function accounts.keep_posted_transfers() returns trigger language plpgsql as $$
begin
    raise exception 'a posted or held transfer cannot be deleted' using errcode = 'restrict_violation';
end $$;

create trigger keep_posted_transfers before delete on accounts.transfer
    for each row when (old.problem is null) execute function accounts.keep_posted_transfers();

-- The entries of posted transfers. They are append-only: a correction is a new transfer. Entries of customers' accounts
-- are numbered without gaps, in the order of their times, and carry the balance after them; entries of system accounts
-- have neither numbers nor balances.
create table accounts.entry (
    transfer      uuid        not null,
    account       uuid        not null,
    amount        bigint      not null check (amount <> 0),
    seq           bigint check (seq > 0),
    balance_after bigint,
    posted_at     timestamptz not null,
    currency      text        not null,
    listed_for    text,
    unique (account, seq),
    check ((seq is null) = (balance_after is null)),
    -- System accounts, and only they, have ids of this form: see SystemAccount.
    check ((seq is null) = (account::text like '00000000-0000-8000-8000-%'))
);
comment on column accounts.entry.transfer is 'its transfer: check_new_entries requires it, keep_posted_transfers keeps it';
comment on column accounts.entry.amount is 'positive into the account, negative out of it';
-- The entries of a transfer: no column more, so that they share one item of the index.
create index entry_by_transfer on accounts.entry (transfer);
-- A transfer moves money of a system account once, even if two transactions insert its entries at the same time. Entries of
-- customers are numbered, which says the same.
create unique index entry_of_system_account on accounts.entry (transfer, account) where seq is null;
comment on column accounts.entry.listed_for is 'the account''s owner; null if an earlier entry of the transfer has it already';
-- An owner's list of transfers, of however many accounts.
create index entry_listed on accounts.entry (listed_for, transfer) where listed_for is not null;
grant select, insert on accounts.entry to ${applicationRole};

-- The last line of defence: no statement, from whatever source, can insert entries that do not balance or that leave a
-- gap in their account.
--
-- The settings are for its queries. A connection keeps their plans as long as it lives, and a plan made while the
-- tables were small would read whole tables, batch after batch, once they have grown. So lookups go by key, always; and
-- all columns of a key are compared with one row, or a plan may look up by only a part of the key.
create function accounts.check_new_entries() returns trigger language plpgsql
    set search_path = ''
    set enable_hashjoin = off
    set enable_mergejoin = off
    set enable_seqscan = off
as $$
begin
    -- All entries of a transfer come in one statement, each of another account. They sum to zero, and move its amount in
    -- its currency.
    if exists (select
               from (select transfer, count(*) as entries, count(distinct account) as accounts, sum(amount) as total,
                            sum(amount) filter (where amount > 0) as moved,
                            min(currency) as currency, count(distinct currency) as currencies
                     from new_entries group by transfer) e
               left join accounts.transfer t on t.id = e.transfer and t.problem is null and t.operation not in ('hold', 'payment_hold')
               where e.entries < 2 or e.accounts < e.entries or e.total <> 0 or e.currencies > 1
                  or (e.moved, e.currency) is distinct from (t.amount, t.currency)
                  or e.entries < (select count(*) from accounts.entry a where a.transfer = e.transfer)) then
        raise exception 'the entries of a transfer do not balance' using errcode = 'check_violation';
    end if;
    -- Each entry of a customer's account continues from the one before it. The first of them continues from the account's
    -- last entry and from its row, which is updated after them.
    if exists (select
               from (select *, lag(seq) over w as last_seq, lag(balance_after) over w as last_balance,
                            lag(currency) over w as last_currency, lag(posted_at) over w as last_time
                     from new_entries where seq is not null
                     window w as (partition by account order by seq)) e
               left join accounts.account a on a.id = e.account and e.last_seq is null
               left join accounts.entry before on before.account = e.account and before.seq = e.seq - 1 and e.last_seq is null
               where (e.seq - 1, e.balance_after - e.amount, e.currency)
                     is distinct from (coalesce(e.last_seq, a.seq), coalesce(e.last_balance, a.posted), coalesce(e.last_currency, a.currency))
                  or e.posted_at < greatest(coalesce(e.last_time, before.posted_at), a.changed_at)
                  or e.last_seq is null and a.posted is distinct from case a.seq when 0 then 0 else before.balance_after end) then
        raise exception 'an entry does not continue its account' using errcode = 'check_violation';
    end if;
    return null;
end $$;

create trigger check_new_entries after insert on accounts.entry
    referencing new table as new_entries for each statement execute function accounts.check_new_entries();

-- Finds the number of an account's last entry before a time, or 0. Times never go back from one entry to the next, so that
-- bisecting takes the place of an index by time.
create function accounts.last_entry_before(account uuid, moment timestamptz) returns bigint language plpgsql stable
    set search_path = ''
as $$
declare
    low    bigint := 0;
    high   bigint := coalesce((select max(e.seq) from accounts.entry e where e.account = $1), 0);
    middle bigint;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        if (select e.posted_at < moment from accounts.entry e where e.account = $1 and e.seq = middle) then
            low := middle;
        else
            high := middle - 1;
        end if;
    end loop;
    return low;
end $$;

-- Reserved money: a transfer that is not posted yet (docs/adr/0009). The money stays in the account but is not available.
-- A hold ends once: captured in whole or in part, released, or expired.
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
comment on column accounts.hold.expires_at is 'null for a payment''s hold, which never expires';
-- Past balances: the holds that were open at some time.
create index hold_by_account on accounts.hold (account, placed_at);
-- What an account's open holds sum up to, for the audit.
create index hold_open_by_account on accounts.hold (account) where status = 'held';
-- Open holds in the order in which they expire.
create index hold_open on accounts.hold (expires_at) where status = 'held';
grant select, insert on accounts.hold to ${applicationRole};
grant update (status, captured, ended_at) on accounts.hold to ${applicationRole};

-- Operators' corrections with money of the ledger's own accounts. One person proposes, another approves.
create table accounts.adjustment (
    id              uuid primary key,
    proposed_by     text        not null,
    idempotency_key text        not null,
    fingerprint     bytea       not null,
    from_account    text        not null,
    to_account      text        not null,
    amount          bigint      not null check (amount > 0),
    currency        text        not null,
    reason          text        not null,
    status          text        not null default 'proposed' check (status in ('proposed', 'posted', 'rejected')),
    decided_by      text,
    transfer        uuid references accounts.transfer,
    created_at      timestamptz not null default clock_timestamp(),
    decided_at      timestamptz,
    unique (proposed_by, idempotency_key),
    check ((status = 'proposed') = (decided_by is null)),
    check ((status = 'posted') = (transfer is not null)),
    constraint adjustment_needs_two_people check (status <> 'posted' or decided_by <> proposed_by)
);
comment on column accounts.adjustment.from_account is 'an account''s id, or the name of one of the ledger''s own accounts';
grant select, insert on accounts.adjustment to ${applicationRole};
grant update (status, decided_by, transfer, decided_at) on accounts.adjustment to ${applicationRole};

-- What providers themselves say that they owe us, beside what clearing says. It may be negative.
create table accounts.reported_clearing (
    provider    text        not null,
    currency    text        not null,
    amount      bigint      not null,
    reported_at timestamptz not null,
    primary key (provider, currency)
);
grant select, insert, update on accounts.reported_clearing to ${applicationRole};

-- Batches: transfers requested together. Each is a row of accounts.transfer, whose key is the batch's id and its index.
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
comment on column accounts.batch.problem is 'why an atomic batch was refused as a whole';
grant select, insert on accounts.batch to ${applicationRole};
