-- to files, by day and minute (a sink: connector = 'file', partitioned by the last two columns)
SELECT auction, bidder, price, date_time, extra, to_char(date_time, 'YYYY-MM-DD') AS day, to_char(date_time, 'HH24:MI') AS minute
FROM bid
