-- Cases by the one for whom they were sent: a read model, written after the commit. The key is a keyed hash of the number of
-- the organisation, so that whoever may see what was asked for in its name finds it over all cabinets.
-- keyed otherwise: applications_represented: distributed by the one represented, whose cases are read together
create table applications_represented (
  represented text not null,
  case_id uuid not null,
  subject_id uuid not null,
  number text not null,
  service text not null,
  stage text not null,
  status text not null,
  actor text not null,
  submitted_at bigint not null,
  primary key (represented, case_id)
);
