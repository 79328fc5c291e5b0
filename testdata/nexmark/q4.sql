-- average closing price by category
SELECT category, avg(final) AS average
FROM (SELECT a.id, a.category, max(b.price) AS final
      FROM auction a JOIN bid b ON b.auction = a.id AND b.date_time BETWEEN a.date_time AND a.expires
      GROUP BY a.id, a.category) q
GROUP BY category
