-- Organisations that have given a mandate; found by the claim of their STIR.
create table identity_organisations (
  subject_id uuid not null,
  stir text not null,
  name text not null,
  created_at bigint not null,
  primary key (subject_id)
);

-- What happened to a mandate; only ever added to. The subject is the organisation or person that gives it.
create table identity_mandate_events (
  subject_id uuid not null,
  mandate_id uuid not null,
  seq bigint not null,
  kind text not null,
  at bigint not null,
  actor uuid,
  body text not null,
  primary key (subject_id, mandate_id, seq)
);

-- Where a mandate stands: what lists and the daily look for those that have run out need.
create table identity_mandates (
  subject_id uuid not null,
  mandate_id uuid not null,
  number text not null,
  open bigint not null,
  until text not null,
  primary key (subject_id, mandate_id)
);
create index identity_mandates_until on identity_mandates (open, until);

-- Which mandates name a person, by the keyed hash of their number: also of somebody who has no cabinet yet.
-- keyed otherwise: identity_mandates_held: distributed by its own key, the holder
create table identity_mandates_held (
  holder text not null,
  mandate_id uuid not null,
  subject_id uuid not null,
  number text not null,
  primary key (holder, mandate_id)
);

-- For whom the holder of a session chose to act; gives no right. By the hash of the session's token, as the sessions.
create table identity_acting (
  token_hash bytea not null,
  kind text not null,
  subject_key text not null,
  name text not null,
  ends_at bigint not null,
  primary key (token_hash)
);
create index identity_acting_ends on identity_acting (ends_at);

-- Roles that administrators gave to members of staff: who gave them, who confirmed, until when, when last reviewed.
-- The roles that count are those of identity_staff; a grant is why.
create table identity_grants (
  staff_id uuid not null,
  grant_id uuid not null,
  role text not null,
  state text not null,
  given_by uuid,
  given_name text not null,
  given_at bigint not null,
  confirmed_name text not null,
  expires_at bigint not null,
  reviewed_at bigint not null,
  seq bigint not null,
  primary key (staff_id, grant_id)
);
create index identity_grants_ends on identity_grants (state, expires_at);

-- When a member of staff last used the portal.
create table identity_staff_seen (
  staff_id uuid not null,
  seen_at bigint not null,
  primary key (staff_id)
);
