-- Holds of payments and refunds, which are promised to the provider: a posting of their own, without entries.

create index transfer_settlement on accounts.transfer (idempotency_key) where operation = 'payment';

create or replace function accounts.check_new_entries() returns trigger language plpgsql set search_path = '' as $$
begin
    -- All entries of a transfer come in one statement, balance, and are about its amount.
    if exists (select
               from (select transfer, count(*) as entries, sum(amount) as total,
                            sum(amount) filter (where amount > 0) as moved,
                            min(currency) as currency, count(distinct currency) as currencies
                     from new_entries group by transfer) e
               left join accounts.transfer t on t.id = e.transfer and t.problem is null and t.operation not in ('hold', 'payment_hold')
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
