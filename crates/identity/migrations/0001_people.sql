-- A person with a cabinet. One row a person; the password lives here because a person has one account.
create table identity_people (
  subject_id uuid not null,
  account_id uuid not null,
  pinfl text,
  passport text,
  surname text not null,
  name text not null,
  patronymic text,
  birth_date text,
  sex text,
  citizenship text not null,
  phone text,
  phone_verified_at bigint,
  email text,
  lang text not null,
  address text,
  reliefs text not null,
  source text not null,
  source_at bigint not null,
  password_hash text not null,
  password_at bigint not null,
  version bigint not null,
  created_at bigint not null,
  primary key (subject_id)
);

-- Members of staff. They are not people with cabinets: another table, another sign-in, other rights.
create table identity_staff (
  staff_id uuid not null,
  account_id uuid not null,
  login text not null,
  name text not null,
  phone text not null,
  unit text not null,
  roles text not null,
  lang text not null,
  active bigint not null,
  password_hash text not null,
  password_at bigint not null,
  created_at bigint not null,
  primary key (staff_id)
);
create index identity_staff_unit on identity_staff (unit);

-- What must be unique over all people: the key is a keyed hash of the thing, so that neither a PINFL nor a
-- phone number can be read (or guessed without the key) from the table. Distributed by its own key.
create table identity_claims (
  claim text not null,
  kind text not null,
  owner_id uuid not null,
  claimed_at bigint not null,
  primary key (claim)
);

-- Sessions, by the SHA-256 of the token: a stolen copy of the table opens nothing.
create table identity_sessions (
  token_hash bytea not null,
  session_id uuid not null,
  owner_id uuid not null,
  owner_kind text not null,
  account_id uuid not null,
  display_name text not null,
  assurance text not null,
  channel text not null,
  by_code bigint not null,
  device text not null,
  place text not null,
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  ends_at bigint not null,
  revoked_at bigint,
  primary key (token_hash)
);
create index identity_sessions_owner on identity_sessions (owner_id, session_id);
create index identity_sessions_ends on identity_sessions (ends_at);

-- Devices that proved the second factor once: they are asked for the password only, and failures elsewhere never block them.
create table identity_devices (
  owner_id uuid not null,
  device_hash text not null,
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  primary key (owner_id, device_hash)
);

-- Unfinished registrations and sign-ins: what was proved so far and the hash of the code that was sent.
create table identity_flows (
  flow_hash text not null,
  kind text not null,
  owner_id uuid,
  data text not null,
  code_hash text,
  code_expires_at bigint not null,
  tries bigint not null,
  sends bigint not null,
  proved_at bigint,
  done_at bigint,
  version bigint not null,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (flow_hash)
);
create index identity_flows_expires on identity_flows (expires_at);

-- Counters of failures; the key is a keyed hash of who was tried from where.
create table identity_throttle (
  bucket text not null,
  failures bigint not null,
  window_start bigint not null,
  blocked_until bigint not null,
  primary key (bucket)
);
create index identity_throttle_window on identity_throttle (window_start);
