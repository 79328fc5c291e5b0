-- the ten highest bids of an auction
SELECT auction, bidder, price, channel, url, date_time, extra, rn
FROM (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC, date_time, bidder) AS rn FROM bid) w
WHERE rn <= 10
