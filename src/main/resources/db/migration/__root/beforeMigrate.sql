-- Refuses a server that lacks what the application uses, such as uuidv7(). Flyway runs this before each migration.
do
$$
begin
    if current_setting('server_version_num')::int < 180000 then
        raise exception 'it is version %', current_setting('server_version') using errcode = 'feature_not_supported';
    end if;
end
$$;
