-- What GET /v1/payments looks for, besides all of an owner's.
create index payment_by_reference on payments.payment (owner, reference) where reference is not null;
create index payment_by_account on payments.payment (account, id);
