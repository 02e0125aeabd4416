-- A demand for payment. `seq` grows with every change, also of its transactions: the guard against two writers.
-- `lines` and `title` are JSON; instants are microseconds, money is tiyin.
create table payments_invoices (
    subject_id uuid not null,
    invoice_id uuid not null,
    event_id uuid not null,
    number text not null,
    case_id uuid not null,
    case_number text not null,
    service text not null,
    flow_state text not null,
    title text not null,
    lines text not null,
    amount bigint not null,
    state text not null,
    seq bigint not null,
    created_at bigint not null,
    expires bigint not null,
    changed_at bigint not null,
    paid_at bigint,
    credit_days bigint not null,
    credit_until bigint,
    credit_used_by uuid,
    covered_by uuid,
    settled bigint not null,
    primary key (subject_id, invoice_id)
);
create unique index payments_invoices_event on payments_invoices (subject_id, event_id);
create index payments_invoices_case on payments_invoices (subject_id, case_id);
create index payments_invoices_open on payments_invoices (expires) where state = 'open';

-- Where an invoice is, by the number that a payer types: claimed before the invoice is made. Spread by number.
create table payments_routes (
    number text not null primary key,
    owner uuid not null,
    invoice_id uuid not null
);

-- A provider's transaction on an invoice. Times of the Payme protocol are milliseconds, 0 = not yet.
create table payments_transactions (
    subject_id uuid not null,
    transaction_id uuid not null,
    invoice_id uuid not null,
    payme_id text not null,
    number text not null,
    amount bigint not null,
    payme_time bigint not null,
    create_time bigint not null,
    perform_time bigint not null,
    cancel_time bigint not null,
    state bigint not null,
    reason bigint,
    fiscal text,
    primary key (subject_id, transaction_id)
);
create index payments_transactions_invoice on payments_transactions (subject_id, invoice_id);
create index payments_transactions_time on payments_transactions (payme_time);

-- Where a transaction is, by the provider's id; its key makes an id unique.
create table payments_payme_routes (
    payme_id text not null primary key,
    owner uuid not null,
    transaction_id uuid not null
);
