-- Places of open applications under a limit by key: whoever files claims a place in the same commit, so that two cabinets cannot
-- both take the last one. `limit_key` is the keyed hash of `applications_cases`; the row goes when the case ends.
-- keyed otherwise: applications_limits: its key is the unique thing, over all cabinets (storage: a small claim table).
create table applications_limits (
    limit_key text not null,
    place bigint not null,
    subject_id uuid not null,
    case_id uuid not null,
    primary key (limit_key, place)
);
create index applications_limits_case on applications_limits (subject_id, case_id);
insert into applications_limits (limit_key, place, subject_id, case_id)
select limit_key, row_number() over (partition by limit_key order by submitted_at, case_id) - 1, subject_id, case_id
from applications_cases where ended_at is null and limit_key <> '';

-- Contents that evidence refers to. `seq` grows with every use, so that a deletion notices one that came in between;
-- `deleting` names the job (id of its event) that is taking the content away; empty = none.
-- keyed otherwise: applications_blobs: contents are shared by subjects, addressed by their hash.
create table applications_blobs (
    sha256 text not null primary key,
    seq bigint not null,
    deleting text not null
);
