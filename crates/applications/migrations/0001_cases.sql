-- A draft: answers on their way to an application. `seq` guards against two devices overwriting each other.
create table applications_drafts (
    subject_id uuid not null,
    draft_id uuid not null,
    service text not null,
    version text not null,
    channel text not null,
    answers text not null,
    registers text not null,
    sources text not null,
    page bigint not null,
    seq bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    case_id uuid,
    primary key (subject_id, draft_id)
);
-- One open draft of a service for each person.
create unique index applications_drafts_open on applications_drafts (subject_id, service) where case_id is null;

-- What happened, only ever added to. `hash` chains each event to the one before.
create table applications_events (
    subject_id uuid not null,
    case_id uuid not null,
    seq bigint not null,
    kind text not null,
    body text not null,
    hash bytea not null,
    primary key (subject_id, case_id, seq)
);

-- The fold of the events, for lists.
create table applications_cases (
    subject_id uuid not null,
    case_id uuid not null,
    number text not null,
    service text not null,
    version text not null,
    state text not null,
    stage text not null,
    status text not null,
    unit text not null,
    due bigint,
    seq bigint not null,
    submitted_at bigint not null,
    updated_at bigint not null,
    ended_at bigint,
    primary key (subject_id, case_id)
);
create index applications_cases_open on applications_cases (subject_id, service, ended_at);

-- A case by its number: written after the commit, from the outbox, so that it may live on another node.
-- keyed otherwise: applications_routes: looked up by number, written after the commit from the outbox (docs/adr).
create table applications_routes (
    number text not null primary key,
    subject_id uuid not null,
    case_id uuid not null
);

-- What lies before a unit: a case, a task, a vote or an appeal. Rewritten whole from the events of the case.
create table applications_queue (
    subject_id uuid not null,
    case_id uuid not null,
    item text not null,
    kind text not null,
    agency text not null,
    area text not null,
    number text not null,
    service text not null,
    state text not null,
    title text not null,
    officer uuid,
    officer_name text not null,
    due bigint not null,
    submitted_at bigint not null,
    primary key (subject_id, case_id, item)
);
create index applications_queue_unit on applications_queue (agency, area, due);
create index applications_queue_wait on applications_queue (service, state, kind, submitted_at);

-- Cases that a unit has ended, for its head.
create table applications_done (
    subject_id uuid not null,
    case_id uuid not null,
    agency text not null,
    area text not null,
    service text not null,
    officer uuid,
    officer_name text not null,
    outcome text not null,
    late bigint not null,
    ended_at bigint not null,
    primary key (subject_id, case_id)
);
create index applications_done_unit on applications_done (agency, area, ended_at);

-- Up to which event a case has been projected, and under which counter it stands.
create table applications_projected (
    subject_id uuid not null,
    case_id uuid not null,
    seq bigint not null,
    service text not null,
    status text not null,
    stars bigint not null,
    primary key (subject_id, case_id)
);

-- Counters of a service by status and by stars (`stars_1` … `stars_5`), spread over buckets against contention.
create table applications_stats (
    service text not null,
    counter text not null,
    bucket bigint not null,
    n bigint not null,
    primary key (service, counter, bucket)
);

-- Evidence. The content lies in the blob store under `sha256`.
create table applications_files (
    subject_id uuid not null,
    file_id uuid not null,
    draft_id uuid,
    case_id uuid,
    field text not null,
    name text not null,
    kind text not null,
    bytes bigint not null,
    sha256 text not null,
    uploaded_by uuid,
    created_at bigint not null,
    primary key (subject_id, file_id)
);
