package main

// query is one query of the benchmark.
type query struct {
	name   string
	floor  int64  // events a second that it must reach
	events int64  // events that it is run over
	with   string // options of the sink beside its connector
	side   bool   // it reads the table side_input
	sql    string
}

const (
	cheap = 10_000_000
	dear  = 2_000_000
)

// queries are q0 to q22, in their order. Where the public query writes files, so does this one.
var queries = []query{
	{name: "q0", floor: 3e6, events: cheap, sql: `SELECT auction, bidder, price, date_time, extra FROM bid`},
	{name: "q1", floor: 3e6, events: cheap, sql: `SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid`},
	{name: "q2", floor: 3e6, events: cheap, sql: `SELECT auction, price FROM bid WHERE mod(auction, 123) = 0`},
	{name: "q3", floor: 800e3, events: cheap, sql: `SELECT p.name, p.city, p.state, a.id
FROM auction a JOIN person p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`},
	{name: "q4", floor: 200e3, events: dear, with: update, sql: `SELECT category, avg(final) AS average
FROM (SELECT a.id, a.category, max(b.price) AS final
      FROM auction a JOIN bid b ON b.auction = a.id AND b.date_time BETWEEN a.date_time AND a.expires
      GROUP BY a.id, a.category) q
GROUP BY category`},
	{name: "q5", floor: 500e3, events: cheap, sql: `WITH n AS (
  SELECT window_start, window_end, auction, count(*) AS num
  FROM hop(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds')
  GROUP BY window_start, window_end, auction)
SELECT n.window_start, n.auction, n.num
FROM n JOIN (SELECT window_start, window_end, max(num) AS maxn FROM n GROUP BY window_start, window_end) m
  ON n.window_start = m.window_start AND n.window_end = m.window_end AND n.num >= m.maxn`},
	{name: "q6", floor: 200e3, events: dear, with: update, sql: `SELECT seller, id, avg(final) OVER (PARTITION BY seller ORDER BY date_time, id
                                    ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS average
FROM (SELECT a.id, a.seller, b.price AS final, b.date_time,
             row_number() OVER (PARTITION BY a.id, a.seller ORDER BY b.price DESC, b.date_time, b.bidder) AS rn
      FROM auction a JOIN bid b ON b.auction = a.id AND b.date_time BETWEEN a.date_time AND a.expires) w
WHERE rn <= 1`},
	{name: "q7", floor: 500e3, events: cheap, sql: `SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM bid b JOIN (SELECT window_end, max(price) AS maxprice
                 FROM tumble(bid, date_time, INTERVAL '10 seconds') GROUP BY window_end) m
  ON b.price = m.maxprice AND b.date_time BETWEEN m.window_end - INTERVAL '10 seconds' AND m.window_end`},
	{name: "q8", floor: 800e3, events: cheap, sql: `SELECT p.id, p.name, p.window_start
FROM (SELECT id, name, window_start, window_end
      FROM tumble(person, date_time, INTERVAL '10 seconds') GROUP BY id, name, window_start, window_end) p
JOIN (SELECT seller, window_start, window_end
      FROM tumble(auction, date_time, INTERVAL '10 seconds') GROUP BY seller, window_start, window_end) a
  ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end`},
	{name: "q9", floor: 200e3, events: dear, with: update, sql: `SELECT id, item_name, description, initial_bid, reserve, date_time, expires, seller, category, extra,
       auction, bidder, price, bid_date_time, bid_extra
FROM (SELECT a.*, b.auction, b.bidder, b.price, b.date_time AS bid_date_time, b.extra AS bid_extra,
             row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time, b.bidder) AS rn
      FROM auction a JOIN bid b ON b.auction = a.id AND b.date_time BETWEEN a.date_time AND a.expires) w
WHERE rn <= 1`},
	{name: "q10", floor: 600e3, events: dear, with: files, sql: `SELECT auction, bidder, price, date_time, extra,
       to_char(date_time, 'YYYY-MM-DD') AS day, to_char(date_time, 'HH24:MI') AS minute
FROM bid`},
	{name: "q11", floor: 800e3, events: cheap, sql: `SELECT bidder, window_start, window_end, count(*) AS bid_count
FROM session(bid, date_time, INTERVAL '10 seconds', bidder)
GROUP BY bidder, window_start, window_end`},
	{name: "q12", floor: 500e3, events: cheap, sql: `SELECT bidder, window_start, window_end, count(*) AS bid_count
FROM tumble((SELECT *, PROCTIME() AS p_time FROM bid), p_time, INTERVAL '10 seconds')
GROUP BY bidder, window_start, window_end`},
	{name: "q13", floor: 800e3, events: cheap, side: true, sql: `SELECT b.auction, b.bidder, b.price, b.date_time, s.value
FROM bid b JOIN side_input FOR SYSTEM_TIME AS OF PROCTIME() AS s ON mod(b.auction, 10000) = s.key`},
	{name: "q14", floor: 800e3, events: cheap, sql: `SELECT auction, bidder, 0.908 * price AS price,
       CASE WHEN extract(hour FROM date_time) BETWEEN 8 AND 18 THEN 'dayTime'
            WHEN extract(hour FROM date_time) <= 6 OR extract(hour FROM date_time) >= 20 THEN 'nightTime'
            ELSE 'otherTime' END AS bid_time_type,
       date_time, extra, length(extra) - length(replace(extra, 'c', '')) AS c_counts
FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`},
	{name: "q15", floor: 500e3, events: cheap, with: update, sql: `SELECT to_char(date_time, 'YYYY-MM-DD') AS day,` + counts + `
FROM bid GROUP BY to_char(date_time, 'YYYY-MM-DD')`},
	{name: "q16", floor: 500e3, events: cheap, with: update, sql: `SELECT channel, to_char(date_time, 'YYYY-MM-DD') AS day, max(to_char(date_time, 'HH24:MI')) AS minute,` + counts + `
FROM bid GROUP BY channel, to_char(date_time, 'YYYY-MM-DD')`},
	{name: "q17", floor: 500e3, events: cheap, with: update, sql: `SELECT auction, to_char(date_time, 'YYYY-MM-DD') AS day,` + ranks + `,
       min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price, sum(price) AS sum_price
FROM bid GROUP BY auction, to_char(date_time, 'YYYY-MM-DD')`},
	{name: "q18", floor: 200e3, events: dear, with: update, sql: `SELECT auction, bidder, price, channel, url, date_time, extra
FROM (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price DESC) AS rn FROM bid) w
WHERE rn <= 1`},
	{name: "q19", floor: 200e3, events: dear, with: update, sql: `SELECT auction, bidder, price, channel, url, date_time, extra, rn
FROM (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC, date_time, bidder) AS rn FROM bid) w
WHERE rn <= 10`},
	{name: "q20", floor: 200e3, events: dear, sql: `SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.date_time, b.extra, a.item_name, a.description, a.initial_bid, a.reserve,
       a.date_time AS auction_date_time, a.expires, a.seller, a.category, a.extra AS auction_extra
FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10`},
	{name: "q21", floor: 600e3, events: cheap, sql: `SELECT auction, bidder, price, channel,
       CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
            ELSE (regexp_match(url, '(&|^)channel_id=([^&]*)'))[2] END AS channel_id
FROM bid
WHERE (regexp_match(url, '(&|^)channel_id=([^&]*)'))[2] IS NOT NULL OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')`},
	{name: "q22", floor: 600e3, events: cheap, sql: `SELECT auction, bidder, price, channel,
       split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3
FROM bid`},
}

const (
	update = ", output_mode = 'update'"
	// files stands for a directory of CSV files.
	files = "files"
	// ranks and counts are columns that several queries share.
	ranks = ` count(*) AS total_bids,
       count(*) FILTER (WHERE price < 10000) AS rank1_bids,
       count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids,
       count(*) FILTER (WHERE price >= 1000000) AS rank3_bids`
	counts = ranks + `,
       count(DISTINCT bidder) AS total_bidders,
       count(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders,
       count(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bidders,
       count(DISTINCT bidder) FILTER (WHERE price >= 1000000) AS rank3_bidders,
       count(DISTINCT auction) AS total_auctions,
       count(DISTINCT auction) FILTER (WHERE price < 10000) AS rank1_auctions,
       count(DISTINCT auction) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_auctions,
       count(DISTINCT auction) FILTER (WHERE price >= 1000000) AS rank3_auctions`
)
