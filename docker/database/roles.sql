-- Runs once, when the database's volume is new. Two roles: the owner migrates, the application owns nothing
-- and has what the migrations grant it.
\getenv owner_password EVENKEEL_OWNER_PASSWORD
\getenv application_password EVENKEEL_PASSWORD

create role evenkeel_owner login password :'owner_password';
create role evenkeel login password :'application_password';

create database evenkeel owner evenkeel_owner;
revoke all on database evenkeel from public;
grant connect on database evenkeel to evenkeel;
