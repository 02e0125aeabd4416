-- An issued document. The PDF itself is in the blob store under `sha256`; `record` is the signed text (public key: the
-- platform's), `title` is JSON, `valid_until` an ISO date. `holder` is the short form of a name that the check page shows.
create table documents_documents (
    subject_id uuid not null,
    document_id uuid not null,
    event_id uuid not null,
    output text not null,
    number text not null,
    code text not null,
    case_id uuid not null,
    case_number text not null,
    service text not null,
    title text not null,
    agency text not null,
    holder text not null,
    lang text not null,
    sha256 text not null,
    size bigint not null,
    valid_until text,
    revocable bigint not null,
    state text not null,
    issued_at bigint not null,
    revoked_at bigint,
    revoke_reason text,
    record text not null,
    signature bytea not null,
    primary key (subject_id, document_id)
);
create unique index documents_documents_order on documents_documents (subject_id, event_id, output);
create index documents_documents_case on documents_documents (subject_id, case_id);

-- Where a document is, by the number printed on it: claimed before the document is made. Spread by number.
create table documents_routes (
    number text not null primary key,
    owner uuid not null,
    document_id uuid not null
);

-- Wrong codes given for a number since a moment.
create table documents_guesses (
    number text not null primary key,
    since bigint not null,
    wrong bigint not null
);
