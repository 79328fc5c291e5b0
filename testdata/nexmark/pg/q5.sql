-- hot items
WITH n AS (
  SELECT window_start, window_end, auction, count(*) AS num
  FROM (SELECT x.*, y.s - i * INTERVAL '2 seconds' AS window_start, y.s - i * INTERVAL '2 seconds' + INTERVAL '10 seconds' AS window_end
   FROM bid x, LATERAL (SELECT date_bin('2 seconds', x.date_time, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS s) y, generate_series(0, 4) i) w
  GROUP BY window_start, window_end, auction)
SELECT n.window_start, n.auction, n.num
FROM n JOIN (SELECT window_start, window_end, max(num) AS maxn FROM n GROUP BY window_start, window_end) m
  ON n.window_start = m.window_start AND n.window_end = m.window_end AND n.num >= m.maxn
