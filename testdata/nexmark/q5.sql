-- hot items
WITH n AS (
  SELECT window_start, window_end, auction, count(*) AS num
  FROM hop(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds')
  GROUP BY window_start, window_end, auction)
SELECT n.window_start, n.auction, n.num
FROM n JOIN (SELECT window_start, window_end, max(num) AS maxn FROM n GROUP BY window_start, window_end) m
  ON n.window_start = m.window_start AND n.window_end = m.window_end AND n.num >= m.maxn
