-- highest bid of each ten seconds (the public form: the bid may also lie on the window's end)
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM bid b JOIN (SELECT window_end, max(price) AS maxprice
                 FROM (SELECT x.*, y.s AS window_start, y.s + INTERVAL '10 seconds' AS window_end
   FROM bid x, LATERAL (SELECT date_bin('10 seconds', x.date_time, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS s) y) w GROUP BY window_end) m
  ON b.price = m.maxprice AND b.date_time BETWEEN m.window_end - INTERVAL '10 seconds' AND m.window_end
