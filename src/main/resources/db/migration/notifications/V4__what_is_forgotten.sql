-- Refusals are forgotten, and so are deliveries that have ended or whose endpoint was deleted.

grant delete on notifications.webhook_endpoint to ${applicationRole};
create index webhook_endpoint_refused on notifications.webhook_endpoint (created_at) where status = 'refused';
create index webhook_endpoint_deleted on notifications.webhook_endpoint (id) where status = 'deleted';
create index webhook_delivery_ended on notifications.webhook_delivery (id) where next_attempt_at is null;

-- Whoever appends to a feed or sends asks for an owner's enabled endpoints, whatever else the owner left.
create index webhook_endpoint_enabled on notifications.webhook_endpoint (owner) where status = 'enabled';
drop index notifications.webhook_endpoint_by_owner;
create index webhook_endpoint_by_owner on notifications.webhook_endpoint (owner, id) where url is not null;
