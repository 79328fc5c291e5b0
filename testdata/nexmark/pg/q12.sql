-- The test sets the clock to a time within this window: windows of processing time
SELECT bidder, window_start, window_end, count(*) AS bid_count
FROM (SELECT *, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS window_start, TIMESTAMPTZ '2026-01-01 00:00:10Z' AS window_end FROM bid) w
GROUP BY bidder, window_start, window_end
