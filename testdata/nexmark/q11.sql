-- sessions of a bidder
SELECT bidder, window_start, window_end, count(*) AS bid_count
FROM session(bid, date_time, INTERVAL '10 seconds', bidder)
GROUP BY bidder, window_start, window_end
