-- Keys that sign tokens. The private half is sealed with a key of the installation. Generations count up within an
-- algorithm, so that two instances cannot both make the next key.
create table provider_keys (
  alg text not null,
  generation bigint not null,
  kid text not null,
  public_jwk text not null,
  sealed bytea not null,
  created_at bigint not null,
  starts_at bigint not null,
  primary key (alg, generation)
);

-- Registered clients: few rows, read by every request.
create table provider_clients (
  client_id text not null,
  doc text not null,
  secret_hash bytea,
  logo bytea,
  active bigint not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (client_id)
);

-- What was done to a client, by whom. Never changed.
create table provider_client_log (
  client_id text not null,
  entry_id uuid not null,
  at bigint not null,
  staff_id uuid not null,
  staff_name text not null,
  action text not null,
  detail text not null,
  primary key (client_id, entry_id)
);

-- Authorization requests under way, pushed or begun in a browser, by the SHA-256 of their handle.
create table provider_requests (
  handle_hash bytea not null,
  client_id text not null,
  params text not null,
  pushed bigint not null,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (handle_hash)
);
create index provider_requests_expires on provider_requests (expires_at);

-- Authorization codes, by their SHA-256; a used one stays until it would have expired long ago, so that a replay is seen.
-- keyed otherwise: provider_codes: whoever brings a code names no person
create table provider_codes (
  code_hash bytea not null,
  client_id text not null,
  subject_id uuid not null,
  grant_id uuid not null,
  session_id uuid not null,
  data text not null,
  expires_at bigint not null,
  used_at bigint,
  primary key (code_hash)
);
create index provider_codes_subject on provider_codes (subject_id, client_id);
create index provider_codes_expires on provider_codes (expires_at);

-- One sign-in of a person at a client: what its tokens hang on.
create table provider_grants (
  subject_id uuid not null,
  grant_id uuid not null,
  client_id text not null,
  session_id uuid not null,
  offline bigint not null,
  created_at bigint not null,
  used_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  revoked_why text,
  primary key (subject_id, grant_id)
);
create index provider_grants_session on provider_grants (subject_id, session_id);
create index provider_grants_expires on provider_grants (expires_at);

-- Access and refresh tokens, by their SHA-256.
-- keyed otherwise: provider_tokens: whoever brings a token names no person
create table provider_tokens (
  token_hash bytea not null,
  kind text not null,
  client_id text not null,
  subject_id uuid not null,
  grant_id uuid not null,
  data text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  revoked_at bigint,
  primary key (token_hash)
);
create index provider_tokens_grant on provider_tokens (subject_id, grant_id);
create index provider_tokens_expires on provider_tokens (expires_at);

-- What a person agreed that a client may know.
create table provider_consents (
  subject_id uuid not null,
  client_id text not null,
  data text not null,
  granted_at bigint not null,
  used_at bigint not null,
  expires_at bigint not null,
  version bigint not null,
  primary key (subject_id, client_id)
);

-- Devices without a browser that wait for their person.
-- keyed otherwise: provider_devices: nobody is known until the person types the code
create table provider_devices (
  device_hash bytea not null,
  user_hash bytea not null,
  client_id text not null,
  scope text not null,
  state text not null,
  subject_id uuid,
  data text,
  polled_at bigint not null,
  wait_s bigint not null,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (device_hash)
);
create unique index provider_devices_user on provider_devices (user_hash);
create index provider_devices_expires on provider_devices (expires_at);

-- Proofs and assertions seen already, by the SHA-256 of issuer and id.
create table provider_seen (
  seen_hash bytea not null,
  expires_at bigint not null,
  primary key (seen_hash)
);
create index provider_seen_expires on provider_seen (expires_at);

-- Counters of wrong codes; the key is a keyed hash of who tried.
create table provider_tries (
  bucket text not null,
  tries bigint not null,
  since bigint not null,
  primary key (bucket)
);
create index provider_tries_since on provider_tries (since);
