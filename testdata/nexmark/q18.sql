-- the last bid of a bidder on an auction
SELECT auction, bidder, price, channel, url, date_time, extra
FROM (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price DESC) AS rn FROM bid) w
WHERE rn <= 1
