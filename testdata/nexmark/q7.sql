-- highest bid of each ten seconds (the public form: the bid may also lie on the window's end)
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM bid b JOIN (SELECT window_end, max(price) AS maxprice
                 FROM tumble(bid, date_time, INTERVAL '10 seconds') GROUP BY window_end) m
  ON b.price = m.maxprice AND b.date_time BETWEEN m.window_end - INTERVAL '10 seconds' AND m.window_end
