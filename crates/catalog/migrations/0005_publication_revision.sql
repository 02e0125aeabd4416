-- The revision that a publication is of: also one that was cancelled and never came in force. Null = of the folder of definitions,
-- of a standing alone, or of before this column.
alter table catalog_publications add column revision_id uuid;
