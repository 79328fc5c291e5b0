-- sessions of a bidder
SELECT bidder, window_start, window_end, count(*) AS bid_count
FROM (SELECT bidder, date_time, min(date_time) OVER (PARTITION BY bidder, g) AS window_start, max(date_time) OVER (PARTITION BY bidder, g) + INTERVAL '10 seconds' AS window_end
   FROM (SELECT bidder, date_time, sum(fresh) OVER (PARTITION BY bidder ORDER BY date_time) AS g
         FROM (SELECT bidder, date_time, CASE WHEN date_time <= lag(date_time) OVER (PARTITION BY bidder ORDER BY date_time) + INTERVAL '10 seconds' THEN 0 ELSE 1 END AS fresh
               FROM bid) a) b) c
GROUP BY bidder, window_start, window_end
