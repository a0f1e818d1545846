-- Who moved in the last month? A Sankey chart from the first column to the second.
SELECT from_segment, to_segment, customers, moved, moved_by_others
FROM shop_views.segment_moves_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
WHERE from_segment <> to_segment
ORDER BY customers DESC
