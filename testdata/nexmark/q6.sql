-- a seller's average over the last ten closed auctions and this one
SELECT seller, id, avg(final) OVER (PARTITION BY seller ORDER BY date_time, id
                                    ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS average
FROM (SELECT a.id, a.seller, b.price AS final, b.date_time,
             row_number() OVER (PARTITION BY a.id, a.seller ORDER BY b.price DESC, b.date_time, b.bidder) AS rn
      FROM auction a JOIN bid b ON b.auction = a.id AND b.date_time BETWEEN a.date_time AND a.expires) w
WHERE rn <= 1
