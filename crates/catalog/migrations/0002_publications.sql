-- Text of a version as its author wrote it: what the next author goes on from, and what an export gives.
create table catalog_texts (
    hash text not null primary key,
    yaml text not null
);
-- What the folder of definitions held when a version was made of it: a file that has not changed is not compiled again.
create table catalog_sources (
    code        text not null primary key,
    file        text not null,
    fingerprint text not null,
    hash        text not null
);
-- What stands beside the version in force: offered, suspended with a public notice, retired.
create table catalog_standing (
    code     text   not null primary key,
    standing text   not null,
    notice   text   not null,
    since    bigint not null
);
-- A definition that an author is changing. `seq` guards against two authors overwriting each other.
create table catalog_revisions (
    revision_id   uuid   not null primary key,
    code          text   not null,
    owner         text   not null,
    stage         text   not null,
    seq           bigint not null,
    yaml          text   not null,
    base          text   not null,
    note          text   not null,
    author_name   text   not null,
    writers       text   not null,
    reviewer      uuid,
    reviewer_name text   not null,
    comment       text   not null,
    created_at    bigint not null,
    updated_at    bigint not null
);
-- One open revision of a service.
create unique index catalog_revisions_open on catalog_revisions (code) where stage in ('writing', 'review', 'approved');
-- Every step that changed what is in force, or will on a date, with who and why.
create table catalog_publications (
    publication_id text   not null primary key,
    code           text   not null,
    action         text   not null,
    state          text   not null,
    hash           text   not null,
    class          text   not null,
    note           text   not null,
    notice         text   not null,
    author         text   not null,
    reviewer       text   not null,
    publisher      text   not null,
    at             bigint not null,
    effective      bigint not null
);
create index catalog_publications_of on catalog_publications (code, at);
create index catalog_publications_due on catalog_publications (state, effective);
-- Rises with every change of what is in force, so that other instances notice.
create table catalog_generation (
    name text   not null primary key,
    n    bigint not null
);
-- What was published before this table was there.
insert into catalog_publications
    (publication_id, code, action, state, hash, class, note, notice, author, reviewer, publisher, at, effective)
select hash, code, 'publish', 'done', hash, class, '', '', '', '', '', published_at, published_at from catalog_versions;
