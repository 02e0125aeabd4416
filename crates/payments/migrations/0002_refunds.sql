-- After which ends of its case a paid invoice is returned (outcomes, parted by commas), since when that is due, and because of which end.
-- A refund that has been made is the state `refunded`.
alter table payments_invoices add column refund_on text not null default '';
alter table payments_invoices add column refund_due_at bigint;
alter table payments_invoices add column refund_for text not null default '';
create index payments_invoices_refunds on payments_invoices (refund_due_at) where state = 'paid' and refund_due_at is not null;
