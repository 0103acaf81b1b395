-- Pay-outs, refunds, what the provider takes back, and what needs a person's decision.

-- A refund is a payment of its own, of the kind REFUND.
alter table payments.payment
    add column refund_of     uuid references payments.payment,
    add column hold          uuid,
    add column first_sent_at timestamptz,
    add column hinted        boolean not null default false,
    alter column instrument drop not null,
    drop constraint payment_kind_check,
    drop constraint payment_status_check,
    drop constraint payment_attention_check,
    drop constraint payment_check3,
    drop constraint payment_owner_idempotency_key_key;
comment on column payments.payment.hold is 'in the ledger, of what is to be paid out or refunded';
comment on column payments.payment.first_sent_at is 'since when the provider may know the key';
comment on column payments.payment.hinted is 'the provider had news since it was last asked';

update payments.payment set attention = upper(attention) where attention is not null;
update payments.payment set first_sent_at = created_at where sends > 0;

alter table payments.payment
    add check (kind in ('PAY_IN', 'PAY_OUT', 'REFUND')),
    add check (status in ('PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'RETURNED', 'REFUSED')),
    add check (attention in ('EXPIRED_KEY', 'AMOUNT_MISMATCH', 'CONTRADICTION')),
    add check ((kind = 'REFUND') = (refund_of is not null)),
    add check ((kind = 'REFUND') = (instrument is null)),
    add check (kind = 'PAY_IN' or status = 'REFUSED' or hold is not null or attempts = 0),
    add check (status not in ('PENDING', 'PROCESSING') or next_attempt_at is not null or attention is not null),
    add check ((status in ('PENDING', 'PROCESSING')) = (final_at is null));

-- A key's scope is the operation: a refund is another one than a payment.
create unique index payment_key on payments.payment (owner, idempotency_key, (kind = 'REFUND'));
create index payment_list on payments.payment (owner, id);
create index payment_refunds on payments.payment (refund_of, id) where refund_of is not null;
create index payment_by_operation on payments.payment (provider_operation) where provider_operation is not null;
create index payment_by_day on payments.payment (created_at);
create index payment_unresolved on payments.payment (id) where status in ('PENDING', 'PROCESSING') or attention is not null;

grant update (problem, hold, first_sent_at, hinted) on payments.payment to ${applicationRole};
