-- The check of new entries keeps its plan for as long as its connection lives. One that was made while the tables were
-- small reads all of them, for each batch, when they are not: so it goes by keys, whatever the statistics say.
alter function accounts.check_new_entries() set enable_hashjoin = off;
alter function accounts.check_new_entries() set enable_mergejoin = off;
alter function accounts.check_new_entries() set enable_seqscan = off;
