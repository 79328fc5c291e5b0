package lawtest

// lateKind is a query with an operator that drops late rows. {s1} and {s2} stand for the streams less the row that closes all; what stands in
// {late ...} is said to PostgreSQL only, whose rows have the watermark at the start of the trigger that read them as wm, and so is {wm}.
type lateKind struct {
	name    string
	sql     string
	dropped string // how many rows were late, for PostgreSQL; "": not compared
	modes   []string
	both    bool // reads s2, too
	against against
}

// against is what a query's result is held against.
type against int

const (
	byPostgres against = iota // the SELECT in PostgreSQL over the rows that were not late
	byBatch                   // PostgreSQL has no such query: the batch SELECT over the rows that were not late by the time itself
	bySessions                // sessionModel: whether a row is late, the session says that it goes on
)

var (
	changing = []string{"update", "append", "complete"}
	final    = []string{"append"}
	bounded  = []string{"update", "append"}
)

const (
	noTimes    = "(SELECT count(*) FROM {s1} x WHERE ts IS NULL)"
	lateWindow = "SELECT count(*) + " + noTimes + " FROM "
)

var lateKinds = []lateKind{
	{"tumble", "SELECT window_start, window_end, k, count(*), sum(v), max(v) FROM @tumble({s1}¦ts¦10)@ AS a WHERE v <> 3{late AND window_end > wm} GROUP BY window_start, window_end, k",
		"", changing, false, byPostgres},
	{"tumble count", "SELECT window_start, count(DISTINCT k), string_agg(v::text, ',' ORDER BY v) FROM @tumble({s1}¦ts¦5)@ AS a WHERE true{late AND window_end > wm} GROUP BY window_start",
		lateWindow + "@tumble({s1}¦ts¦5)@ AS a WHERE window_end <= wm", changing, false, byPostgres},
	{"cumulate", "SELECT window_start, window_end, count(*), min(v) FROM @cumulate({s1}¦ts¦5¦20)@ AS a WHERE true{late AND window_end > wm} GROUP BY window_start, window_end",
		"", changing, false, byPostgres},
	{"hop", "SELECT window_start, window_end, k, count(*), sum(v) FROM @hop({s1}¦ts¦5¦15)@ AS a WHERE true{late AND window_end > wm} GROUP BY window_start, window_end, k",
		lateWindow + "@hop({s1}¦ts¦5¦15)@ AS a WHERE window_end <= wm", changing, false, byPostgres},
	{"having", "SELECT window_end, sum(v) FROM @tumble({s1}¦ts¦10)@ AS a WHERE true{late AND window_end > wm} GROUP BY window_end HAVING count(*) > 1",
		lateWindow + "@tumble({s1}¦ts¦10)@ AS a WHERE window_end <= wm", changing, false, byPostgres},
	{"date_trunc", "SELECT date_trunc('minute', ts) AS m, count(*), sum(v) FROM {s1} AS a WHERE ts IS NOT NULL{late AND date_trunc('minute', ts) + interval '1 minute' > wm} GROUP BY m",
		"", changing, false, byPostgres},
	{"date_bin", "SELECT k, date_bin('10 seconds', ts, TIMESTAMPTZ '2026-01-01 00:00:03Z') AS m, count(*) FROM {s1} AS a WHERE true{late AND date_bin('10 seconds', ts, TIMESTAMPTZ '2026-01-01 00:00:03Z') + interval '10 seconds' > wm} GROUP BY k, m",
		"SELECT count(*) FROM {s1} AS a WHERE ts IS NULL OR date_bin('10 seconds', ts, TIMESTAMPTZ '2026-01-01 00:00:03Z') + interval '10 seconds' <= wm", bounded, false, byPostgres},
	{"time", "SELECT ts, k, count(*), max(id) FROM {s1} AS a WHERE true{late AND ts >= wm} GROUP BY ts, k",
		"SELECT count(*) FROM {s1} AS a WHERE ts IS NULL OR ts < wm", bounded, false, byPostgres},
	{"distinct", "SELECT DISTINCT ts, k FROM {s1} AS a WHERE true{late AND ts >= wm}",
		"SELECT count(*) FROM {s1} AS a WHERE ts IS NULL OR ts < wm", bounded, false, byPostgres},
	{"distinct window", "SELECT DISTINCT window_end, k FROM @tumble({s1}¦ts¦10)@ AS a WHERE true{late AND window_end > wm}",
		lateWindow + "@tumble({s1}¦ts¦10)@ AS a WHERE window_end <= wm", bounded, false, byPostgres},
	{"chain", "SELECT window_start, window_end, sum(n), count(*) FROM @tumble((SELECT window_end - interval '1 second' AS t, k, count(*) AS n FROM @tumble({s1}¦ts¦5)@ AS a WHERE true{late AND window_end > wm} GROUP BY window_start, window_end, k)¦t¦20)@ AS b GROUP BY window_start, window_end",
		"", []string{"complete"}, false, byPostgres},
	{"window of window", "SELECT window_start, window_end, sum(n), count(*) FROM @tumble((SELECT window_start AS t, k, count(*) AS n FROM @tumble({s1}¦ts¦5)@ AS a WHERE true{late AND window_end > wm} GROUP BY window_start, window_end, k)¦t¦20)@ AS b GROUP BY window_start, window_end",
		lateWindow + "@tumble({s1}¦ts¦5)@ AS a WHERE window_end <= wm", changing, false, byPostgres},
	{"union", "SELECT window_start, window_end, count(*), sum(v) FROM @tumble((SELECT v, ts{wm} FROM {s1} AS a UNION ALL SELECT v, ts{wm} FROM {s2} AS b)¦ts¦10)@ AS c WHERE true{late AND window_end > wm} GROUP BY window_start, window_end",
		"", changing, true, byPostgres},
	{"join", "SELECT a.id, b.id AS other FROM {s1} AS a JOIN {s2} AS b ON a.k = b.k AND a.ts BETWEEN b.ts - INTERVAL '10 seconds' AND b.ts + INTERVAL '5 seconds'{late AND a.ts >= a.wm AND b.ts >= b.wm}",
		"", bounded, true, byPostgres},
	{"left join", "SELECT a.id, b.id AS other FROM {s1} AS a LEFT JOIN {s2} AS b ON a.k = b.k AND a.ts BETWEEN b.ts AND b.ts + INTERVAL '20 seconds'{late AND b.ts >= b.wm WHERE a.ts IS NULL OR a.ts >= a.wm}",
		"SELECT (SELECT count(*) FROM {s1} x WHERE ts < wm) + (SELECT count(*) FROM {s2} x WHERE ts < wm)", bounded, true, byPostgres},
	{"window join", "SELECT a.window_start, a.id, b.id AS other FROM @tumble({s1}¦ts¦10)@ AS a JOIN @tumble({s2}¦ts¦10)@ AS b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k{late AND a.window_end > a.wm AND b.window_end > b.wm}",
		"", bounded, true, byPostgres},
	{"over", "SELECT id, sum(v) OVER (PARTITION BY k ORDER BY ts, id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), row_number() OVER (PARTITION BY k ORDER BY ts, id) FROM {s1} AS a WHERE true{late AND ts >= wm}",
		"SELECT count(*) FROM {s1} AS a WHERE ts IS NULL OR ts < wm", final, false, byPostgres},
	{"top-n", "SELECT window_start, k, id FROM (SELECT window_start, window_end, k, id, row_number() OVER (PARTITION BY window_start, window_end, k ORDER BY v DESC, id) AS n FROM @tumble({s1}¦ts¦10)@ AS a WHERE true{late AND window_end > wm}) AS q WHERE n <= 2",
		"", bounded, false, byPostgres},
	{"distinct on", "SELECT DISTINCT ON (k) k, id, ts FROM {s1} AS a WHERE true{late AND ts >= wm} ORDER BY k, ts, id",
		"", final, false, byPostgres},
	{"match", "SELECT k, x, y FROM {s1} MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts, id MEASURES A.id AS x, LAST(B.id) AS y AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+) WITHIN INTERVAL '20 seconds' DEFINE B AS B.v > PREV(B.v)) AS m",
		"SELECT count(*) FROM {s1} AS a WHERE ts IS NULL OR ts < wm", bounded, false, byBatch},
	{"match next", "SELECT k, x, y FROM {s1} MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts, id MEASURES A.id AS x, count(*) AS y AFTER MATCH SKIP TO NEXT ROW PATTERN (A+? C) WITHIN INTERVAL '15 seconds' DEFINE A AS A.v < 25, C AS C.v > FIRST(A.v) AND C.k <> 1) AS m",
		"", bounded, false, byBatch},
	{"session", "SELECT k, window_start, window_end, count(*), sum(v), max(id) FROM @session({s1}¦ts¦6¦k)@ AS a GROUP BY k, window_start, window_end",
		"", changing, false, bySessions},
	{"session rows", "SELECT k, window_start, window_end, count(DISTINCT id), sum(v), max(id) FROM @session({s1}¦ts¦6¦k)@ AS a GROUP BY k, window_start, window_end",
		"", changing, false, bySessions},
}
