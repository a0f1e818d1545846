-- What is kept, as text and as bytes, and what views show, a line each.
SET client_min_messages = error;
SELECT 'history ' || md5(string_agg(history::text || encode(clv_history_send(history), 'hex'), ' ' ORDER BY customer_id)) FROM histories;
SELECT 'rfm ' || md5(string_agg(rfm::text, ' ' ORDER BY customer_id)) FROM rfms;
SELECT 'recurring ' || md5(string_agg(recurring::text || encode(clv_recurring_send(recurring), 'hex'), ' ' ORDER BY customer_id)) FROM recurrings;
SELECT 'sample ' || kind || ' ' || md5(sample::text || encode(clv_sample_send(sample), 'hex')) FROM samples ORDER BY 1;
SELECT 'model ' || kind || ' ' || md5(model::text || encode(clv_model_send(model), 'hex')) FROM models ORDER BY 1;
SELECT 'season ' || md5(season::text || encode(clv_season_send(season), 'hex')) FROM seasons;
SELECT 'own ' || md5(string_agg(own::text, ' ' ORDER BY customer_id)) FROM own;
SET enable_seqscan = off;
SELECT 'found by index ' || count(*) FROM histories WHERE history = (SELECT history FROM histories ORDER BY customer_id LIMIT 1);
RESET enable_seqscan;
SELECT format('SELECT %L || count(*) || %L || md5(coalesce(string_agg(v::text, %L ORDER BY v::text COLLATE "C"), %L)) FROM %I.%I AS v', relnamespace::regnamespace || '.' || relname || ' ', ' ', ' ', '', nspname, relname)
  FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname ~ '^v_' AND relkind = 'v' ORDER BY nspname, relname COLLATE "C" \gexec
