-- The work of Hold and Capture inside the database: the same rows, locks and
-- checks, without a program in between.
CREATE TABLE bench_owner (n BIGINT PRIMARY KEY, owner TEXT NOT NULL);

CREATE FUNCTION bench_id(prefix TEXT) RETURNS TEXT LANGUAGE sql VOLATILE AS $$
	SELECT prefix || '_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 14, '0') || substr(md5(random()::text), 1, 12)
$$;

CREATE FUNCTION bench_now() RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
	SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
$$;

CREATE FUNCTION bench_hold(who TEXT, amount BIGINT) RETURNS TEXT LANGUAGE plpgsql AS $$
DECLARE
	o ledger_owner;
	l RECORD;
	job TEXT := bench_id('job');
	id TEXT := bench_id('hold');
	now BIGINT := bench_now();
	asked TEXT := md5('hold' || job || amount);
	seen TEXT;
	need BIGINT := amount;
	part BIGINT;
	n BIGINT := 0;
BEGIN
	UPDATE ledger_owner w SET previous = w.last, last = id, seq = w.seq + 1, available = w.available - amount, held = w.held + amount
		WHERE w.owner = who AND w.frozen = 0 AND w.available >= amount RETURNING * INTO o;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'shortfall';
	END IF;
	SELECT t.request INTO seen FROM ledger_txn t WHERE t.key = 'job:' || job AND t.key <> '' AND t.owner = who;
	IF FOUND THEN
		RAISE EXCEPTION 'seen %', seen;
	END IF;
	INSERT INTO ledger_txn (txn, owner, seq, previous, kind, key, request, source, hold, detail, amount, at, available, held, block)
		VALUES (id, who, o.seq, o.previous, 'hold', 'job:' || job, asked, job, '', '', amount, now, o.available, o.held, 0);
	FOR l IN SELECT x.lot, x.remaining - x.held AS free FROM ledger_lot x
		WHERE x.owner = who AND x.live = 1 AND x.frozen = 0 AND x.expires > now AND x.effective <= now AND x.remaining > x.held
		ORDER BY x.priority, x.expires, x.rank, x.at, x.lot
	LOOP
		part := least(l.free, need);
		n := n + 1;
		INSERT INTO ledger_entry (txn, n, lot, from_account, to_account, amount) VALUES (id, n, l.lot, 'available', 'held', part);
		UPDATE ledger_lot y SET held = y.held + part WHERE y.lot = l.lot;
		need := need - part;
		EXIT WHEN need = 0;
	END LOOP;
	IF need > 0 THEN
		RAISE EXCEPTION 'shortfall';
	END IF;
	RETURN id;
END $$;

CREATE FUNCTION bench_capture(which TEXT, amount BIGINT) RETURNS TEXT LANGUAGE plpgsql AS $$
DECLARE
	o ledger_owner;
	h ledger_txn;
	e RECORD;
	id TEXT := 'end_' || substr(which, 6);
	need BIGINT := amount;
	part BIGINT;
	rest BIGINT;
	k BIGINT := 0;
BEGIN
	SELECT t.* INTO h FROM ledger_txn t WHERE t.txn = which AND t.kind = 'hold';
	IF NOT FOUND OR h.amount < amount THEN
		RAISE EXCEPTION 'no hold';
	END IF;
	UPDATE ledger_owner w SET previous = w.last, last = id, seq = w.seq + 1, held = w.held - h.amount, available = w.available + h.amount - bench_capture.amount
		WHERE w.owner = h.owner AND w.held >= h.amount RETURNING * INTO o;
	PERFORM 1 FROM ledger_txn t WHERE t.txn = id;
	IF FOUND THEN
		RAISE EXCEPTION 'settled';
	END IF;
	INSERT INTO ledger_txn (txn, owner, seq, previous, kind, key, request, source, hold, detail, amount, at, available, held, block)
		VALUES (id, h.owner, o.seq, o.previous, 'capture', '', '', h.source, which, '', amount, bench_now(), o.available, o.held, 0);
	FOR e IN SELECT x.lot, x.amount FROM ledger_entry x WHERE x.txn = which ORDER BY x.n LOOP
		part := least(e.amount, need);
		rest := e.amount - part;
		IF part > 0 THEN
			k := k + 1;
			INSERT INTO ledger_entry (txn, n, lot, from_account, to_account, amount) VALUES (id, k, e.lot, 'held', 'consumed', part);
		END IF;
		IF rest > 0 THEN
			k := k + 1;
			INSERT INTO ledger_entry (txn, n, lot, from_account, to_account, amount) VALUES (id, k, e.lot, 'held', 'available', rest);
		END IF;
		UPDATE ledger_lot y SET remaining = y.remaining - part, held = y.held - e.amount, spent = y.spent + part,
			live = CASE WHEN y.remaining - part > 0 THEN 1 ELSE 0 END WHERE y.lot = e.lot;
		need := need - part;
	END LOOP;
	RETURN id;
END $$;
