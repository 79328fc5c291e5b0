-- windows of processing time
SELECT bidder, window_start, window_end, count(*) AS bid_count
FROM tumble((SELECT *, PROCTIME() AS p_time FROM bid), p_time, INTERVAL '10 seconds')
GROUP BY bidder, window_start, window_end
