-- By what a session was proved: `password@micros sms@micros`. Sessions of before proved it too long ago to change the locks.
alter table identity_sessions add column proofs text not null default '';
update identity_sessions set proofs = 'sms@0' where by_code = 1;
update identity_sessions set proofs = 'password@0' where by_code = 0 and assurance = 'password';
update identity_sessions set proofs = 'password@0 sms@0' where by_code = 0 and assurance <> 'password';

-- How an account is guarded. No row: nothing special.
create table identity_guards (
  subject_id uuid not null,
  email_at bigint,
  code_by text not null,
  high_risk bigint not null,
  frozen_at bigint,
  recovered_at bigint,
  version bigint not null,
  primary key (subject_id)
);

-- Ways to sign in that a person added: apps for codes, passkeys, printed codes. Secrets are sealed, printed codes hashed.
create table identity_factors (
  subject_id uuid not null,
  factor_id uuid not null,
  kind text not null,
  name text not null,
  secret text not null,
  used_step bigint not null,
  created_at bigint not null,
  used_at bigint,
  removed_at bigint,
  version bigint not null,
  primary key (subject_id, factor_id)
);

-- Changes of the locks that wait, and what became of them. `data` is sealed.
create table identity_changes (
  subject_id uuid not null,
  change_id uuid not null,
  kind text not null,
  data text not null,
  proved text not null,
  state text not null,
  asked_at bigint not null,
  due_at bigint not null,
  ended_at bigint,
  primary key (subject_id, change_id)
);
create index identity_changes_due on identity_changes (state, due_at);

-- The links "this was not me": by the hash of their token, each good once.
-- keyed otherwise: identity_undo: who presses such a link is not signed in and brings the token only
create table identity_undo (
  token_hash text not null,
  subject_id uuid not null,
  change_id uuid not null,
  expires_at bigint not null,
  used_at bigint,
  primary key (token_hash)
);

-- Who signed in, when, from where, by what.
create table identity_sign_ins (
  subject_id uuid not null,
  entry_id uuid not null,
  at bigint not null,
  device text not null,
  place text not null,
  means text not null,
  primary key (subject_id, entry_id)
);

-- Attempts to get back in, for the report: no personal data, the subject's id only.
create table identity_recoveries (
  subject_id uuid not null,
  recovery_id uuid not null,
  method text not null,
  state text not null,
  begun_at bigint not null,
  ended_at bigint,
  primary key (subject_id, recovery_id)
);
create index identity_recoveries_begun on identity_recoveries (begun_at);
