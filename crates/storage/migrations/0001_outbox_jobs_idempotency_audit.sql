-- What has been promised and not yet done. state: 0 = new, 1 = jobs made.
create table storage_outbox (
    subject_id uuid not null,
    id uuid not null,
    lane bigint not null,
    state bigint not null,
    topic text not null,
    payload text not null,
    created_at bigint not null,
    run_at bigint not null,
    primary key (subject_id, id)
);
create index storage_outbox_state on storage_outbox (state, id);

-- One row for each subscriber of an event. state: 0 = waiting or running, 1 = done, 2 = dead.
create table storage_jobs (
    subject_id uuid not null,
    event_id uuid not null,
    subscriber text not null,
    lane bigint not null,
    state bigint not null,
    run_at bigint not null,
    attempts bigint not null,
    last_error text,
    primary key (subject_id, event_id, subscriber)
);
create index storage_jobs_due on storage_jobs (state, run_at, subscriber);

-- Who works on which part of the subjects, until when.
create table storage_lanes (
    lane bigint not null primary key,
    owner text not null,
    until bigint not null
);

-- Workers that are alive, so that they share the lanes fairly.
create table storage_workers (
    owner text not null primary key,
    until bigint not null
);

create table storage_periodic (
    name text not null primary key,
    next_run bigint not null,
    owner text not null,
    until bigint not null,
    last_run bigint,
    last_error text
);

-- The saved answer of a request that may be repeated.
create table storage_idempotency (
    subject_id uuid not null,
    key text not null,
    request_hash text not null,
    answer text not null,
    created_at bigint not null,
    primary key (subject_id, key)
);
create index storage_idempotency_age on storage_idempotency (created_at);

-- Who looked at or changed a person's data, why.
create table storage_audit (
    subject_id uuid not null,
    id uuid not null,
    at bigint not null,
    actor uuid not null,
    actor_name text not null,
    action text not null,
    reason text not null,
    object text not null,
    primary key (subject_id, id)
);
