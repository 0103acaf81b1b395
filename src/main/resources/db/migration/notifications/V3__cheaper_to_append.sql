-- Whoever appends to a feed has locked its row; the foreign key looked it up again for each notification.
alter table notifications.notification drop constraint notification_owner_fkey;

-- An account has one owner.
drop index notifications.notification_by_account;
create index notification_by_account on notifications.notification (account, seq);
