-- Published definitions. A version is immutable and named by the SHA-256 of its JSON; cases point at it for ever.
create table catalog_versions (
    hash         text   not null primary key,
    code         text   not null,
    class        text   not null,
    published_at bigint not null,
    json         text   not null
);
create index catalog_versions_of on catalog_versions (code, published_at);
-- Which version of a service is in force.
create table catalog_services (
    code  text   not null primary key,
    hash  text   not null,
    since bigint not null
);
