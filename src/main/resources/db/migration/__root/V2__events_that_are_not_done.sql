-- What Spring Modulith's table lacks for events that fail: when to try again, how often it was in vain, and why.
-- Rows that Modulith inserts do not name these columns: they are due at once.

alter table shared.event_publication
    add next_attempt_at timestamptz default clock_timestamp(),
    add failures        int not null default 0 check (failures >= 0),
    add last_error      text;
comment on column shared.event_publication.next_attempt_at is 'null for what is dead: it waits for an operator';

-- The row is the queue: all that is due, in its order.
create index event_publication_due on shared.event_publication (next_attempt_at) where next_attempt_at is not null;

-- Modulith looked for events by their content, and for completed ones. Nobody does here.
drop index shared.event_publication_by_event;
drop index shared.event_publication_by_completion;
