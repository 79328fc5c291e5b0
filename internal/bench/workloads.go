package main

import "strings"

// workload is a query in both languages. %[1]s is the directory of the bids, %[2]s that of the result.
type workload struct {
	name, what string
	ours       string
	duck       string
	floor      float64 // least ratio of speeds
	check      string  // over the result, in DuckDB, with the tables ours and duck: 0 when they agree
}

const ourStream = `CREATE STREAM bids (auction bigint, bidder bigint, price bigint, channel text, "dateTime" timestamptz, url text,
  WATERMARK FOR "dateTime" AS "dateTime" - INTERVAL '2 seconds')
WITH (connector = 'file', path = '%[1]s', format = 'json', max_files_per_trigger = 4);
CREATE SINK result WITH (connector = 'file', path = '%[2]s', format = 'json', trigger = 'available_now') AS
`

const duckBids = `read_json('%[1]s/*.json', format = 'newline_delimited',
  columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', dateTime: 'TIMESTAMP', url: 'VARCHAR'})`

var workloads = []workload{
	{
		name: "W0", what: "filter and projection", floor: 0.8,
		ours:  ourStream + `SELECT auction, bidder, price, channel FROM bids WHERE auction % 10 < 3;`,
		duck:  `COPY (SELECT auction, bidder, price, channel FROM ` + duckBids + ` WHERE auction % 10 < 3) TO '%[2]s' (FORMAT json)`,
		check: `SELECT abs((SELECT count(*) FROM ours) - (SELECT count(*) FROM duck)) + abs((SELECT sum(price) FROM ours) - (SELECT sum(price) FROM duck))`,
	},
	{
		name: "W1", what: "tumbling window of 10 s, count, sum and max of price by auction", floor: 0.8,
		ours: ourStream + `SELECT window_start, auction, count(*) AS n, sum(price) AS total, max(price) AS highest
FROM tumble(bids, "dateTime", INTERVAL '10 seconds') GROUP BY window_start, auction;`,
		duck: `COPY (SELECT time_bucket(INTERVAL 10 seconds, dateTime) AS window_start, auction, count(*) AS n, sum(price)::BIGINT AS total, max(price) AS highest
FROM ` + duckBids + ` GROUP BY ALL) TO '%[2]s' (FORMAT json)`,
		check: windowCheck,
	},
	{
		name: "W2", what: "hopping window of 60 s by 10 s, the same", floor: 1.2,
		ours: ourStream + `SELECT window_start, auction, count(*) AS n, sum(price) AS total, max(price) AS highest
FROM hop(bids, "dateTime", INTERVAL '10 seconds', INTERVAL '60 seconds') GROUP BY window_start, auction;`,
		duck: `COPY (SELECT time_bucket(INTERVAL 10 seconds, dateTime) - INTERVAL 10 seconds * i AS window_start, auction, count(*) AS n,
  sum(price)::BIGINT AS total, max(price) AS highest
FROM ` + duckBids + `, (SELECT unnest(range(6)) AS i) GROUP BY ALL) TO '%[2]s' (FORMAT json)`,
		check: windowCheck,
	},
	{
		name: "W4", what: "joined with a table of 10,000 rows by auction, tumbling window of 10 s, sum of price by category", floor: 0.7,
		ours: `CREATE TABLE auctions (auction bigint PRIMARY KEY, category int);
INSERT INTO auctions SELECT i, i % 20 FROM generate_series(1000, 10999) i;
` + ourStream + `SELECT window_start, category, count(*) AS n, sum(price) AS total, max(price) AS highest
FROM tumble(bids, "dateTime", INTERVAL '10 seconds') b JOIN auctions FOR SYSTEM_TIME AS OF PROCTIME() a ON a.auction = b.auction
GROUP BY window_start, category;`,
		duck: `COPY (WITH auctions AS MATERIALIZED (SELECT i AS auction, i % 20 AS category FROM range(1000, 11000) r(i))
SELECT time_bucket(INTERVAL 10 seconds, dateTime) AS window_start, category, count(*) AS n, sum(price)::BIGINT AS total, max(price) AS highest
FROM ` + duckBids + ` JOIN auctions USING (auction) GROUP BY ALL) TO '%[2]s' (FORMAT json)`,
		check: strings.ReplaceAll(windowCheck, "auction", "category"),
	},
}

// windowCheck counts groups that differ; append mode has not closed the last windows.
const windowCheck = `SELECT count(*) FROM (SELECT window_start::TIMESTAMP AS w, auction, n, total::BIGINT AS total, highest FROM ours) o
FULL JOIN (SELECT window_start::TIMESTAMP AS w, auction, n, total, highest FROM duck) d USING (w, auction)
WHERE (o.n IS NULL AND w <= (SELECT max(window_start::TIMESTAMP) FROM ours)) OR d.n IS NULL OR o.n <> d.n OR o.total <> d.total OR o.highest <> d.highest`
