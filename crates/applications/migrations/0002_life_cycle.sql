-- For whom a draft is begun (JSON; empty = for oneself) and a keyed hash of who that is: one open draft for each.
alter table applications_drafts add column behalf text not null default '';
alter table applications_drafts add column behalf_key text not null default '';
drop index applications_drafts_open;
create unique index applications_drafts_open_for on applications_drafts (subject_id, service, behalf_key) where case_id is null;

-- Keyed hash of what open cases are counted by (empty = by the person); name of the one for whom it is, for the list.
alter table applications_cases add column limit_key text not null default '';
alter table applications_cases add column behalf text not null default '';
-- When the data of a case that ended are to be erased, and when they were.
alter table applications_cases add column erase_after bigint;
alter table applications_cases add column erased_at bigint;
create index applications_cases_limit on applications_cases (limit_key) where ended_at is null;
create index applications_cases_erase on applications_cases (erase_after) where erased_at is null;
create index applications_files_sha256 on applications_files (sha256);
