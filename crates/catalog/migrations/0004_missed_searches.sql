-- Questions of the search that found nothing, counted by day (ISO date in Tashkent). No personal data: rule CAT-MISSED.
-- keyed otherwise: catalog_missed: nobody's; the question and the day are the key
create table catalog_missed (
    question text   not null,
    day      text   not null,
    asked    bigint not null,
    primary key (question, day)
);
create index catalog_missed_by_day on catalog_missed (day);
