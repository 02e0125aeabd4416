-- Before a content is removed from the file store it is asked whether a document has it.
create index documents_documents_sha256 on documents_documents (sha256);
