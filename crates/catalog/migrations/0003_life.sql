-- What a person has said of a step of a life situation: done, or does not concern me.
create table catalog_life_marks (
    subject_id uuid   not null,
    situation  text   not null,
    step       text   not null,
    mark       text   not null,
    at         bigint not null,
    primary key (subject_id, situation, step)
);
