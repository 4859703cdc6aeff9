-- Field specs in a query: every value that a spec means, one row each (record_no, field_no, value).
--   select value, count(*) from spec('650a') group by all
-- The values are read by the same kernel as for rules; each spec of a query is registered under the hex digits
-- of its text, since names in SQL know no capitals and subfield codes do (852h is not 852H).
create macro spec(wanted) as table from query_table('spec_' || hex(wanted));
