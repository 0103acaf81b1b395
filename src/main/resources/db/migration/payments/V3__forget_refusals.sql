-- Refusals are forgotten after 30 days. What was accepted is never deleted.

create index payment_refused on payments.payment (created_at) where status = 'REFUSED';

create function payments.keep_what_was_accepted() returns trigger language plpgsql as $$
begin
    raise exception 'what was accepted is kept' using errcode = 'restrict_violation';
end $$;

create trigger keep_what_was_accepted before delete on payments.payment
    for each row when (old.status <> 'REFUSED') execute function payments.keep_what_was_accepted();

grant delete on payments.payment to ${applicationRole};
