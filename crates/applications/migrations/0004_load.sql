-- How much lies before units among which work is given out by load: counted anew, after the commit, whenever a case of a service
-- that gives out so has changed. Read when such a case goes on; nothing is counted then.
-- keyed otherwise: applications_load: of units, not of people.
create table applications_load (
    agency text not null,
    area text not null,
    n bigint not null,
    primary key (agency, area)
);
insert into applications_load (agency, area, n)
select agency, area, count(*) from applications_queue group by agency, area;
