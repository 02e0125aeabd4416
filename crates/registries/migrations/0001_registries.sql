-- Records of the registers that stand in for the real ones in the embedded and demo set-up.
-- A person is found by a keyed hash of the PINFL or passport, so that the table alone names nobody;
-- a thing (cadastre number, plate, taxpayer number) by its own key, with an empty person.
-- Not owned by a subject: these are other agencies' data, a reference table as far as cases are concerned.
create table registries_records (
    register    text   not null,
    person_hash text   not null,
    item_key    text   not null,
    data        text   not null,
    as_of       bigint not null,
    primary key (register, person_hash, item_key)
);
