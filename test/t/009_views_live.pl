# Live views under writers, refreshes, refits, readers and consumers at once, through crashes, a dump, and on a standby:
# always are they what the orders say.  CLV_LIVE is for how many seconds (default 30).
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; require IPC::Run; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $seconds = $ENV{CLV_LIVE} || 30;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('views_live');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "deadlock_timeout = '200ms'\nrestart_after_crash = on\nmax_connections = 60\nhot_standby_feedback = on\nmax_standby_streaming_delay = -1\n");
$node->start;

# --- a shop, still empty, and what writes to it

# Each client has order numbers of its own, so that it waits for no other but by our doing.  Customers are everybody's.
$node->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, number bigint NOT NULL, customer_id integer, ordered_at timestamp NOT NULL, amount numeric(10,2), channel text) PARTITION BY RANGE (ordered_at);
	CREATE TABLE orders_old PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
	CREATE TABLE orders_new PARTITION OF orders DEFAULT PARTITION BY HASH (number);
	CREATE TABLE orders_new_0 PARTITION OF orders_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE orders_new_1 PARTITION OF orders_new FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	CREATE INDEX ON orders (customer_id);
	CREATE INDEX ON orders (number);
	CREATE UNIQUE INDEX ON orders (number, id, ordered_at);
	CREATE TABLE refunds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number bigint NOT NULL, refunded_at timestamp NOT NULL, amount numeric(10,2));
	CREATE INDEX ON refunds (number);
	CREATE SEQUENCE numbers;

	CREATE FUNCTION a_customer() RETURNS integer LANGUAGE sql AS 'SELECT 1 + floor(60 * random() ^ 2)::integer';
	CREATE FUNCTION a_time() RETURNS timestamp LANGUAGE sql AS $$SELECT CASE WHEN random() < 0.3 THEN CURRENT_DATE - floor(3 * random())::integer ELSE CURRENT_DATE - floor(800 * random())::integer END + interval '1 hour' * floor(24 * random())$$;
	CREATE FUNCTION an_order(client integer) RETURNS bigint LANGUAGE sql AS 'SELECT o.number FROM orders AS o WHERE o.number % 8 = client ORDER BY random() LIMIT 1';
	CREATE FUNCTION step(client integer) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE n bigint := an_order(client); kind integer := floor(13 * random());
	BEGIN
		IF n IS NULL OR kind < 4 THEN
			n := 8 * nextval('numbers') + client;
			INSERT INTO orders (number, customer_id, ordered_at, amount, channel)
			SELECT n, c.c, c.at + interval '1 day' * floor(2 * random()), round((random() * 100 - 10)::numeric, 2), (ARRAY['ad', 'shop', NULL])[1 + floor(3 * random())]
			FROM (SELECT a_customer() AS c, a_time() AS at) AS c, generate_series(1, 1 + floor(3 * random())::integer);
		ELSIF kind = 4 THEN
			UPDATE orders SET amount = amount + 1 WHERE number = n;
		ELSIF kind = 5 THEN
			-- another customer
			UPDATE orders SET customer_id = a_customer_moved.c FROM (SELECT a_customer() AS c) AS a_customer_moved WHERE number = n;
		ELSIF kind = 6 THEN
			-- another partition
			UPDATE orders SET ordered_at = t.at FROM (SELECT a_time() AS at) AS t WHERE number = n;
		ELSIF kind = 7 THEN
			DELETE FROM orders WHERE number = n;
		ELSIF kind = 8 THEN
			INSERT INTO refunds (number, refunded_at, amount) VALUES (n, a_time(), round((random() * 20)::numeric, 2));
		ELSIF kind = 9 THEN
			UPDATE refunds AS r SET number = n WHERE r.id = (SELECT s.id FROM refunds AS s WHERE s.number % 8 = client LIMIT 1);
		ELSIF kind = 10 THEN
			DELETE FROM refunds WHERE number = n;
		ELSIF kind = 11 THEN
			MERGE INTO orders AS o USING (VALUES (n), (8 * nextval('numbers') + client)) AS m (number) ON o.number = m.number
			WHEN MATCHED AND random() < 0.3 THEN DELETE
			WHEN MATCHED THEN UPDATE SET amount = o.amount - 1
			WHEN NOT MATCHED THEN INSERT (number, customer_id, ordered_at, amount) VALUES (m.number, a_customer(), a_time(), 7);
		ELSE
			-- a subtransaction that fails
			BEGIN
				UPDATE orders SET customer_id = a_customer(), amount = 1000000 WHERE number = n;
				DELETE FROM refunds WHERE number = n;
				RAISE division_by_zero;
			EXCEPTION WHEN division_by_zero THEN NULL;
			END;
		END IF;
	END $$;
});
my $columns = q{customer => 'customer_id', ordered_at => 'ordered_at', amount => 'amount', order_id => 'number', channel => 'channel', currency => 'EUR',
	refunds => 'refunds', refunds_order_id => 'number', refunds_at => 'refunded_at', refunds_amount => 'amount'};
is($node->safe_psql('postgres', "SELECT count(*) > 30 FROM clv_create_views('live', 'orders', $columns, upkeep => 'live', value_thresholds => '{100, 500}')"), 't', 'live views of an empty shop');
is($node->safe_psql('postgres', q{SELECT * FROM clv_refresh_views('live')}), '0|0|0|0', 'nothing is kept');
$node->safe_psql('postgres', "SELECT FROM clv_create_views('plain', 'orders', $columns, model => 'none')");

# What must hold in any snapshot, as one query: its rows are what is wrong.
my @facts = map { "c.$_" } qw(customer_id value orders last_purchase first_purchase purchase_days average_order_value refunds mean_gap days_since_last channel currency as_of);
$node->safe_psql('postgres', q{
	CREATE VIEW wrong AS
	SELECT 'histories' AS what, coalesce(h.customer_id, f.customer_id)::text AS who, h.history::text AS has, f.history::text AS should
	FROM live.histories AS h FULL JOIN live.fresh_histories AS f ON f.customer_id = h.customer_id
	WHERE clv_history_send(h.history) IS DISTINCT FROM clv_history_send(f.history) OR h.channel IS DISTINCT FROM f.channel
	UNION ALL
	SELECT 'plain', coalesce(h.customer_id, f.customer_id)::text, h.history::text, f.history::text
	FROM live.histories AS h FULL JOIN plain.histories AS f ON f.customer_id = h.customer_id
	WHERE clv_history_send(h.history) IS DISTINCT FROM clv_history_send(f.history) OR h.channel IS DISTINCT FROM f.channel
	UNION ALL
	SELECT 'kept', coalesce(k.customer_id, f.customer_id)::text, k.history::text, f.history::text
	FROM live.kept_histories AS k FULL JOIN live.fresh_histories AS f ON f.customer_id = k.customer_id
	WHERE clv_history_send(k.history) IS DISTINCT FROM clv_history_send(f.history) AND NOT EXISTS (SELECT FROM live.queue AS q WHERE q.customer_id = coalesce(k.customer_id, f.customer_id))
	UNION ALL
	SELECT 'customers', coalesce(c.customer_id, p.customer_id)::text, c::text, p::text
	FROM (SELECT FACTS FROM live.customers AS c) AS c FULL JOIN (SELECT FACTS FROM plain.customers AS c) AS p ON p.customer_id = c.customer_id
	WHERE c::text IS DISTINCT FROM p::text
	UNION ALL
	SELECT 'unknown', NULL, NULL, NULL FROM live.queue AS q WHERE q.customer_id IS NULL;
} =~ s/FACTS/join ', ', @facts/egr);
# Also: changes of each customer, one after the other, lead from nothing to what is kept.
$node->safe_psql('postgres', q{
	CREATE VIEW wrong_changes AS
	WITH said AS (
		SELECT c.id, c.customer_id, c.kind, c.old_value, c.new_value, lag(c.new_value) OVER w AS before, row_number() OVER (PARTITION BY c.customer_id, c.kind ORDER BY c.id DESC) AS back
		FROM live.changes AS c WHERE c.kind IN ('segment', 'tier', 'stage', 'warning') WINDOW w AS (PARTITION BY c.customer_id, c.kind ORDER BY c.id)
	), kept AS (
		SELECT k.customer_id, v.kind, v.value FROM live.kept_customers AS k, LATERAL (VALUES ('segment', k.segment), ('tier', k.tier), ('stage', k.stage), ('warning', k.warning)) AS v (kind, value)
	)
	SELECT 'chain' AS what, s.id, s.customer_id, s.kind, s.before AS has, s.old_value AS should FROM said AS s WHERE s.before IS DISTINCT FROM s.old_value
	UNION ALL
	SELECT 'replay', s.id, coalesce(k.customer_id, s.customer_id), coalesce(k.kind, s.kind), s.new_value, k.value
	FROM (SELECT * FROM said WHERE back = 1) AS s FULL JOIN kept AS k ON k.customer_id = s.customer_id AND k.kind = s.kind
	WHERE s.new_value IS DISTINCT FROM k.value;

	-- volatile: each query has a snapshot of its own, taken when TRUNCATE, which leaves nothing to older ones, is over
	CREATE FUNCTION check_all() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
	DECLARE w record; digest text;
	BEGIN
		SELECT * INTO w FROM wrong LIMIT 1;
		IF FOUND THEN RAISE EXCEPTION 'WRONG %', w; END IF;
		SELECT md5(string_agg(h.customer_id || h.history::text, ',' ORDER BY h.customer_id)) || md5(string_agg(c.customer_id || c::text, ',' ORDER BY c.customer_id)) INTO digest FROM live.histories AS h JOIN live.customers AS c USING (customer_id);
		RETURN coalesce(digest, 'none');
	END $$;
	CREATE FUNCTION same(a text, b text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF a <> b THEN RAISE EXCEPTION 'WRONG snapshot'; END IF; END $$;

	-- consumers, who note what they take in the order in which they take it
	CREATE TABLE seen (n bigint GENERATED ALWAYS AS IDENTITY, consumer text, id bigint, pid integer DEFAULT pg_backend_pid());
	CREATE FUNCTION consume(consumer text, most integer) RETURNS bigint LANGUAGE plpgsql SET client_min_messages = warning AS $$
	DECLARE c record; last bigint;
	BEGIN
		FOR c IN SELECT * FROM clv_take_changes('live', consumer, most) LOOP
			IF c.id <= last THEN RAISE EXCEPTION 'WRONG order of changes'; END IF;
			last := c.id;
			INSERT INTO seen (consumer, id) VALUES (consumer, last);
		END LOOP;
		PERFORM clv_acknowledge_changes('live', consumer, last) WHERE last IS NOT NULL;
		RETURN last;
	END $$;

	-- one refresh after the other, until it is killed
	CREATE PROCEDURE refresh_on() LANGUAGE plpgsql AS $$ BEGIN LOOP PERFORM clv_refresh_views('live'); COMMIT; END LOOP; END $$;
});

# Scripts of pgbench; what fails is in its output.
my %scripts = (
	one => 'SELECT step(:client_id);',
	two => 'BEGIN; SELECT step(:client_id); SELECT step(:client_id); COMMIT;',
	undone => 'BEGIN; SELECT step(:client_id); SELECT step(:client_id); ROLLBACK;',
	partly => 'BEGIN; SELECT step(:client_id); SAVEPOINT a; SELECT step(:client_id); ROLLBACK TO a; SELECT step(:client_id); SAVEPOINT b; SELECT step(:client_id); RELEASE b; COMMIT;',
	repeatable => 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT step(:client_id); SELECT step(:client_id); COMMIT;',
	slow => "BEGIN; SELECT step(:client_id);\n\\sleep 100 ms\nSELECT step(:client_id); COMMIT;",
	truncate => "\\sleep 2 s\nTRUNCATE refunds;\n\\sleep 3 s\nTRUNCATE orders;",
	refresh => "SELECT FROM clv_refresh_views('live');\n\\sleep 50 ms",
	everything => "SELECT FROM clv_refresh_views('live', true);\n\\sleep 700 ms",
	refit => "SELECT FROM clv_refit_views('live');\n\\sleep 2 s",
	verify => "SELECT 1 / (count(*) = 0)::integer FROM clv_verify_views('live', 1);\n\\sleep 300 ms",
	check => "SELECT check_all();\n\\sleep 50 ms",
	# a lock, since TRUNCATE leaves nothing to those who saw more
	snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE orders, refunds IN ACCESS SHARE MODE;\nSELECT check_all() AS before\n\\gset\n\\sleep 400 ms\nSELECT check_all() AS after\n\\gset\nSELECT same(':before', ':after');\nCOMMIT;\n\\sleep 100 ms",
	consume_a => "SELECT consume('a', 7);\n\\sleep 20 ms",
	consume_b => "BEGIN; SELECT consume('b', 5);\n\\sleep 10 ms\nCOMMIT;\n\\sleep 5 ms",
	forget_b => "BEGIN; SELECT consume('b', 5);\n\\sleep 10 ms\nROLLBACK;\n\\sleep 100 ms");
PostgreSQL::Test::Utils::append_to_file("$dir/$_.sql", ($scripts{$_} =~ s/; (?=\S)/;\n/gr) . "\n") for keys %scripts;

my $runs = 0;
sub start
{
	my ($clients, $for, @weights) = @_;
	my $run = { what => "@weights", out => "$dir/run" . $runs++ };
	$run->{harness} = IPC::Run::start([ 'pgbench', '-n', '-c', $clients, '-j', 1, '-T', $for, (map { ('-f', "$dir/$_") } map { s/^(\w+)/$1.sql/r } @weights), $node->connstr('postgres') ],
		'<', '/dev/null', '>', "$run->{out}.out", '2>', "$run->{out}.err");
	return $run;
}
sub finish
{
	my ($run) = @_;
	eval { $run->{harness}->finish; 1 };
	$run->{err} = PostgreSQL::Test::Utils::slurp_file("$run->{out}.err");
	($run->{done}) = PostgreSQL::Test::Utils::slurp_file("$run->{out}.out") =~ /actually processed: (\d+)/;
	return $run;
}
sub everybody
{
	my ($for) = @_;
	return (start(8, $for, 'one@30', 'two@10', 'undone@8', 'partly@8', 'repeatable@8', 'slow@6'), start(1, $for, 'check'), start(1, $for, 'truncate'), start(2, $for, 'refresh'), start(1, $for, 'everything@6', 'refit@1'),
		start(1, $for, 'verify'), start(2, $for, 'snapshot'), start(1, $for, 'consume_a'), start(3, $for, 'consume_b@9', 'forget_b@1'));
}
sub holds
{
	my ($on, $when) = @_;
	is($on->safe_psql('postgres', 'SELECT * FROM wrong LIMIT 3'), '', "$when: what is read is what the orders say");
}
sub all_seen
{
	my ($when) = @_;
	$node->safe_psql('postgres', q{SELECT FROM clv_refresh_views('live')});
	is($node->safe_psql('postgres', 'SELECT * FROM wrong_changes LIMIT 3'), '', "$when: changes lead to what is kept");
	for my $consumer ('a', 'b')
	{
		1 while $node->safe_psql('postgres', "SELECT consume('$consumer', 1000)") ne '';
		is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT s.id), count(*) FILTER (WHERE s.id < s.before) FROM (SELECT id, lag(id) OVER (ORDER BY n) AS before FROM seen WHERE consumer = '$consumer') AS s"),
			$node->safe_psql('postgres', 'SELECT count(*), count(*), 0 FROM live.changes'), "$when: consumer $consumer has seen each change once, in order");
	}
}
sub log_is_clean
{
	my ($when) = @_;
	my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile);
	unlike($log, qr/deadlock detected/, "$when: no deadlock");
	unlike($log, qr/TRAP:|PANIC|WARNING:  (?!terminating|what was written to public.sales)/, "$when: nothing of that kind in the log");
}

# --- all at once

my @runs = everybody(int($seconds * 0.6));
for my $run (map { finish($_) } @runs)
{
	# a notice may speak of the error of a forecast
	my $said = $run->{err} =~ s/^NOTICE: .*\n(?:(?!ERROR|WARNING|FATAL|NOTICE|pgbench).*\n)*//mgr;
	is($said =~ s/^pgbench: .*\n?//mgr =~ s/^\s+//r, '', "no error: $run->{what}");
	unlike($said, qr/error/, "and none of pgbench: $run->{what}");
	cmp_ok($run->{done} // 0, '>', 0, "it did something: $run->{what}");
	note "$run->{what}: $run->{done}";
}
holds($node, 'at the end');
all_seen('at the end');
log_is_clean('at the end');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM live.changes'), '>', 0, 'there were changes');
note $node->safe_psql('postgres', q{SELECT string_agg(kind || ': ' || n, ', ' ORDER BY kind) FROM (SELECT kind, count(*) AS n FROM live.changes GROUP BY kind) AS c});

# --- the same through crashes: of a process in a refresh, and of the server

my $each = $seconds * 0.4 / 3;
for my $crash ('a refresh', 'another', 'the server')
{
	@runs = everybody(int($each) + 20);
	sleep($each / 2 + rand($each / 2));
	if ($crash eq 'the server')
	{
		$node->stop('immediate');
	}
	else
	{
		my $victim = IPC::Run::start([ 'psql', '-XAtq', '-c', 'CALL refresh_on()', $node->connstr('postgres') . ' application_name=victim' ], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
		my $pid = '';
		# it works or waits for other refreshes, which end some time
		for (my $until = time() + $PostgreSQL::Test::Utils::timeout_default; $pid eq '' && time() < $until;)
		{
			$pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock'});
		}
		ok($pid ne '' && kill(9, $pid), "$crash is killed");
		eval { $victim->kill_kill; 1 };
	}
	finish($_) for @runs;
	for my $run (@runs)
	{
		unlike($run->{err}, qr/WRONG|deadlock|division/, "$crash crashes, nothing was wrong before: $run->{what}");
	}
	$node->start if $crash eq 'the server';
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';
	holds($node, "$crash crashed");
	all_seen("$crash crashed");
	holds($node, "$crash crashed, and refreshed");
}

# --- whatever keeps triggers from writing, orders are placed

$node->safe_psql('postgres', 'CREATE ROLE keeper; CREATE ROLE buyer; CREATE DATABASE rights');
$node->safe_psql('rights', q{
	CREATE SCHEMA tools;
	GRANT USAGE ON SCHEMA tools TO keeper;
	CREATE EXTENSION clv SCHEMA tools;
	CREATE TABLE sales (customer_id integer, sold_at date, amount numeric);
	CREATE INDEX ON sales (customer_id);
	INSERT INTO sales SELECT n, CURRENT_DATE - n, 5 FROM generate_series(1, 20) AS n;
	GRANT SELECT, TRIGGER ON sales TO keeper;
	GRANT INSERT, UPDATE, DELETE, TRUNCATE, SELECT ON sales TO buyer;
	CREATE SCHEMA kept AUTHORIZATION keeper;
	SET ROLE keeper;
	SELECT FROM tools.clv_create_views('kept', 'sales', 'customer_id', 'sold_at', 'amount', model => 'none', upkeep => 'live');
	SELECT FROM tools.clv_refresh_views('kept');
});
my $placed = 100;
# an order by somebody who has no right on the views: what that says, and how many rows wait
sub order_says
{
	my ($what, $says, $key) = @_;
	$key //= 'customer_id';
	$placed++;
	my ($status, $out, $err) = $node->psql('rights', "SET ROLE buyer; INSERT INTO sales ($key, sold_at, amount) VALUES ($placed, CURRENT_DATE, 7); UPDATE sales SET amount = 8 WHERE $key = '$placed'; DELETE FROM sales WHERE $key = '1000'");
	is($status, 0, "$what: an order is placed") or diag $err;
	$says eq '' ? is($err, '', "$what: and nothing said") : like($err, qr/$says/, "$what: with a warning");
	is($node->safe_psql('rights', "SELECT amount FROM sales WHERE $key = '$placed'"), '8', "$what: and is there");
}
sub is_kept
{
	my ($what) = @_;
	is($node->safe_psql('rights', q{SELECT count(*) FROM kept.histories AS h FULL JOIN kept.fresh_histories AS f ON f.customer_id = h.customer_id WHERE h.history::text IS DISTINCT FROM f.history::text}), '0', $what);
}
order_says('as made', '');
is($node->safe_psql('rights', 'SELECT DISTINCT customer_id FROM kept.queue'), $placed, 'it waits');
is_kept('and is read');
for my $right ('INSERT ON kept.queue', 'USAGE ON SCHEMA kept')
{
	$node->safe_psql('rights', "REVOKE $right FROM keeper");
	order_says("without $right", 'WARNING: +what was written to public.sales is not in the queue of schema kept:');
	$node->safe_psql('rights', "GRANT $right TO keeper");
	is($node->safe_psql('rights', q{SET ROLE keeper; SELECT customer_id, difference FROM tools.clv_verify_views('kept', 1, repair => true)}), "$placed|missing", "without $right: found and repaired");
	is_kept("without $right: and is right");
}
$node->safe_psql('rights', 'ALTER SCHEMA kept RENAME TO away');
order_says('in a schema that was renamed', 'WARNING: +what was written');
$node->safe_psql('rights', 'ALTER SCHEMA away RENAME TO kept; ALTER TABLE kept.kept_histories RENAME TO elsewhere');
my ($status, $out, $err) = $node->psql('rights', 'BEGIN; SET ROLE buyer; TRUNCATE sales; ROLLBACK');
like($err, qr/WARNING: +what was written/, 'truncated, without what is kept');
unlike($err, qr/ERROR/, 'which is no error');
$node->safe_psql('rights', q{ALTER TABLE kept.elsewhere RENAME TO kept_histories; SET ROLE keeper; SELECT FROM tools.clv_verify_views('kept', 1, repair => true)});
is_kept('repaired');
$node->safe_psql('rights', 'ALTER TABLE sales RENAME customer_id TO client');
order_says('a column is renamed', 'WARNING: +what was written to public.sales is not in the queue of schema kept:', 'client');
is($node->safe_psql('rights', 'SELECT unknown_changes > 0 FROM kept.upkeep'), 't', 'which the upkeep says');
$node->safe_psql('rights', q{SET ROLE keeper; SELECT FROM tools.clv_refresh_views('kept')});
is_kept('the next refresh is right');
$node->safe_psql('rights', 'ALTER TABLE sales ADD customer_id text');
order_says('another has its name', 'WARNING: +what was written to public.sales is not in the queue of schema kept:', 'client');
$node->safe_psql('rights', q{SET ROLE keeper; SELECT FROM tools.clv_create_views('kept', 'sales', 'client', 'sold_at', 'amount', model => 'none', upkeep => 'live'); SELECT FROM tools.clv_refresh_views('kept')});
order_says('made again', '', 'client');
is_kept('right again');
$node->safe_psql('rights', 'DROP TABLE kept.queue CASCADE');
order_says('the queue is dropped', 'WARNING: +what was written', 'client');
$node->safe_psql('rights', q{SET ROLE keeper; SELECT FROM tools.clv_create_views('kept', 'sales', 'client', 'sold_at', 'amount', model => 'none', upkeep => 'live'); SELECT FROM tools.clv_refresh_views('kept')});
is_kept('made with another queue');
$node->safe_psql('rights', 'DROP EXTENSION clv CASCADE');
order_says('without the extension', '', 'client');
($status, $out, $err) = $node->psql('rights', 'SET ROLE buyer; TRUNCATE sales');
is($status, 0, 'truncated without the extension') or diag $err;
$node->safe_psql('rights', 'DROP SCHEMA kept CASCADE');
order_says('the schema is dropped', '', 'client');

# --- dumped and restored

$node->safe_psql('postgres', 'SELECT step(1), step(2), step(3) FROM generate_series(1, 20)');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM live.queue'), '>', 0, 'something waits');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_dump', '--format=custom', "--file=$dir/dump", 'postgres' ], 'dump');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'copy', "$dir/dump" ], 'restore');
for my $table (qw(histories customers queue kept_histories kept_customers kept_thresholds kept_segments changes consumers upkeep))
{
	my $columns = $table eq 'upkeep' ? 'as_of, refreshed_at, queued, queued_customers, last_change, behind' : '*';
	my $query = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM (SELECT $columns FROM live.$table) AS t";
	is($node->safe_psql('copy', $query), $node->safe_psql('postgres', $query), "the copy has the same $table");
}
my $write = q{
	SELECT step(1), step(2), step(3) FROM generate_series(1, 20);
	INSERT INTO orders (number, customer_id, ordered_at, amount) VALUES (8000000, 777, CURRENT_DATE, 50);
	INSERT INTO refunds (number, refunded_at, amount) VALUES (8000000, CURRENT_DATE, 20);
};
$node->safe_psql('copy', $write);
is($node->safe_psql('copy', 'SELECT * FROM wrong LIMIT 3'), '', 'what is written to the copy is seen');
is($node->safe_psql('copy', 'SELECT value FROM live.customers WHERE customer_id = 777'), '30', 'with its refund');
is($node->safe_psql('copy', q{SELECT inserted > 0 FROM clv_refresh_views('live')}), 't', 'and folded');
is($node->safe_psql('copy', 'SELECT (SELECT count(*) FROM live.queue), (SELECT count(*) FROM wrong), (SELECT count(*) FROM wrong_changes)'), '0|0|0', 'all holds in the copy');
is($node->safe_psql('copy', q{SELECT count(*) > 0, min(id) > (SELECT max(id) FROM seen) FROM clv_take_changes('live', 'a', 1000)}), 't|t', 'its consumers go on where they were');
is($node->safe_psql('copy', q{TRUNCATE orders; SELECT (SELECT count(*) FROM live.histories), (SELECT count(*) FROM live.customers)}), '0|0', 'truncated');

# --- a standby that reads

$node->safe_psql('postgres', q{SELECT FROM clv_refresh_views('live')});
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('views_live_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
my $writers = start(8, 4, 'one', 'two', 'slow');
my $refresher = start(1, 4, 'refresh@8', 'everything');
my $reads = 0;
my @wrong;
for (my $until = time() + 4; time() < $until; $reads++)
{
	push @wrong, grep { $_ ne '' } $standby->safe_psql('postgres', 'SELECT * FROM wrong LIMIT 3');
}
is("@wrong", '', "a standby reads what the orders say there, $reads times");
unlike(finish($_)->{err}, qr/error/, "meanwhile: $_->{what}") for $writers, $refresher;
$node->safe_psql('postgres', 'SELECT step(1), step(2), step(3) FROM generate_series(1, 20)');
$node->wait_for_catchup($standby);
for my $table (qw(histories customers segments queue))
{
	my $query = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM live.$table AS t";
	is($standby->safe_psql('postgres', $query), $node->safe_psql('postgres', $query), "the standby has the same $table");
}
cmp_ok($standby->safe_psql('postgres', 'SELECT count(*) FROM live.queue'), '>', 0, 'some of it through the queue');
log_is_clean('all along');

$standby->stop;
$node->stop;
done_testing();
